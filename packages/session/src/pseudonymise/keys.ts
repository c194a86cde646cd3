// What a side pseudonymises with: the sender's key of an epoch, and where pseudonyms are kept.
import type { ByteRows, RecordStore, RowSource } from "@halfroom/crypto";
import { OUTPUT_BYTES } from "@halfroom/match";

/** One OPRF key of a sender for a partner, for a time (design section 2.2). */
export interface Epoch {
  /** From 1. */
  readonly number: number;
  /** The OPRF's secret scalar and public key, 32 bytes each. */
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
}

/** A record of a pseudonym: whose it is, by number, and the pseudonym. */
export const PSEUDONYM_WORDS = 1 + OUTPUT_BYTES / 4;

/** Pseudonyms under one epoch's key. */
export interface PseudonymStore {
  /**
   * Looks all of `identifiers` up. `found` takes what is known, records of row and pseudonym in any order, a piece at a time. Resolves to
   * the rows of those without one, ascending. `scratch` holds what is looked up meanwhile.
   */
  find(
    identifiers: RowSource,
    scratch: RecordStore,
    found: (records: Uint32Array) => Promise<void>,
  ): Promise<Uint32Array>;
  /** Where new pseudonyms go; they are kept, all together, by `keep`. */
  collect(scratch: RecordStore): NewPseudonyms;
}

export interface NewPseudonyms {
  /** Pseudonyms, rows x 64 bytes. */
  add(identifiers: ByteRows, pseudonyms: Uint8Array): Promise<void>;
  keep(): Promise<void>;
}

/** What a side needs to pseudonymise: the sender its key, the receiver a store for the key that the sender states. */
export type PseudonymKeys =
  | { readonly role: "sender"; readonly epoch: Epoch; readonly store: PseudonymStore }
  | { readonly role: "receiver"; open(publicKey: Uint8Array, endsAt: number): PseudonymStore };
