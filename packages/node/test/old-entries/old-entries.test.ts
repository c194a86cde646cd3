// Commands on a node with many old entries read few rows: every statement finds what it wants by an index, and lists come in pages.
import { expect, onTestFinished, test } from "vitest";
import { openSqlite, type Database, type Statement } from "../../src/store/store.ts";
import { emptyFolder } from "../home.ts";
import { useAll } from "./commands.ts";
import { makeOldNode, openOldNode } from "./old-node.ts";

const GROWING =
  "session|ledger|audit|evaluation|agreement|report|receipt|opening|unsettled|missed|rate|replay";
/** Read from one end, and a limit is met there. */
const FROM_THE_END = ["SELECT * FROM audit ORDER BY number DESC LIMIT 1"];
/** Rows are few by what these indexes leave out. */
const FEW = /ledger_noise|ledger_nameless|evaluation_nameless|report_nameless|session_unsigned/;
/** Few by their nature: sessions whose last message was lost, for 30 days. */
const UNSETTLED = /^SCAN unsettled/;
const ROWS_MAX = 250;

/** SQLite that tells each statement and counts the rows that it gives. */
function watched(seen: Set<string>, count: (rows: number) => void): (file: string) => Database {
  return (file) => {
    const db = openSqlite(file);
    const prepare = (sql: string): Statement => {
      seen.add(sql);
      const statement = db.prepare(sql);
      const all: Statement["all"] = (...values) => {
        const rows = statement.all(...values);
        count(rows.length);
        return rows;
      };
      const iterate = function* (...values: Parameters<Statement["iterate"]>) {
        for (const row of statement.iterate(...values)) {
          count(1);
          yield row;
        }
      } as Statement["iterate"];
      return {
        run: (...values) => statement.run(...values),
        get: (...values) => statement.get(...values),
        all,
        iterate,
      };
    };
    return {
      prepare,
      exec: (sql) => db.exec(sql),
      close: () => db.close(),
      get isTransaction() {
        return db.isTransaction;
      },
    };
  };
}

test("no command reads all old entries", async () => {
  const { path } = emptyFolder();
  await makeOldNode(path, 1500);
  // The first start compares all rows, and keeps a checkpoint.
  (await openOldNode(path)).close();
  const seen = new Set<string>();
  let rows = 0;
  const state = await openOldNode(
    path,
    watched(seen, (more) => (rows += more)),
  );
  onTestFinished(() => state.close());
  await useAll(state, async (name, work) => {
    rows = 0;
    await work();
    expect(rows, name).toBeLessThan(ROWS_MAX);
  });

  const statements = [...seen].filter((sql) => /^\s*(SELECT|WITH|UPDATE|DELETE)/.test(sql));
  expect(statements.length).toBeGreaterThan(30);
  const isScan = new RegExp(`^SCAN (${GROWING})\\b`);
  const reading = statements.flatMap((sql) => {
    if (FROM_THE_END.includes(sql)) return [];
    const plan = state.store.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
    return plan
      .filter(({ detail }) => isScan.test(detail) && !FEW.test(detail) && !UNSETTLED.test(detail))
      .map(({ detail }) => `${detail}: ${sql}`);
  });
  expect(reading).toEqual([]);
});
