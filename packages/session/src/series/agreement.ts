// The agreement on a series (protocol-spec.md, section 8.7): the terms of all its runs and a fresh nonce of each side, which both sign. Its hash
// is the series id, which stands in the terms of every run.
import { encodeParts, hash256 } from "@halfroom/crypto";
import type { Role } from "@halfroom/mpc";
import { ProtocolError } from "@halfroom/wire";
import { z } from "zod";
import { encodeCanonical } from "../agreement/canonical.ts";
import type { Signatures } from "../agreement/agreement.ts";
import { verifySignature, type Signer } from "../agreement/keys.ts";
import { hexField, toHex } from "../terms/fields.ts";
import { readKeptTerms, termsRecord, type Terms } from "../terms/terms.ts";
import { scheduleOf, type Schedule } from "./schedule.ts";

const NO_SESSION = new Uint8Array(0);
export const SERIES_NONCE_BYTES = 32;

/** What a side brings to it. */
interface SeriesSide {
  /** 32 fresh random bytes. */
  readonly nonce: Uint8Array;
  /** Of its Ed25519 key (`keyFingerprint`), 32 bytes. */
  readonly fingerprint: Uint8Array;
}

export interface SeriesAgreement {
  readonly terms: Terms & { readonly series: Schedule };
  readonly sides: Readonly<Record<Role, SeriesSide>>;
  /** Canonical JSON of both. */
  readonly bytes: Uint8Array;
  /** The series id: the hash of the bytes, 32 bytes. */
  readonly id: Uint8Array;
}

export interface SignedSeries {
  readonly agreement: SeriesAgreement;
  readonly signatures: Signatures;
}

const side = z.strictObject({ nonce: hexField(32), fingerprint: hexField(32) });
const sides = z.strictObject({ terms: z.unknown(), sender: side, receiver: side });

/** Errors: `malformed`, for terms without a schedule. */
export function composeSeries(terms: Terms, { sender, receiver }: SeriesAgreement["sides"]): SeriesAgreement {
  const record = { terms: termsRecord(terms), sender, receiver };
  return ofBytes(terms, { sender, receiver }, encodeCanonical(z.encode(sides, record)));
}

/** One that this node kept. Errors: `malformed`. */
export function readSeries(bytes: Uint8Array): SeriesAgreement {
  const read = sides.safeParse(JSON.parse(Buffer.from(bytes).toString("utf8")));
  if (!read.success) throw new ProtocolError("malformed", "a kept series is damaged");
  const { terms, sender, receiver } = read.data;
  return ofBytes(readKeptTerms(terms), { sender, receiver }, bytes);
}

function ofBytes(terms: Terms, both: SeriesAgreement["sides"], bytes: Uint8Array): SeriesAgreement {
  const series = scheduleOf(terms);
  if (series === undefined) throw new ProtocolError("malformed", "these terms ask for no series");
  const id = new Uint8Array(hash256("series", NO_SESSION, bytes));
  return { terms: { ...terms, series }, sides: both, bytes, id };
}

/** `role`'s Ed25519 signature (RFC 8032), 64 bytes. */
export function signSeries(agreement: SeriesAgreement, role: Role, sign: Signer): Uint8Array {
  return sign(toSign(agreement, role));
}

/** Errors: `agreement`, unless `signature` is `role`'s on this very series, under the 32-byte key. */
export function verifySeries(
  agreement: SeriesAgreement,
  role: Role,
  signature: Uint8Array,
  signingKey: Uint8Array,
): void {
  if (!verifySignature(signingKey, toSign(agreement, role), signature))
    throw new ProtocolError("agreement", "the partner signed another series, or did not sign it");
}

/** The role is part of what is signed, so that no signature can be sent back as the partner's own. */
function toSign({ id, bytes }: SeriesAgreement, role: Role): Uint8Array {
  return encodeParts("series/signature", id, [role, bytes]);
}

/** The terms of one of its runs: those of the series, with its id and the run's number in the place of the schedule. */
export function termsOfRun({ terms, id }: Pick<SeriesAgreement, "terms" | "id">, number: number): Terms {
  return { ...terms, series: { id, number } };
}

/** The series id in hex. */
export function seriesName({ id }: Pick<SeriesAgreement, "id">): string {
  return toHex(id);
}
