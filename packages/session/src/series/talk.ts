// From accepted terms to a signed series, on the link on which they were accepted:
//
//     initiator                               answering node
//     seriesNonce                       <->   seriesNonce
//     seriesSignature                   ->    keeps the series
//     keeps the series                  <-    seriesSignature
//
// and, on a link of its own, that a side has ended one: seriesEnd, answered by the same.
import { otherRole, type Role } from "@halfroom/mpc";
import { ProtocolError, type Channel } from "@halfroom/wire";
import { keyFingerprint, type Signer } from "../agreement/keys.ts";
import type { Terms } from "../terms/terms.ts";
import {
  composeSeries,
  SERIES_NONCE_BYTES,
  signSeries,
  verifySeries,
  type SeriesAgreement,
  type SignedSeries,
} from "./agreement.ts";

type SeriesChannel = Channel<"seriesNonce" | "seriesSignature", "seriesNonce" | "seriesSignature">;

export interface SeriesInput {
  readonly terms: Terms;
  readonly us: Role;
  /** 32 fresh random bytes. */
  readonly nonce: Uint8Array;
  readonly sign: Signer;
  /** This side's Ed25519 key and the partner's as it is pinned, 32 bytes each. */
  readonly signingKey: Uint8Array;
  readonly partnerKey: Uint8Array;
  /** Before this side signs. Throws ProtocolError `refused`. */
  readonly accept: (agreement: SeriesAgreement) => void;
  /** Both have signed. Throws ProtocolError. */
  readonly keep: (signed: SignedSeries) => void;
}

/** Errors: `malformed`; `agreement`, unless the partner signs this very series under its pinned key; those of `accept` and `keep`. */
export async function agreeOnSeries(ch: SeriesChannel, input: SeriesInput): Promise<SignedSeries> {
  const { terms, us, nonce, sign, signingKey, partnerKey, accept, keep } = input;
  if (nonce.length !== SERIES_NONCE_BYTES) throw new RangeError("a nonce of 32 bytes makes a series new");
  await ch.send({ type: "seriesNonce", nonce });
  const theirs = await ch.recv("seriesNonce");
  if (Buffer.compare(theirs.nonce, nonce) === 0)
    throw new ProtocolError("agreement", "the partner sent this side's own nonce back");
  const them = otherRole(us);
  const sides = {
    [us]: { nonce, fingerprint: keyFingerprint(signingKey) },
    [them]: { nonce: new Uint8Array(theirs.nonce), fingerprint: keyFingerprint(partnerKey) },
  } as SeriesAgreement["sides"];
  const agreement = composeSeries(terms, sides);
  accept(agreement);
  const own = signSeries(agreement, us, sign);
  const isInitiator = terms.initiator === us;
  if (isInitiator) await ch.send({ type: "seriesSignature", signature: own });
  const { signature } = await ch.recv("seriesSignature");
  verifySeries(agreement, them, signature, partnerKey);
  const signed = {
    agreement,
    signatures: { [us]: own, [them]: new Uint8Array(signature) } as SignedSeries["signatures"],
  };
  keep(signed);
  if (!isInitiator) await ch.send({ type: "seriesSignature", signature: own });
  return signed;
}

/** Tells the partner that this side has ended a series, and resolves once it knows. `id`: 32 bytes. */
export async function tellSeriesEnd(ch: Channel<"seriesEnd", "seriesEnd">, id: Uint8Array): Promise<void> {
  await ch.send({ type: "seriesEnd", series: id });
  const answer = await ch.recv("seriesEnd");
  if (Buffer.compare(answer.series, id) !== 0)
    throw new ProtocolError("agreement", "the partner speaks of another series");
}
