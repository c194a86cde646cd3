// Backups as files: what is in them, what opens them, and what happens to one that is cut, changed, made by another version, or interrupted.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  backup,
  createToken,
  findToken,
  listOwnBackups,
  openNode,
  planOwnBackup,
  readHeadLine,
  restore,
  saveHead,
  verifyAudit,
} from "../src/api/index.ts";
import { withState } from "../src/api/node.ts";
import { ABOUT, NODE_FILES } from "../src/backup/contents.ts";
import { readHead } from "../src/audit/head.ts";
import { nodeFolder } from "../src/store/folder.ts";
import { scratchFolder } from "./fixtures.ts";

import { backedUp, inFolder, keyPair, madeNode, restoredFrom } from "./backed-up.ts";

const TYPESCRIPT = new URL("../../../tools/typescript.js", import.meta.url).href;
const RESTORER = fileURLToPath(new URL("restore-jobs.ts", import.meta.url));
const PASSPHRASE = "moor lantern oyster plum";

test("what is restored is the node: files and modes, log, head, and its entry", async () => {
  const { node, file, made, place, keys } = await backedUp();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(made).toMatchObject({ file, bytes: statSync(file).size, entries: 2 });
  const home = join(place, "restored");
  const result = await restore(file, { folder: home, keys });
  expect(result).toEqual({
    folder: home,
    fingerprint: node.fingerprint,
    createdAt: made.createdAt,
    entries: 2,
    lost: "unknown",
  });
  expect(inFolder(home)).toEqual([...NODE_FILES].toSorted());
  for (const name of NODE_FILES) expect(statSync(join(home, name)).mode & 0o777, name).toBe(0o600);
  for (const name of ["", "keys"]) expect(statSync(join(home, name)).mode & 0o777, name).toBe(0o700);
  for (const name of NODE_FILES.filter((each) => each.startsWith("keys/") || each === "config.yaml"))
    expect(readFileSync(join(home, name))).toEqual(readFileSync(join(node.folder, name)));
  const again = await openNode(home, { env: {} });
  onTestFinished(() => again.close());
  expect(await verifyAudit(again)).toEqual({ entries: 3, faults: [] });
  expect(readHead(home)!.number).toBe(3);
  await expect(restore(file, { folder: home, keys })).rejects.toMatchObject({ code: "node-exists" });
  expect(inFolder(node.folder).filter((name) => name.includes("scratch"))).toEqual([]);
});

test("a backup in the node's own folder is for its account alone, has a name of its own, and is not in the next one", async () => {
  const node = await madeNode();
  const { identities, recipients } = await keyPair();
  const planned = await planOwnBackup(node, { recipients });
  expect(planned.name).toMatch(/^node-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$/);
  await backup(node, planned.file, { recipients });
  expect(statSync(join(node.folder, "backups")).mode & 0o777).toBe(0o700);
  const listed = { name: planned.name, bytes: statSync(planned.file).size, madeAt: expect.any(Number) };
  expect(await listOwnBackups(node)).toEqual({ folder: join(node.folder, "backups"), backups: [listed] });
  const second = await planOwnBackup(node, { name: "before-the-move", recipients });
  await backup(node, second.file, { recipients });
  const home = join(scratchFolder(), "restored");
  await restore(second.file, { folder: home, keys: { identities } });
  expect(inFolder(home)).toEqual([...NODE_FILES].toSorted());
  for (const [plan, code] of [
    [{ name: "before-the-move", recipients }, "file"],
    [{ name: "../elsewhere", recipients }, "name"],
    [{ recipients: [identities] }, "backup-key"],
    [{ recipients, passphrase: PASSPHRASE }, "flags"],
    [{}, "flags"],
  ] as const)
    await expect(planOwnBackup(node, plan)).rejects.toMatchObject({ code });
  for (let i = 2; i < 30; i++) writeFileSync(join(node.folder, "backups", `${i}.age`), "");
  await expect(planOwnBackup(node, { recipients })).rejects.toThrow("as many as it may");
});

test("the line of the log's head is the one that is saved on the machine itself", async () => {
  const node = await madeNode();
  const file = join(scratchFolder(), "heads.txt");
  await saveHead(node, file);
  const parts = (line: string) => line.split(" ").slice(1);
  expect(parts(await readHeadLine(node))).toEqual(parts(readFileSync(file, "utf8")));
});

