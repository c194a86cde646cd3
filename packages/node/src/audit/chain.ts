// The hash chain: each entry's hash covers the entry and the hash of the one before it.
import { hash256 } from "@halfroom/crypto";
import { toHex } from "@halfroom/session";

/** What an entry says, as it is kept: `facts` is the text of a JSON object. */
export interface ChainedEntry {
  readonly number: number;
  readonly at: number;
  readonly kind: string;
  readonly facts: string;
}

const NO_SESSION = new Uint8Array(0);

/** The hash before the first entry. */
export const CHAIN_START = toHex(hash256("audit/start", NO_SESSION));

/** The hash of `entry` behind the entry with hash `previous`, in hex. */
export function chainHash(previous: string, { number, at, kind, facts }: ChainedEntry): string {
  return toHex(hash256("audit/entry", NO_SESSION, previous, number, at, kind, facts));
}
