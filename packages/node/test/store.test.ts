import { chmodSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { expect, test } from "vitest";
import { Store } from "../src/store/store.ts";
import { scratchFolder, scratchStore } from "./fixtures.ts";

const COUNT = "SELECT count(*) AS rows FROM suppressed";
const ADD = "INSERT INTO suppressed (tag, added_at) VALUES (?, 1)";
const rows = (store: Store) => store.get<{ rows: number }>(COUNT)!.rows;

test("the database and its log files can be opened by their owner alone", () => {
  const folder = scratchFolder();
  const store = scratchStore(folder);
  store.run(ADD, new Uint8Array([1]));
  const modes = readdirSync(folder).map((file) => [file, statSync(join(folder, file)).mode & 0o777]);
  expect(modes.map(([file]) => file)).toContain("node.sqlite-wal");
  expect(modes.every(([, mode]) => mode === 0o600)).toBe(true);
});

test("a database that others may open is refused, with the remedy", () => {
  const folder = scratchFolder();
  Store.open(folder).close();
  chmodSync(join(folder, "node.sqlite"), 0o640);
  expect(() => Store.open(folder)).toThrow(/chmod 600/);
});

test("every commit waits for the disk, what is deleted is overwritten, and foreign keys hold", () => {
  const store = scratchStore();
  expect(store.get("PRAGMA synchronous")).toMatchObject({ synchronous: 2 });
  expect(store.get("PRAGMA secure_delete")).toMatchObject({ secure_delete: 1 });
  expect(store.get("PRAGMA journal_mode")).toMatchObject({ journal_mode: "wal" });
  const orphan = "INSERT INTO pseudonyms (cache, bucket, part, sealed) VALUES (7, 0, 0, x'00')";
  expect(() => store.run(orphan)).toThrow(/FOREIGN KEY/);
});

test("a transaction holds as a whole or not at all, and so does one within it", () => {
  const store = scratchStore();
  const told: string[] = [];
  const failing = () =>
    store.transaction(() => {
      store.run(ADD, new Uint8Array([1]));
      store.transaction(() => store.run(ADD, new Uint8Array([2])));
      store.afterCommit(() => told.push("rolled back"));
      throw new Error("stop");
    });
  expect(failing).toThrow("stop");
  expect(rows(store)).toBe(0);
  store.transaction(() => {
    store.run(ADD, new Uint8Array([3]));
    store.afterCommit(() => told.push(`committed ${rows(store)}`));
  });
  expect(told).toEqual(["committed 1"]);
});

test("two processes' connections see each other's commits", () => {
  const folder = scratchFolder();
  const [first, second] = [scratchStore(folder), scratchStore(folder)];
  first.run(ADD, new Uint8Array([1]));
  second.run(ADD, new Uint8Array([2]));
  expect([rows(first), rows(second)]).toEqual([2, 2]);
});

test("a newer store and another program's database are refused untouched", () => {
  const folder = scratchFolder();
  Store.open(folder).close();
  const newer = new DatabaseSync(join(folder, "node.sqlite"));
  newer.exec("PRAGMA user_version = 99");
  newer.close();
  expect(() => Store.open(folder)).toThrow(/newer Halfroom/);

  const foreign = scratchFolder();
  const database = new DatabaseSync(join(foreign, "node.sqlite"));
  database.exec("CREATE TABLE theirs (x)");
  database.close();
  chmodSync(join(foreign, "node.sqlite"), 0o600);
  expect(() => Store.open(foreign)).toThrow(/another program/);
});