test("invitations that were open are void: they may have been used", async () => {
  const node = await madeNode();
  await withState(node, ({ invitations }) => {
    invitations.open("advertiser", Date.now() + 3_600_000);
    expect(invitations.anyOpen(Date.now())).toBe(true);
  });
  const restored = await restoredFrom(node);
  await withState(restored, ({ invitations }) => expect(invitations.anyOpen(Date.now())).toBe(false));
});

test("API tokens hold no more: one may have been revoked", async () => {
  const node = await madeNode();
  const { token } = await createToken(node, { role: "viewer", days: 1 });
  expect(await findToken(node, token)).toMatchObject({ state: "valid" });
  expect(await findToken(await restoredFrom(node), token)).toMatchObject({ state: "revoked" });
});

test("a backup while other processes write is of one moment", async () => {
  const node = await madeNode();
  const { identities, recipients } = await keyPair();
  await withState(node, ({ audit, store }) => {
    store.transaction(() => {
      for (let i = 0; i < 3000; i++) audit.append("proposed", { id: "x".repeat(500) }, Date.now());
    });
  });
  const writer = await openNode(node.folder, { env: {} });
  onTestFinished(() => writer.close());
  let writing = true;
  const write = async () => {
    let written = 0;
    while (writing) {
      await withState(writer, ({ audit }) => audit.append("proposed", { id: "y".repeat(500) }, Date.now()));
      written++;
      await new Promise(setImmediate);
    }
    return written;
  };
  const writes = write();
  const file = join(scratchFolder(), "node.age");
  const steps = new Set<string>();
  const made = await backup(node, file, { recipients }, ({ step, done, total }) => {
    steps.add(step);
    expect(done).toBeLessThanOrEqual(total);
  });
  writing = false;
  expect(await writes).toBeGreaterThan(10);
  expect([...steps]).toEqual(["copy", "encrypt"]);
  const folder = join(scratchFolder(), "restored");
  const result = await restore(file, { folder, keys: { identities } });
  expect(result.entries).toBe(made.entries);
  const again = await openNode(folder, { env: {} });
  onTestFinished(() => again.close());
  expect(await verifyAudit(again)).toEqual({ entries: made.entries + 1, faults: [] });
});

test("nothing of the node leaves its folder in the clear, whatever the setting scratch says", async () => {
  const node = await madeNode();
  const elsewhere = scratchFolder();
  writeFileSync(join(node.folder, "config.yaml"), `scratch: ${elsewhere}\n`);
  const reopened = await openNode(node.folder, { env: {} });
  onTestFinished(() => reopened.close());
  const place = scratchFolder();
  const seen: string[] = [];
  const { recipients } = await keyPair();
  await backup(reopened, join(place, "node.age"), { recipients }, () => {
    seen.push(
      ...readdirSync(elsewhere),
      ...readdirSync(place).filter((name) => !/^node\.age(\.[0-9a-f]{16}\.tmp)?$/.test(name)),
    );
  });
  expect(seen).toEqual([]);
  const sealed = readFileSync(join(place, "node.age"));
  for (const needle of ["PRIVATE KEY", "SQLite format", node.fingerprint, "scratch:"])
    expect(sealed.includes(needle), needle).toBe(false);
});

test("a file that is there is never written over, and another key does not open the backup", async () => {
  const { node, file, place, recipients } = await backedUp();
  const before = readFileSync(file);
  await expect(backup(node, file, { recipients })).rejects.toMatchObject({ code: "file" });
  expect(readFileSync(file)).toEqual(before);
  const other = await keyPair();
  const folder = join(place, "restored");
  const wrong = restore(file, { folder, keys: { identities: other.identities } });
  await expect(wrong).rejects.toMatchObject({ code: "backup-key" });
  expect(existsSync(folder)).toBe(false);
  for (const bad of [{}, { passphrase: "a", recipients }, { passphrase: "" }, { recipients: ["age1none"] }])
    await expect(backup(node, join(place, "none.age"), bad)).rejects.toMatchObject({
      code: expect.stringMatching(/^(flags|backup-key)$/),
    });
  expect(readdirSync(place)).toEqual(["node.age"]);
});

test("a passphrase opens what it closed, and no other one does", async () => {
  const node = await madeNode();
  const place = scratchFolder();
  const file = join(place, "node.age");
  await backup(node, file, { passphrase: `${PASSPHRASE}\n` });
  const wrong = { folder: join(place, "a"), keys: { passphrase: "moor lantern oyster pear" } };
  await expect(restore(file, wrong)).rejects.toMatchObject({ code: "backup-key" });
  await restore(file, { folder: join(place, "b"), keys: { passphrase: PASSPHRASE } });
});

