// What of a node ends by itself: its certificate, policies that name a day, open invitations, keys of epochs. Somebody has to do something
// about the first two before they end, and is told so in time.
import { X509Certificate } from "node:crypto";
import { quoted } from "@halfroom/wire/words";
import type { Settings } from "../config/schema.ts";
import type { NodeState } from "../node-state.ts";
import { DAY_MS } from "../time.ts";

export interface Expiry {
  readonly what: "certificate" | "policy" | "invitation" | "epoch";
  /** The partner whom it concerns, and the dataset of a policy after a slash; "" for the certificate. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Days before the end at which an operator is told. */
export const TOLD_DAYS = [30, 7] as const;
/** What ends and is replaced, or is meant to end, needs nobody. */
const NEEDS_SOMEBODY: readonly Expiry["what"][] = ["certificate", "policy"];

type Ending = Pick<NodeState, "identity" | "invitations" | "epochs">;

/** All that has an end, policies that have ended included. */
export function expiriesOf(
  { identity, invitations, epochs }: Ending,
  { policies }: Pick<Settings, "policies">,
  now: number,
): Expiry[] {
  const { validTo } = new X509Certificate(identity.tls.certificate);
  return [
    { what: "certificate", name: "", at: Date.parse(validTo) },
    ...policies.flatMap(({ partner, dataset, expires }): Expiry[] =>
      expires === undefined ? [] : [{ what: "policy", name: `${partner}/${dataset}`, at: expires }],
    ),
    ...invitations.unused(now).map(({ name, expiresAt }): Expiry => {
      return { what: "invitation", name, at: expiresAt };
    }),
    ...epochs
      .running(now)
      .map(({ partner, endsAt }): Expiry => ({ what: "epoch", name: partner, at: endsAt })),
  ];
}

/** Days from `now` on; below zero for what has ended. */
export function daysLeft({ at }: Expiry, now: number): number {
  return (at - now) / DAY_MS;
}

/** The smallest of `TOLD_DAYS` that the end is within, or 0 once it has come; undefined as long as nobody has to do anything. */
export function urgency(expiry: Expiry, now: number): number | undefined {
  if (!NEEDS_SOMEBODY.includes(expiry.what)) return undefined;
  const days = daysLeft(expiry, now);
  return days <= 0 ? 0 : TOLD_DAYS.findLast((told) => days <= told);
}

/** One sentence without its full stop: what ends when, and the remedy. */
export function expiryWords(expiry: Expiry, now: number): string {
  const { what, name, at } = expiry;
  const day = new Date(at).toISOString().slice(0, 10);
  const days = Math.floor(daysLeft(expiry, now));
  const ends = days < 0 ? `ended on ${day}` : `ends on ${day}, in ${days} day${days === 1 ? "" : "s"}`;
  return {
    certificate: `this node's certificate ${ends}: make a new node with \`halfroom init\` in another folder, and meet each partner anew`,
    policy: `the policy ${quoted(name)} ${ends}: give it another \`expires\` with \`halfroom policy add\``,
    invitation: `the invitation of ${quoted(name)} ${ends}`,
    epoch: `the key of the epoch with ${quoted(name)} ${ends}; the next session makes another one, and all pseudonyms anew`,
  }[what];
}
