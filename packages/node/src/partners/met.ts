// Who is at the other end of a connection, as its certificate says, and what follows from it here: a partner that names another identity
// is shown to the people of this side, and one that uses another certificate is followed to it.
import type { X509Certificate } from "node:crypto";
import type { TlsPeer } from "@halfroom/transport";
import { ProtocolError } from "@halfroom/wire";
import { quoted } from "@halfroom/wire/words";
import { fingerprintOf } from "../identity/fingerprint.ts";
import type { NodeState } from "../node-state.ts";
import type { Partner } from "./partners.ts";
import type { Standing } from "./successions.ts";

type Meeting = Pick<NodeState, "successions" | "audit" | "clock">;

/** Whose certificate it is; a partner's new identity is noted in the audit log when it is seen first. Undefined for a stranger's. */
export function standingOf(
  { successions, audit, clock }: Meeting,
  certificate: X509Certificate,
): Standing | undefined {
  const now = clock.now();
  return successions.standingOf(certificate, now, ({ name }) =>
    audit.append("successor-held", { partner: name, fingerprint: fingerprintOf(certificate) }, now),
  );
}

/** For a node that dials this partner: whether the certificate that answers is its. Errors: `identity`, if a person has to confirm it first. */
export function answersFor(node: Meeting, { name, owner }: Partner): (peer: TlsPeer) => boolean {
  return ({ certificate, fingerprint }) => {
    const found = standingOf(node, certificate);
    if (found?.partner.name !== name || found.partner.owner !== owner) return false;
    if (!found.isHeld) return true;
    throw new ProtocolError(
      "identity",
      `${quoted(name)} answers with a new identity: ask its people for the fingerprint, by telephone for example, and if it is ${fingerprint}: halfroom partners confirm ${name} ${fingerprint}`,
    );
  };
}

/**
 * The partner that uses this certificate, which from now on is the pinned one. Undefined if it is nobody's, or of a certificate that has
 * given way.
 */
export function follow(
  { successions, audit, clock, store }: Meeting & Pick<NodeState, "store">,
  fingerprint: string,
): Partner | undefined {
  const now = clock.now();
  const partner = successions.byFingerprint(fingerprint, now);
  if (partner === undefined) return undefined;
  store.transaction(() => {
    const followed = successions.follow(partner, now);
    if (followed === undefined) return;
    const { from, to, isOtherIdentity } = followed;
    const what = isOtherIdentity ? "identity" : "certificate";
    audit.append("partner-followed", { partner: partner.name, what, from, to }, now);
  });
  return partner;
}
