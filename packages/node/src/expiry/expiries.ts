// What of a node ends by itself: its certificate, policies that name a day, templates, API tokens, open invitations, keys of epochs; and what its
// owner wants replaced in time: its identity, the root of its vault. Somebody has to do something about all but invitations and epochs, and is told so
// in time.
import { X509Certificate } from "node:crypto";
import { quoted } from "@halfroom/wire/words";
import type { Settings } from "../config/schema.ts";
import type { NodeState } from "../node-state.ts";
import { notEnded, type Dated } from "../templates/not-ended.ts";
import type { TemplateRow } from "../templates/template-store.ts";
import { DAY_MS } from "../time.ts";
import { rootSince } from "../vault/node-vault.ts";

export interface Expiry {
  readonly what:
    "certificate" | "identity" | "vault" | "policy" | "template" | "token" | "invitation" | "epoch";
  /**
   * The partner whom it concerns, and after a slash the dataset of a policy, the name of a template of ours, the first digits of the id of a
   * template of the partner's, which has written its name; of a token its own; "" for what is the node's own.
   */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** When it was made, where it may have been made for a short while only. */
  readonly since?: number;
  readonly template?: TemplateRow;
}

/** Days before the end at which an operator is told. */
export const TOLD_DAYS = [30, 7] as const;
/** What ends and is replaced, or is meant to end, needs nobody. */
const NEEDS_SOMEBODY: readonly Expiry["what"][] = [
  "certificate",
  "identity",
  "vault",
  "policy",
  "template",
  "token",
];
/** Of a template's id, as commands print it. */
const DIGITS = 12;
/** A token that nobody missed so long after its end is not spoken of any more. */
const TOKEN_MS = 7 * DAY_MS;

type Ending = Pick<
  NodeState,
  "identity" | "invitations" | "epochs" | "own" | "store" | "templates" | "tokens"
>;

/** All that has an end, policies that have ended included; of templates those that hold. */
export function expiriesOf(
  { identity, invitations, epochs, own, store, templates, tokens }: Ending,
  { policies, rotate_days: rotateDays }: Pick<Settings, "policies" | "rotate_days">,
  now: number,
): Expiry[] {
  const { validTo } = new X509Certificate(identity.tls.certificate);
  return [
    { what: "certificate", name: "", at: Date.parse(validTo) },
    ...(rotateDays === 0 ? [] : ownKeys({ own, store }, rotateDays * DAY_MS)),
    ...policies.flatMap(({ partner, dataset, expires }): Expiry[] =>
      expires === undefined ? [] : [{ what: "policy", name: `${partner}/${dataset}`, at: expires }],
    ),
    ...notEnded({ templates }, "valid", now).map(templateExpiry),
    ...tokens.list().flatMap(({ name, createdAt, expiresAt, revokedAt }): Expiry[] => {
      const isOver = revokedAt !== undefined || expiresAt < now - TOKEN_MS;
      return isOver ? [] : [{ what: "token", name, at: expiresAt, since: createdAt }];
    }),
    ...invitations.unused(now).map(({ name, expiresAt }): Expiry => {
      return { what: "invitation", name, at: expiresAt };
    }),
    ...epochs
      .running(now)
      .map(({ partner, endsAt }): Expiry => ({ what: "epoch", name: partner, at: endsAt })),
  ];
}

function templateExpiry({ row, expiresAt }: Dated): Expiry {
  const { owner, partner, name, digest, at } = row;
  const which = owner === "us" ? name : digest.slice(0, DIGITS);
  return { what: "template", name: `${partner}/${which}`, at: expiresAt, since: at, template: row };
}

/** What is told to be replaced once it is as old as the owner wants it to become. */
function ownKeys({ own, store }: Pick<Ending, "own" | "store">, ageMs: number): Expiry[] {
  return [
    { what: "identity", name: "", at: own.since + ageMs },
    { what: "vault", name: "", at: rootSince(store) + ageMs },
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
  // What was made for a week or less ends as whoever made it expects.
  const lasted = expiry.since === undefined ? Infinity : (expiry.at - expiry.since) / DAY_MS;
  const told = TOLD_DAYS.filter((each) => each < lasted);
  if (days <= 0) return told.length === 0 ? undefined : 0;
  return told.findLast((each) => days <= each);
}

/** One sentence without its full stop: what ends when, and the remedy. */
export function expiryWords(expiry: Expiry, now: number): string {
  const { what, name, at } = expiry;
  const day = new Date(at).toISOString().slice(0, 10);
  const days = Math.floor(daysLeft(expiry, now));
  const ends = days < 0 ? `ended on ${day}` : `ends on ${day}, in ${days} day${days === 1 ? "" : "s"}`;
  return {
    certificate: `this node's certificate ${ends}: halfroom rotate certificate`,
    identity: `the time that \`rotate_days\` gives this node's identity ${ends}: halfroom rotate identity`,
    vault: `the time that \`rotate_days\` gives the root of this node's vault ${ends}: halfroom rotate vault`,
    policy: `the policy ${quoted(name)} ${ends}: give it another end, in its form in the console or as \`expires\` with \`halfroom policy add\``,
    template: templateWords(expiry, ends),
    token: `the API token ${quoted(name)} ${ends}: halfroom token create`,
    invitation: `the invitation of ${quoted(name)} ${ends}`,
    epoch: `the key of the epoch with ${quoted(name)} ${ends}; the next session makes another one, and all pseudonyms anew`,
  }[what];
}

function templateWords({ name, template }: Expiry, ends: string): string {
  if (template?.owner !== "partner")
    return `the template ${quoted(name)} ${ends}: publish a version with a later \`expires\` with \`halfroom templates publish\`, or let it end`;
  const id = template.digest.slice(0, DIGITS);
  return `the template ${id} by ${quoted(template.partner)} ${ends}: ask its people for a newer version, or let it end; halfroom templates show ${id} says what it is`;
}
