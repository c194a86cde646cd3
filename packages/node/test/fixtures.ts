// A folder for a store, and a moment, for the tests of the rules.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
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
