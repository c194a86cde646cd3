// The hash chain: each entry's hash covers the entry and the previous entry's hash.
import { hash256 } from "@halfroom/crypto";
import { toHex } from "@halfroom/session";

/** An entry as it is stored: `facts` is a JSON object in text. */
export interface ChainedEntry {
  readonly number: number;
  readonly at: number;
  readonly kind: string;
  readonly facts: string;
}

const NO_SESSION = new Uint8Array(0);

/** The hash before the first entry. */
export const CHAIN_START = toHex(hash256("audit/start", NO_SESSION));

/** The hash of `entry` when it follows the entry with hash `previous`, in hex. */
export function chainHash(previous: string, { number, at, kind, facts }: ChainedEntry): string {
  return toHex(hash256("audit/entry", NO_SESSION, previous, number, at, kind, facts));
}
