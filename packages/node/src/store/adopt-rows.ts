// Rows of a store of 0.1 whose partner was gone when the store was upgraded: they have a local name where a signing key belongs.
// The agreement of their session names the key's fingerprint, so that they find their owner once it is pinned.
import { keyFingerprint, toHex } from "@halfroom/session";
import type { Store } from "./store.ts";

/** A local name is shorter. */
const KEY_DIGITS = 64;
const IN_AGREEMENTS = `FROM agreement WHERE instr(CAST(bytes AS TEXT), ?) > 0`;
const NAMELESS = `length(partner_key) < ${KEY_DIGITS}`;

/** Gives rows without a key to the partner with this signing key (32 bytes), if the agreements that it signed say that they are its own. */
export function adoptRows(store: Store, signingKey: Uint8Array): void {
  const key = toHex(signingKey);
  // A text within an agreement has its quotes escaped, so that no partner can write this for another one.
  const named = `"fingerprint":"${toHex(keyFingerprint(signingKey))}"`;
  store.transaction(() => {
    // Epochs and caches belong to no session: they go with the names under which the partner agreed to one.
    for (const table of ["epoch", "cache"]) {
      const which = `${NAMELESS} AND partner_key IN (SELECT partner ${IN_AGREEMENTS})`;
      store.run(`UPDATE OR IGNORE ${table} SET partner_key = ? WHERE ${which}`, key, named);
    }
    for (const table of ["ledger", "report", "evaluation"]) {
      const which = `${NAMELESS} AND session IN (SELECT session ${IN_AGREEMENTS})`;
      store.run(`UPDATE OR IGNORE ${table} SET partner_key = ? WHERE ${which}`, key, named);
    }
  });
}
