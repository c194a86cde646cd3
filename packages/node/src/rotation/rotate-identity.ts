// Another certificate, or another identity, for this node (protocol-spec.md, section 6.5). It is made first and kept, sealed, beside the one of
// today; each partner that can be dialled is dialled with it, which shows it to its node, and its answer says whether it lets it in. Then
// it takes today's place.
import { ProtocolError } from "@halfroom/wire";
import { OperatorError } from "../errors.ts";
import type { NextIdentity } from "../identity/own-identities.ts";
import { makeIdentity, newSigningKey, succeed } from "../identity/make-identity.ts";
import type { NodeState } from "../node-state.ts";
import { reach } from "../partners/dial.ts";
import type { Partner } from "../partners/partners.ts";

export type IdentityPart = "certificate" | "identity";

/**
 * What a partner makes of the next certificate. follows: it lets it in. waits: it does not, until a person there has confirmed the identity,
 * or at all, if its version is older. away: it does not answer. dials: it gave no address, and sees the certificate when it calls.
 */
export interface PartnerStanding {
  readonly partner: string;
  readonly standing: "follows" | "waits" | "away" | "dials";
}

export interface Rotation {
  readonly part: IdentityPart;
  /** Of the certificates, 64 hexadecimal digits. */
  readonly from: string;
  readonly to: string;
  /** Whether the new one is in use. */
  readonly isDone: boolean;
  readonly partners: readonly PartnerStanding[];
  /** Who is invited and has not joined: those tokens name the certificate of before. */
  readonly invited: readonly string[];
}

/**
 * Makes the next certificate or identity, or takes up the one that waits; it is used from now on if every partner follows, or if `anyway`.
 * Errors: `rotation`, if the other kind waits, or for another identity as long as sessions are not over (only without `anyway`).
 */
export async function rotateIdentity(
  node: NodeState,
  part: IdentityPart,
  { anyway }: { readonly anyway: boolean },
): Promise<Rotation> {
  node.store.assertWritable();
  await node.identity.refresh();
  const next = node.own.next() ?? (await begin(node, part));
  if (next.isOtherIdentity !== (part === "identity")) throw otherFirst(next);
  const partners = await Promise.all(node.partners.list().map((partner) => ask(node, partner, next)));
  const [from, to] = [node.identity.fingerprint, next.identity.fingerprint];
  const invited = node.invitations.names(node.clock.now());
  const facts = { part, from, to, partners, invited };
  if (!anyway && !partners.every(({ standing }) => standing === "follows"))
    return { ...facts, isDone: false };
  if (part === "identity" && !anyway) assertNothingUnfinished(node);
  const now = node.clock.now();
  node.own.switch(now, () => node.audit.append("rotated", { what: part, from, to }, now));
  await node.identity.refresh();
  return { ...facts, isDone: true };
}

async function begin(
  { own, identity, audit, clock, store }: NodeState,
  part: IdentityPart,
): Promise<NextIdentity> {
  const now = clock.now();
  const number = Math.max(identity.number + 1, now);
  const key = part === "identity" ? newSigningKey() : identity.privateKey;
  const successors =
    part === "identity"
      ? [...identity.successors, succeed(identity.privateKey, key, number)]
      : identity.successors;
  const files = await makeIdentity(key, successors, number);
  store.transaction(() => {
    if (own.next() !== undefined) return;
    own.prepare(files, now);
    audit.append("rotation-begun", { what: part, to: own.next()!.identity.fingerprint }, now);
  });
  return own.next()!;
}

function otherFirst({ isOtherIdentity }: NextIdentity): OperatorError {
  const waiting = isOtherIdentity ? "identity" : "certificate";
  return new OperatorError(
    "rotation",
    `Another ${waiting} waits to be used; bring that to its end first, with: halfroom rotate ${waiting}`,
  );
}

/** Whoever has to sign for the old identity cannot do so any more. */
function assertNothingUnfinished({ sessions }: NodeState): void {
  const [running, incomplete] = [sessions.working().length, sessions.completable().length];
  if (running + incomplete === 0) return;
  const words =
    running > 0
      ? "a session runs: its connections could not come back; wait until it is over"
      : "a session lacks the partner's receipt, which the old identity has to sign for: halfroom complete does that";
  throw new OperatorError("rotation", `The identity stays for now: ${words}, or give --now.`);
}

/** Shows the next certificate to the partner. */
async function ask(node: NodeState, partner: Partner, { identity }: NextIdentity): Promise<PartnerStanding> {
  const { name, address } = partner;
  if (address === "") return { partner: name, standing: "dials" };
  try {
    await reach(node, partner, identity);
    return { partner: name, standing: "follows" };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { partner: name, standing: error.code === "identity" ? "waits" : "away" };
  }
}
