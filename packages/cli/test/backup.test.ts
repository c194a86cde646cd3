// `halfroom backup` and `halfroom restore` as they are typed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { expect, test } from "vitest";
import { BIN, halfroomHere, temporaryFolder } from "./halfroom.ts";

async function place() {
  const folder = temporaryFolder();
  const home = join(folder, "home");
  expect((await halfroomHere(["init", "--home", home])).exitCode).toBe(0);
  const identity = await generateX25519Identity();
  writeFileSync(join(folder, "identity"), `${identity}\n`);
  return { folder, home, file: join(folder, "node.age"), recipient: await identityToRecipient(identity) };
}

test("words and JSON of a backup, of a head and of a restore", async () => {
  const { folder, home, file, recipient } = await place();
  const made = await halfroomHere(["backup", file, "--home", home, "--recipient", recipient]);
  expect(made).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/node\.age: [\d,]+ bytes.*entry 2/),
  });
  const heads = join(folder, "heads");
  const head = await halfroomHere(["backup", "--heads", heads, "--home", home, "--json"]);
  expect(JSON.parse(head.stdout)).toMatchObject({ number: 2, spent: 0 });
  expect(readFileSync(heads, "utf8")).toMatch(/^\S+Z 2 [0-9a-f]{64} 0 [0-9a-f]{64}\n$/);

  const args = ["restore", file, "--identity", join(folder, "identity")];
  const blind = await halfroomHere([...args, "--home", join(folder, "a")]);
  expect(blind).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/is not known, and counts as all/),
  });
  const proven = await halfroomHere([...args, "--home", join(folder, "b"), "--heads", heads, "--json"]);
  expect(JSON.parse(proven.stdout)).toMatchObject({ lost: "nothing", later: 0, entries: 2 });
  const audit = await halfroomHere(["audit", "--home", join(folder, "b"), "--json"]);
  const kinds = audit.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).kind as string);
  expect(kinds).toEqual(["node-created", "backed-up", "restored"]);
});

test.each([
  ["no file", ["backup"], /Give FILE/],
  ["both forms", ["backup", "x.age", "--heads", "h"], /Give FILE/],
  ["no key", ["backup", "x.age"], /--passphrase-file.*--recipient/],
  ["a passphrase as a flag", ["backup", "x.age", "--passphrase", "secret"], /[Uu]nknown/],
  ["no key to restore with", ["restore", "x.age"], /--identity/],
])("%s is bad input", async (_what, args, words) => {
  const { folder, home } = await place();
  const { exitCode, stderr } = await halfroomHere([
    ...args,
    "--home",
    args[0] === "restore" ? join(folder, "r") : home,
  ]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringMatching(words) });
  expect(existsSync("x.age")).toBe(false);
});

test("another identity: exit code 2, its code, and nothing in place", async () => {
  const { folder, home, file, recipient } = await place();
  await halfroomHere(["backup", file, "--home", home, "--recipient", recipient]);
  writeFileSync(join(folder, "identity"), `${await generateX25519Identity()}\n`);
  const restored = join(folder, "restored");
  const args = ["restore", file, "--identity", join(folder, "identity"), "--home", restored, "--json"];
  const { exitCode, stderr } = await halfroomHere(args);
  expect(exitCode).toBe(2);
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: "backup-key" } });
  expect(existsSync(restored)).toBe(false);
});

/** Types a command at a terminal, and each answer once its question is there. What stood on the screen, and the exit code. */
async function atTerminal(args: readonly string[], answers: readonly (readonly [RegExp, string])[]) {
  const words = [process.execPath, BIN, ...args].map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["--quiet", "--return", "--command", words, "/dev/null"]);
  const waiting = [...answers];
  let [screen, read] = ["", 0];
  child.stdout.on("data", (bytes: Buffer) => {
    screen += bytes.toString();
    const [question, answer] = waiting[0] ?? [];
    if (question === undefined || !question.test(screen.slice(read))) return;
    read = screen.length;
    waiting.shift();
    child.stdin.write(answer);
  });
  const [exitCode] = await once(child, "close");
  return { exitCode, screen };
}

test("at a terminal the passphrase is asked for, twice for a backup and once for a restore, and never shown", async () => {
  const { folder, home, file } = await place();
  const [secret, first] = ["moor lantern oyster", /passphrase: /];
  const backup = ["backup", file, "--home", home];
  const other = await atTerminal(backup, [
    [first, `${secret}\r`],
    [/once more: /, "moor lantern oystet\r"],
  ]);
  expect(other).toEqual({ exitCode: 2, screen: expect.stringContaining("not the same") });
  const ended = await atTerminal(backup, [[first, "\u0004"]]);
  expect(ended).toEqual({ exitCode: 2, screen: expect.stringContaining("nothing was done") });
  expect(existsSync(file)).toBe(false);
  const made = await atTerminal(backup, [
    [first, `${secret}\r`],
    [/once more: /, `${secret}\r`],
  ]);
  expect(made).toEqual({ exitCode: 0, screen: expect.stringContaining("node.age: ") });
  const restored = join(folder, "restored");
  const back = await atTerminal(["restore", file, "--home", restored], [[first, `${secret}\r`]]);
  expect(back.exitCode, back.screen).toBe(0);
  expect(existsSync(join(restored, "node.sqlite"))).toBe(true);
  for (const { screen } of [other, made, back]) expect(screen).not.toContain("lantern");
});
