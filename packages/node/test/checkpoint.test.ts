// Checkpoints in the log: rows of before one are compared by their sums, and what is deleted or changed among them is still noticed.
import { expect, onTestFinished, test } from "vitest";
import { initNode } from "../src/api/init.ts";
import { assertBooksHold, compareWhenDue, ledgerGaps, ledgerGapsIfAny } from "../src/ledger/against-log.ts";
import { openState } from "../src/node-state.ts";
import { emptyFolder } from "./home.ts";
import { addOldEntries } from "./old-entries/many-entries.ts";

async function oldNode(count: number) {
  const folder = emptyFolder();
  await initNode(folder.path);
  const node = await openState(folder, {});
  onTestFinished(() => node.close());
  const signingKey = Buffer.alloc(32, 7);
  node.store.run(
    "INSERT INTO partner (name, fingerprint, signing_key, address, pinned_at) VALUES ('publisher', 'f', ?, '', 0)",
    signingKey,
  );
  addOldEntries(node, count, Date.now());
  return node;
}

test("a checkpoint is kept once it is due, and what is older is held against it", async () => {
  const node = await oldNode(1000);
  const { store, audit } = node;
  compareWhenDue(node, Date.now());
  const at = audit.lastOf("books-compared")!;
  expect(at.number).toBe(2002);
  compareWhenDue(node, Date.now());
  expect(audit.length).toBe(2002);
  assertBooksHold(node);

  for (const change of [
    "DELETE FROM ledger WHERE session LIKE '%5'",
    "UPDATE ledger SET taken_at = taken_at - 86400000 WHERE rowid = 500",
    "UPDATE ledger SET micro_epsilon = 0 WHERE rowid = 500",
    "UPDATE ledger SET pico_rho = '0' WHERE rowid = 500",
    "UPDATE ledger SET partner_key = 'somebody' WHERE rowid = 500",
    "DELETE FROM evaluation WHERE session LIKE '%5'",
    "UPDATE evaluation SET evaluations = 1 WHERE rowid = 500",
  ]) {
    const back = new Error("roll back");
    const changed = () => {
      expect(store.run(change), change).toBeGreaterThan(0);
      expect(() => assertBooksHold(node), change).toThrow(expect.objectContaining({ code: "ledger" }));
      expect(ledgerGapsIfAny(node).length).toBeGreaterThan(0);
      throw back;
    };
    expect(() => store.transaction(changed)).toThrow(back);
  }
  // Sums that somebody has changed, with the rows as they were.
  const back = new Error("roll back");
  for (const table of ["ledger_sum", "evaluation_sum"]) {
    const changed = () => {
      store.run(`UPDATE ${table} SET sessions = sessions - 1`);
      expect(() => assertBooksHold(node), table).toThrow(expect.objectContaining({ code: "ledger" }));
      expect(ledgerGaps(node), table).toMatchObject([{ words: expect.stringMatching(/sums/) }]);
      throw back;
    };
    expect(() => store.transaction(changed)).toThrow(back);
  }
  // Rows that somebody has changed, with the sums as they were: whoever reads them all notices.
  const hidden = () => {
    for (const name of ["added", "removed", "changed"]) store.run(`DROP TRIGGER ledger_${name}`);
    store.run("UPDATE ledger SET micro_epsilon = 2 WHERE rowid = 500");
    expect(ledgerGaps(node)).toMatchObject([{ words: expect.stringMatching(/sums/) }]);
    throw back;
  };
  expect(() => store.transaction(hidden)).toThrow(back);
  // Of the log itself what comes since the checkpoint is walked over.
  audit.append("proposed", {}, Date.now());
  audit.append("held", {}, Date.now());
  store.run("UPDATE audit SET facts = '{\"id\":1}' WHERE number = 2003");
  expect(() => assertBooksHold(node)).toThrow(expect.objectContaining({ code: "audit" }));
  expect(ledgerGaps(node)).toEqual([]);
});

test("no checkpoint is made over rows that are missing", async () => {
  const node = await oldNode(1000);
  node.store.run("DELETE FROM ledger WHERE rowid = 500");
  compareWhenDue(node, Date.now());
  expect(node.audit.lastOf("books-compared")).toBeUndefined();
  expect(() => assertBooksHold(node)).toThrow(/lacks 1 entry/);
});

test("lists come in pages, each beginning where the one before ended", async () => {
  const { sessions, ledger, audit } = await oldNode(10);
  const first = sessions.list({ limit: 4 });
  expect(first.map(({ id }) => id)).toEqual(["x9", "x8", "x7", "x6"]);
  expect(sessions.list({ limit: 4, before: "x6" }).map(({ id }) => id)).toEqual(["x5", "x4", "x3", "x2"]);
  expect(sessions.list({ before: "x2" })).toHaveLength(2);
  const ends = ledger.entries({ limit: 2 }).map(({ session }) => session.at(-1));
  expect(ends).toEqual(["9", "8"]);
  const before = `${"0".repeat(63)}8`;
  expect(ledger.entries({ limit: 2, before }).map(({ session }) => session.at(-1))).toEqual(["7", "6"]);
  expect(() => ledger.entries({ before: "0000" })).toThrow(/more than one/);
  expect(() => sessions.list({ before: "nowhere" })).toThrow(/nothing of the id/);
  expect(audit.entries({ limit: 3, before: 10 }).map(({ number }) => number)).toEqual([7, 8, 9]);
});