test("a backup that was cut or changed anywhere puts nothing in place", async () => {
  const { file, place, keys } = await backedUp();
  const folder = join(place, "restored");
  const whole = readFileSync(file);
  const damaged = join(place, "damaged.age");
  const tried = async (bytes: Uint8Array) => {
    writeFileSync(damaged, bytes);
    const outcome = await restore(damaged, { folder, keys }).catch((error: unknown) => error);
    expect(outcome).toMatchObject({ code: expect.stringMatching(/^backup(-key)?$/) });
    expect(existsSync(folder)).toBe(false);
  };
  const { length } = whole;
  const header = whole.indexOf("\n---") + 1;
  for (const cut of [0, 10, header, header + 40, Math.floor(length / 2), length - 16, length - 1])
    await tried(whole.subarray(0, cut));
  for (const at of [0, 30, header - 5, header + 10, header + 60, Math.floor(length / 2), length - 1]) {
    const changed = Uint8Array.from(whole);
    changed[at]! ^= 1;
    await tried(changed);
  }
  // In pieces of 64 KiB, the last of which alone says that it is the last.
  await tried(whole.subarray(0, whole.indexOf("\n", header) + 1 + 16 + 65_552));
  await tried(Buffer.concat([whole, new Uint8Array(100)]));
});

/** An archive as whoever has the key can make it. */
test("a folder with something in it is left alone", async () => {
  const { file, place, keys } = await backedUp();
  const folder = join(place, "used");
  mkdirSync(folder);
  writeFileSync(join(folder, "notes.txt"), "mine");
  await expect(restore(file, { folder, keys })).rejects.toMatchObject({ code: "folder" });
  expect(inFolder(folder)).toEqual(["notes.txt"]);
});

test.each([
  ["before", 1],
  ["before", 3],
  ["before", 6],
  ["decrypt", 0],
] as const)(
  "a restore that is killed (%s %s) leaves no node, and the next one has all of it",
  async (moment, count) => {
    const { file, place, node, keys } = await killedAt(moment, count);
    const folder = join(place, "restored");
    expect(existsSync(nodeFolder(folder, {}).signingKeyFile)).toBe(false);
    expect(existsSync(join(folder, "restore.unfinished"))).toBe(true);
    const result = await restore(file, { folder, keys });
    expect(result.fingerprint).toBe(node.fingerprint);
    expect(inFolder(folder)).toEqual([...NODE_FILES].toSorted());
  },
);

test("a restore that is killed after its last file has put a whole node in place", async () => {
  const { file, place, keys } = await killedAt("after", NODE_FILES.length);
  const folder = join(place, "restored");
  await expect(restore(file, { folder, keys })).rejects.toMatchObject({
    code: "node-exists",
  });
  const again = await openNode(folder, { env: {} });
  onTestFinished(() => again.close());
  expect((await verifyAudit(again)).faults).toEqual([]);
  expect(inFolder(folder).filter((name) => name.includes("scratch"))).toEqual([]);
});

async function killedAt(moment: string, count: number) {
  const { node, place, file, keys } = await backedUp();
  const args = [file, join(place, "restored"), keys.identities, moment, String(count)];
  const child = spawn(process.execPath, ["--import", TYPESCRIPT, RESTORER, ...args], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  expect((await once(child, "close"))[1]).toBe("SIGKILL");
  return { file, place, node, keys };
}

const has = (program: string) => {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

describe.runIf(has("age"))("the program age", () => {
  test("opens a backup, and tar lists it", async () => {
    const { file, place, keys } = await backedUp();
    const identity = join(place, "identity");
    writeFileSync(identity, `# made for this\n${keys.identities}\n`, { mode: 0o600 });
    execFileSync("age", ["-d", "-i", identity, "-o", join(place, "node.tar"), file]);
    const listed = execFileSync("tar", ["-tvf", join(place, "node.tar")], { encoding: "utf8" });
    expect(
      listed
        .trim()
        .split("\n")
        .map((line) => line.split(/\s+/).at(-1)),
    ).toEqual([ABOUT, ...NODE_FILES]);
    expect(listed).not.toMatch(/^-rw.{2}[^-]/m);
    // The file's text as it is, comments included.
    const restored = await restore(file, {
      folder: join(place, "b"),
      keys: { identities: readFileSync(identity, "utf8") },
    });
    expect(restored.entries).toBe(2);
    truncateSync(identity);
    const none = restore(file, {
      folder: join(place, "c"),
      keys: { identities: readFileSync(identity, "utf8") },
    });
    await expect(none).rejects.toMatchObject({ code: "backup-key" });
  });
});
