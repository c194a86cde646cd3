// First contact: the guest dials with the token, both prove themselves, both pin the other.
//
//     guest                                                            host
//     TLS for the purpose "join"; the guest checks the token's fingerprint, the host lets any certificate in
//     join: invitation, nonce, address, HMAC, signature      ->        checks, takes the invitation, pins the guest
//     checks, pins the host                                  <-        joined: HMAC, signature
//
// A guest that did not get the answer may ask again with the same certificate; nobody else may.
import type { X509Certificate } from "node:crypto";
import { systemRng } from "@halfroom/crypto";
import { connectTls, splitAddress, type TlsConnection } from "@halfroom/transport";
import { openChannel, ProtocolError, type Message } from "@halfroom/wire";
import { sessionError, verifySignature } from "@halfroom/session";
import { signingKeyOf } from "../identity/fingerprint.ts";
import { clockWords } from "./clocks.ts";
import { claimOf, pathFrom } from "../identity/succession.ts";
import type { Identity } from "../identity/identity.ts";
import type { Invitations } from "./invitations.ts";
import type { Partner, Partners } from "./partners.ts";
import { invitationId, isProof, proofOf, statementOf, type Contact } from "./proofs.ts";
import type { Invitation } from "./token.ts";

export interface JoinOptions {
  readonly identity: Identity;
  readonly invitation: Invitation;
  /** What this side will call the partner. */
  readonly name: string;
  /** Where the partner reaches this side; empty if it cannot. */
  readonly address: string;
  /** Through which HTTP proxy the host is dialled, if any. */
  readonly proxy?: URL | undefined;
  readonly waitMs: number;
  readonly idleMs: number;
  readonly now: number;
}

/**
 * The guest's side. Errors: `name`, `name-taken`; `identity`, if a node other than the token's answers or it proves nothing; and
 * what the host answers: `refused`, for an invitation that is unknown or has expired; `replayed`, for a used one.
 */
export async function joinPartner(partners: Partners, options: JoinOptions): Promise<Partner> {
  const { identity, invitation, name, address, proxy, waitMs, idleMs, now } = options;
  if (invitation.expiresAt <= now) throw new ProtocolError("refused", EXPIRED);
  partners.assertFree(name, invitation.fingerprint);
  const { fingerprint, secret } = invitation;
  const { frames, peer, aheadMs } = await connectTls({
    address: invitation.address,
    proxy,
    identity: identity.tls,
    purpose: "join",
    fingerprint,
    waitMs,
    idleMs,
    // A guest that did not get the answer asks again.
    resumeMs: 0,
  });
  const ch = openChannel(frames, "sender");
  try {
    const nonce = systemRng.bytes(32);
    const contact: Contact = { inviter: fingerprint, joiner: identity.fingerprint, nonce, address };
    await ch.send({
      type: "join",
      invitation: invitationId(secret),
      nonce,
      address,
      proof: proofOf(secret, "joiner", contact),
      signature: identity.sign(statementOf("joiner", contact)),
    });
    const joined = await ch.recv("joined");
    const signingKey = provenKey(peer.certificate, secret, "inviter", contact, joined);
    const met = { name, fingerprint, signingKey, address: invitation.address, pinnedAt: now };
    const partner = partners.pin({ ...met, certificateNumber: numberOf(peer.certificate) });
    await ch.close();
    return partner;
  } catch (error) {
    await ch.abort(error);
    throw error instanceof ProtocolError ? inWords(error, aheadMs) : sessionError(error);
  }
}

export interface HostOptions {
  readonly identity: Identity;
  readonly invitations: Invitations;
  readonly now: () => number;
}

/** The host's side of one connection for joining. Rejects with ProtocolError if nobody has joined. */
export async function hostGuest({ frames, peer }: TlsConnection, options: HostOptions): Promise<Partner> {
  const { identity, invitations, now } = options;
  const ch = openChannel(frames, "receiver");
  try {
    const message = await ch.recv("join");
    const { nonce, address } = message;
    if (address !== "") splitAddress(address);
    const contact: Contact = { inviter: identity.fingerprint, joiner: peer.fingerprint, nonce, address };
    const partner = invitations.redeem(message.invitation, peer.fingerprint, now(), (secret) => ({
      fingerprint: peer.fingerprint,
      signingKey: provenKey(peer.certificate, secret, "joiner", contact, message),
      certificateNumber: numberOf(peer.certificate),
      address,
    }));
    await ch.send({
      type: "joined",
      proof: proofOf(partner.secret, "inviter", contact),
      signature: identity.sign(statementOf("inviter", contact)),
    });
    await ch.close();
    return partner;
  } catch (error) {
    await ch.abort(error);
    throw sessionError(error);
  }
}

/** So that a certificate from before this one is not let in later. */
function numberOf(certificate: X509Certificate): number {
  const claim = claimOf(certificate);
  return claim !== undefined && pathFrom(claim, claim.signingKey) !== undefined ? claim.number : 0;
}

/** The other side's signing key, once it has proved that it knows the secret and holds the key. */
function provenKey(
  certificate: X509Certificate,
  secret: Uint8Array,
  side: "inviter" | "joiner",
  contact: Contact,
  { proof, signature }: Pick<Message<"join" | "joined">, "proof" | "signature">,
): Uint8Array {
  const signingKey = signingKeyOf(certificate);
  const proven =
    signingKey !== undefined &&
    isProof(proof, secret, side, contact) &&
    verifySignature(signingKey, statementOf(side, contact), signature);
  if (!proven)
    throw new ProtocolError("identity", "the other side did not prove that the invitation is its own");
  return signingKey;
}

const EXPIRED =
  "by this node's clock the invitation has expired; ask for a new one, or set the clock if it is wrong";

function inWords(error: ProtocolError, aheadMs: number | undefined): ProtocolError {
  if (!error.fromPartner) return error;
  if (error.code === "replayed") {
    return new ProtocolError(
      "replayed",
      "the invitation has been used, and not by this node; ask for a new one",
    );
  }
  if (error.code === "refused") {
    const clock = clockWords(aheadMs);
    const words = "the partner does not know the invitation, or it has expired; ask for a new one";
    return new ProtocolError("refused", clock === undefined ? words : `${words} (${clock})`);
  }
  return error;
}
