// What a side pseudonymises with: the sender's key of an epoch, and where pseudonyms are kept.
import type { ByteRows } from "@halfroom/crypto";

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

/** What is known of some people. */
export interface Known {
  /** People x 64 bytes; zero for the missing ones, whom the caller fills in. */
  readonly pseudonyms: Uint8Array;
  /** Numbers of people, ascending. */
  readonly missing: Uint32Array;
}

/** Pseudonyms under one epoch's key. What `find` gave goes to `keep` once nobody is missing any more. */
export interface PseudonymStore {
  find(identifiers: ByteRows): Promise<Known>;
  keep(known: Known): Promise<void>;
}

/** What a side needs to pseudonymise: the sender its key, the receiver a store for the key that the sender states. */
export type PseudonymKeys =
  | { readonly role: "sender"; readonly epoch: Epoch; readonly store: PseudonymStore }
  | { readonly role: "receiver"; open(publicKey: Uint8Array, endsAt: number): PseudonymStore };
