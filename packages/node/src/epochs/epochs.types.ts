// Key epochs of the OPRF and what is kept for their time.
import type { ByteRows } from "@halfroom/crypto";

export interface Epoch {
  readonly partner: string;
  /** From 1. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endsAt: number;
  /** The OPRF's secret scalar, 32 bytes, and public key, 32 bytes. */
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** Which people of a dataset have a pseudonym already and which rows the OPRF still has to work on. */
export interface Enrolment {
  /** People x 64 bytes; filled where known. */
  readonly pseudonyms: Uint8Array;
  /** Indices of the people without a pseudonym, ascending. */
  readonly missing: Uint32Array;
  /** The encoded identifiers of the missing people and, for the receiver, random ones up to the public step, all shuffled. */
  readonly rows: ByteRows;
  /** Person of each row, or 0xffffffff for padding. */
  readonly personOf: Uint32Array;
}
