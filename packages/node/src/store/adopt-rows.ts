// Rows of a store of 0.1 whose partner was gone when the store was upgraded: they have a local name where a signing key belongs.
// The agreement of their session names the key's fingerprint, so that they find their owner once it is pinned.
import { keyFingerprint, toHex } from "@halfroom/session";
import type { Store } from "./store.ts";

/** A local name is shorter. */
const KEY_DIGITS = 64;
const NAMES_KEY = `instr(CAST(bytes AS TEXT), ?) > 0`;
const NAMELESS = `length(partner_key) < ${KEY_DIGITS}`;

/** Of no session: they go with the names under which the partner agreed to one. */
const BY_NAME = ["epoch", "cache"];
const BY_SESSION = ["ledger", "report", "evaluation"];

/** Gives rows without a key to `owner`, the partner with this signing key (32 bytes), if the agreements that it signed say that they are its own. */
export function adoptRows(store: Store, signingKey: Uint8Array, owner: string): void {
  const hasNameless = (table: string) =>
    store.get(`SELECT 1 FROM ${table} WHERE ${NAMELESS} LIMIT 1`) !== undefined;
  const [byName, bySession] = [BY_NAME.filter(hasNameless), BY_SESSION.filter(hasNameless)];
  if (byName.length + bySession.length === 0) return;
  // A text within an agreement has its quotes escaped, so that no partner can write this for another one.
  const named = `"fingerprint":"${toHex(keyFingerprint(signingKey))}"`;
  store.transaction(() => {
    for (const table of byName) {
      const which = `${NAMELESS} AND partner_key IN (SELECT partner FROM agreement WHERE ${NAMES_KEY})`;
      store.run(`UPDATE OR IGNORE ${table} SET partner_key = ? WHERE ${which}`, owner, named);
    }
    for (const table of bySession) {
      const own = `SELECT 1 FROM agreement WHERE agreement.session = ${table}.session AND ${NAMES_KEY}`;
      store.run(
        `UPDATE OR IGNORE ${table} SET partner_key = ? WHERE ${NAMELESS} AND EXISTS (${own})`,
        owner,
        named,
      );
    }
  });
}
