// A store that cannot be written: another process holds it, its disk is full, its folder is read-only. Each is real: a second
// connection with a write lock, file systems of a megabyte in memory.
import { execFileSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { TERMS } from "@halfroom/testkit";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { checkDataset, initNode, listReports, serve, suppress, verifyAudit } from "../src/api/index.ts";
import { handleOf } from "../src/api/node.ts";
import { Audit } from "../src/audit/audit.ts";
import { every } from "../src/every.ts";
import { openState, tidyIfFree } from "../src/node-state.ts";
import { nodeFolder, type NodeFolder } from "../src/store/folder.ts";
import { Store } from "../src/store/store.ts";
import { scratchFolder, scratchStore } from "./fixtures.ts";
import { canMount, smallDisk } from "./small-disk.ts";
import { emptyFolder } from "./home.ts";

/** Another process's write lock, as a tool holds it that copies the database. */
function hold(folder: string): () => void {
  const other = new DatabaseSync(join(folder, "node.sqlite"));
  other.exec("BEGIN IMMEDIATE");
  let held = true;
  const release = () => {
    if (held) other.close();
    held = false;
  };
  onTestFinished(release);
  return release;
}

test("tidying is put off while another process writes, and then done", async () => {
  const folder = emptyFolder();
  await initNode(folder.path);
  let now = Date.now();
  const node = await openState(folder, {}, () => now);
  onTestFinished(() => node.close());
  node.sessions.open({
    partner: "publisher",
    proposal: "0f".repeat(16),
    initiatedBy: "partner",
    role: "receiver",
    terms: TERMS,
    now,
    expiresAt: now + 1,
  });
  now++;
  const release = hold(folder.path);
  expect(tidyIfFree(node).putOff).toMatchObject({
    code: "store-busy",
    message: expect.stringMatching(/node\.sqlite: another process holds it; wait/),
  });
  release();
  expect(tidyIfFree(node).putOff).toBeUndefined();
  expect(node.sessions.list()).toMatchObject([{ state: "refused" }]);
});

test("a node is opened, and read, while another process writes", async () => {
  const folder = emptyFolder();
  await initNode(folder.path);
  hold(folder.path);
  const node = await openState(folder, {});
  onTestFinished(() => node.close());
  expect(node.audit.verify().faults).toEqual([]);
});

test("what is repeated and fails is told, and repeated again", () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const told: unknown[] = [];
  let turns = 0;
  const work = () => {
    if (++turns === 1) throw new Error("busy");
  };
  const stop = every(1000, work, (error) => told.push(error));
  vi.advanceTimersByTime(2500);
  expect([turns, told]).toEqual([2, [new Error("busy")]]);
  stop();
  vi.advanceTimersByTime(5000);
  expect(turns).toBe(2);
});

test("a store is closed when a later step of opening a node fails", async () => {
  const folder = emptyFolder();
  await initNode(folder.path);
  const store = Store.open(folder.path);
  store.run("DROP TABLE partner");
  store.close();
  const close = vi.spyOn(Store.prototype, "close");
  onTestFinished(() => close.mockRestore());
  await expect(openState(folder, {})).rejects.toThrow(/partner/);
  expect(close).toHaveBeenCalledOnce();
});

test("a full database file: the words name the file, what was being written, and the remedy", () => {
  const store = scratchStore();
  store.get("PRAGMA max_page_count = 1");
  const audit = new Audit(store);
  const fill = () => {
    for (;;) audit.append("proposed", { id: "x".repeat(4000) }, 1);
  };
  expect(fill).toThrow(/^Cannot write the audit log to .*node\.sqlite: the disk is full; free space on it/);
  expect(audit.verify().faults).toEqual([]);
});

describe.runIf(canMount)("a disk", () => {
  test("is full: no entry is half written, and once there is space again all goes on", () => {
    const folder = smallDisk(1024);
    const store = scratchStore(folder);
    const audit = new Audit(store);
    audit.append("proposed", { id: "a" }, 1);
    const filler = join(folder, "filler");
    const fill = () => {
      for (;;) writeFileSync(filler, new Uint8Array(4096), { flag: "a" });
    };
    expect(fill).toThrow(/ENOSPC/);
    const append = () => {
      for (;;) audit.append("proposed", { id: "x".repeat(4000) }, 1);
    };
    expect(append).toThrow(
      expect.objectContaining({
        code: "folder",
        message: expect.stringMatching(
          /^Cannot write (the audit log|the head of the audit log) to .*(node\.sqlite|audit\.head).*free space/,
        ),
      }),
    );
    writeFileSync(filler, "");
    audit.append("proposed", { id: "b" }, 1);
    expect(audit.verify().faults).toEqual([]);
  });

  test("is full where a node is to be made", async () => {
    const folder = smallDisk(1024);
    const fill = () => writeFileSync(join(folder, "filler"), new Uint8Array(1 << 21));
    expect(fill).toThrow(/ENOSPC/);
    await expect(initNode(join(folder, "home"))).rejects.toMatchObject({
      code: "folder",
      message: expect.stringContaining(folder),
    });
  });

  /** The folder as a job sees it that may read only. */
  function readOnlyView(path: string): NodeFolder {
    const disk = scratchFolder();
    execFileSync("mount", ["--bind", path, disk]);
    onTestFinished(() => void execFileSync("umount", ["-l", disk]));
    execFileSync("mount", ["-o", "remount,ro,bind", disk]);
    return nodeFolder(disk, {});
  }

  test.each(["closed", "open"])(
    "is read-only: a node that is %s elsewhere can be read, and says what it cannot write",
    async (elsewhere) => {
      const { path, configFile } = emptyFolder();
      await initNode(path);
      const people = join(path, "people.csv");
      writeFileSync(people, "email\na@example.com\n");
      const scratch = scratchFolder();
      const datasets = { people: { source: { csv: people }, match: { email: { columns: "email" } } } };
      writeFileSync(configFile, JSON.stringify({ scratch, datasets }));
      const writer = await openState(nodeFolder(path, {}), {});
      if (elsewhere === "closed") writer.close();
      else onTestFinished(() => writer.close());

      const state = await openState(readOnlyView(path), {});
      onTestFinished(() => state.close());
      const node = handleOf(state);
      expect(await listReports(node)).toEqual([]);
      expect(await checkDataset(node, "people")).toMatchObject({ people: 1 });
      expect((await verifyAudit(node)).faults).toEqual([]);
      expect(readdirSync(scratch), "a folder and its lock").toHaveLength(2);
      const refusal = { code: "folder", message: expect.stringMatching(/node\.sqlite.*read-only.*writable/) };
      await expect(serve(node)).rejects.toMatchObject(refusal);
      await expect(suppress(node, { file: people })).rejects.toMatchObject(refusal);
    },
  );

  test("is read-only, and holds a store of an earlier version: it says how it gets on", async () => {
    const folder = emptyFolder();
    await initNode(folder.path);
    const store = Store.open(folder.path);
    store.get("PRAGMA user_version = 1");
    store.close();
    await expect(openState(readOnlyView(folder.path), {})).rejects.toMatchObject({
      code: "folder",
      message: expect.stringMatching(
        /up to this version: its file system is read-only; open the node once where/,
      ),
    });
  });
});
