// A folder for a store, and a moment, for the tests of the rules.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ByteRows } from "@halfroom/crypto";
import { onTestFinished } from "vitest";
import type { PseudonymCache } from "../src/epochs/pseudonym-cache.ts";
import { Store } from "../src/store/store.ts";

export const NOW = Date.UTC(2026, 5, 3, 12, 0);
export const DAY_MS = 86_400_000;

export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "halfroom-rules-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function scratchStore(folder = scratchFolder()): Store {
  const store = Store.open(folder);
  onTestFinished(() => store.close());
  return store;
}

/** Keeps pseudonyms (people x 64 bytes) of those among `identifiers` who have none. */
export async function keepPseudonyms(
  cache: PseudonymCache,
  identifiers: ByteRows,
  pseudonyms: Uint8Array,
): Promise<void> {
  const known = await cache.find(identifiers);
  for (const person of known.missing)
    known.pseudonyms.set(pseudonyms.subarray(person * 64, (person + 1) * 64), person * 64);
  await cache.keep(known);
}
