import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Audit } from "../src/audit/audit.ts";
import { CHAIN_START, chainHash } from "../src/audit/chain.ts";
import type { Store } from "../src/store/store.ts";
import { NOW, scratchFolder, scratchStore } from "./fixtures.ts";

/** A log of five entries, with what an attacker who can write to the folder has in hand. */
function log() {
  const folder = scratchFolder();
  const store = scratchStore(folder);
  const audit = new Audit(store);
  for (let i = 1; i <= 5; i++) audit.append("proposed", { partner: "publisher", people: i }, NOW + i);
  return { folder, store, audit, head: join(folder, "audit.head") };
}
const faults = (audit: Audit) => audit.verify().faults.map(({ number, fault }) => `${number} ${fault}`);
/** Hashes the whole log anew, as somebody would who knows how the chain is made. */
function rehash(store: Store): void {
  let previous = CHAIN_START;
  for (const row of store.all<{ number: number; at: number; kind: string; facts: string }>(
    "SELECT * FROM audit ORDER BY number",
  )) {
    previous = chainHash(previous, row);
    store.run("UPDATE audit SET hash = ? WHERE number = ?", previous, row.number);
  }
}

test("an untouched log holds, also read by another process", () => {
  const { folder, audit } = log();
  expect(audit.verify()).toEqual({ entries: 5, faults: [] });
  const other = new Audit(scratchStore(folder));
  other.append("refused", { partner: "publisher" }, NOW + 6);
  audit.append("agreed", { partner: "publisher" }, NOW + 7);
  expect(other.verify()).toEqual({ entries: 7, faults: [] });
  expect(audit.entries().map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(new Audit(scratchStore()).verify()).toEqual({ entries: 0, faults: [] });
});

test.each(["at = at + 1", "kind = 'refused'", `facts = '{"partner":"publisher","people":9}'`, "hash = 'x'"])(
  "an edited entry is found: %s",
  (change) => {
    const { store, audit } = log();
    store.run(`UPDATE audit SET ${change} WHERE number = 3`);
    expect(faults(audit)).toContain(change.startsWith("hash") ? "4 edited" : "3 edited");
  },
);

test("an edited last entry is found", () => {
  const { store, audit } = log();
  store.run("UPDATE audit SET at = at + 1 WHERE number = 5");
  expect(faults(audit)).toEqual(["5 edited"]);
});

test.each([
  [1, "1 missing"],
  [3, "3 missing"],
  [5, "5 truncated"],
])("a removed entry is found: number %d", (number, found) => {
  const { store, audit } = log();
  store.run("DELETE FROM audit WHERE number = ?", number);
  expect(faults(audit)).toContain(found);
});

test("a removed entry is found when the later ones are numbered anew, also when all is hashed anew", () => {
  const { store, audit } = log();
  store.run("DELETE FROM audit WHERE number = 2");
  store.run("UPDATE audit SET number = number - 1 WHERE number > 2");
  expect(faults(audit)).toContain("2 edited");
  rehash(store);
  expect(faults(audit)).toEqual(["5 truncated"]);
});

test("entries that changed places are found, also when all is hashed anew", () => {
  const { store, audit } = log();
  store.run("UPDATE audit SET number = 99 WHERE number = 2");
  store.run("UPDATE audit SET number = 2 WHERE number = 3");
  store.run("UPDATE audit SET number = 3 WHERE number = 99");
  expect(faults(audit)).toEqual(["2 edited", "3 edited", "4 edited"]);
  rehash(store);
  expect(faults(audit)).toEqual(["5 truncated"]);
});

test("a log cut short or emptied is found, and later entries do not heal it", () => {
  const { store, audit } = log();
  store.run("DELETE FROM audit WHERE number > 3");
  expect(faults(audit)).toEqual(["5 truncated"]);
  audit.append("failed", {}, NOW);
  audit.append("failed", {}, NOW);
  audit.append("failed", {}, NOW);
  expect(faults(audit)).toEqual(["5 truncated"]);
  store.run("DELETE FROM audit");
  expect(faults(audit)).toEqual(["5 truncated"]);
});

test("a head file that is gone, damaged or set back is seen", () => {
  const { head, audit } = log();
  const good = readFileSync(head, "utf8");
  writeFileSync(head, good.replace("5 ", "4 "));
  expect(faults(audit)).toEqual(["4 truncated"]);
  writeFileSync(head, "nonsense");
  expect(faults(audit)).toEqual(["0 truncated"]);
  rmSync(head);
  expect(faults(audit)).toEqual(["5 truncated"]);
  audit.append("failed", {}, NOW);
  expect(faults(audit)).toEqual(["6 truncated"]);
});

test("an entry that a crash left without a head is no fault, and the next start seals it", () => {
  const { folder, head, audit } = log();
  const before = readFileSync(head, "utf8");
  audit.append("failed", {}, NOW);
  const after = readFileSync(head, "utf8");
  writeFileSync(head, before);
  expect(faults(audit)).toEqual([]);
  new Audit(scratchStore(folder)).seal();
  expect(readFileSync(head, "utf8")).toBe(after);
});

test("an entry is there just when what it tells is", () => {
  const { store, audit, head } = log();
  const before = readFileSync(head, "utf8");
  const work = () =>
    store.transaction(() => {
      audit.append("budget-taken", { session: "s" }, NOW);
      audit.append("released", { session: "s" }, NOW);
      throw new Error("stop");
    });
  expect(work).toThrow("stop");
  expect(audit.verify()).toEqual({ entries: 5, faults: [] });
  expect(readFileSync(head, "utf8")).toBe(before);
});
