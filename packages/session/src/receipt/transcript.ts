// Both sides' signatures on the messages of a session so far (protocol-spec.md, section 13.2).
import { encodeParts } from "@halfroom/crypto";
import { otherRole, type Role } from "@halfroom/mpc";
import type { Transcript } from "@halfroom/release";
import type { OpenChannel } from "@halfroom/wire";
import { verifySignature } from "../agreement/keys.ts";
import type { Site } from "../site.ts";

/** What is signed: 32 bytes of digest in a session and role. */
export function signedTranscript(session: Uint8Array, role: Role, digest: Uint8Array): Uint8Array {
  return encodeParts("transcript/signature", session, [role, digest]);
}

/** The transcript of `ch`, signed by this side's key and verified under the partner's pinned one. */
export function transcriptOf(
  ch: Pick<OpenChannel, "transcript">,
  { session, role }: { readonly session: Uint8Array; readonly role: Role },
  { sign, partnerKey }: Pick<Site, "sign" | "partnerKey">,
): Transcript {
  return {
    digest: () => ch.transcript(),
    sign: (digest) => sign(signedTranscript(session, role, digest)),
    isSigned: (digest, signature) =>
      verifySignature(partnerKey, signedTranscript(session, otherRole(role), digest), signature),
  };
}
