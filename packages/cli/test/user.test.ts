// Users from the command line: passwords come from a file or a terminal, and are never shown.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { halfroom, halfroomHere, temporaryFolder } from "./halfroom.ts";

async function site() {
  const folder = temporaryFolder();
  const home = join(folder, "home");
  await halfroomHere(["init", "--home", home]);
  const password = join(folder, "password");
  writeFileSync(password, "moor lantern oyster\n");
  const run = (...args: string[]) => halfroomHere(["user", ...args, "--home", home]);
  return { home, password, run };
}

test("a user is added, listed, changed and removed", async () => {
  const { password, run } = await site();
  const added = await run("add", "anna", "--role", "approver", "--totp", "--password-file", password);
  expect(added.exitCode).toBe(0);
  expect(added.stdout).toMatch(/^Added anna.*\n[A-Z2-7]{32}\notpauth:\/\/totp\/Halfroom:anna\?/);
  expect(added.stdout + added.stderr).not.toContain("oyster");
  expect((await run("list")).stdout).toMatch(/anna +│ +approver +│ +password and code/);
  expect((await run("role", "anna", "--role", "viewer")).exitCode).toBe(0);
  expect((await run("reset", "anna", "--password-file", password)).stdout).not.toContain("otpauth");
  const [listed] = JSON.parse((await run("list", "--json")).stdout);
  expect(listed).toMatchObject({ name: "anna", role: "viewer", hasCodes: true, isLocked: false });
  expect((await run("remove", "anna")).exitCode).toBe(0);
  expect((await run("list")).stdout).toContain("no users yet");
});

test("whose ways are one person's is said, listed and taken back; nobody is signed out by nothing", async () => {
  const { run } = await site();
  const openid = "https://login.example.com 17";
  expect((await run("signed-in")).stdout).toContain("Nobody is signed in");
  expect((await run("sign-out", "anna")).stdout).toMatch(/^0 sign-ins ended/);
  expect((await run("sign-out", "anna", "--openid", openid)).exitCode).toBe(2);
  expect((await run("sign-out")).exitCode).toBe(2);
  expect((await run("link", "anna", "--openid", openid)).exitCode).toBe(0);
  expect((await run("link", "anna", "--account", "svc")).stderr).toContain("id -u");
  expect(JSON.parse((await run("links", "--json")).stdout)).toMatchObject([
    { person: "anna", way: "openid", subject: openid },
  ]);
  expect((await run("links")).stdout).toMatch(/anna +│ +openid +│ +https:\/\/login\.example\.com 17/);
  expect((await run("unlink", "--openid", openid)).exitCode).toBe(0);
  expect((await run("unlink", "--openid", openid)).exitCode).toBe(2);
  expect((await run("links")).stdout).toContain("Nobody has a second way in");
});

test("a recovery key is made where there is no node, and the node is told its public half", async () => {
  const { home } = await site();
  const file = join(temporaryFolder(), "recovery.key");
  const made = await halfroomHere(["recovery", "make", "--out", file]);
  const publicKey = made.stdout.trim();
  expect([made.exitCode, publicKey]).toEqual([0, expect.stringMatching(/^[0-9a-f]{64}$/)]);
  expect(readFileSync(file, "utf8")).not.toContain(publicKey);
  expect((await halfroomHere(["recovery", "use", publicKey, "--home", home])).exitCode).toBe(0);
  expect(readFileSync(join(home, "config.yaml"), "utf8")).toContain(`recovery_key: ${publicKey}`);
  const wrong = await halfroomHere(["recovery", "use", "0".repeat(64), "--home", home]);
  expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining("64 hexadecimal digits")]);
});

test("a password is no argument, and what is none is refused without being shown", async () => {
  const { home, password, run } = await site();
  writeFileSync(password, "short\r\n");
  const refused = await run("add", "anna", "--role", "viewer", "--password-file", password, "--json");
  expect([refused.exitCode, JSON.parse(refused.stderr).error.code]).toEqual([2, "password"]);
  expect(refused.stderr).not.toContain("short");
  const argument = await run("add", "anna", "--role", "viewer", "--password", "moor lantern oyster");
  expect([argument.exitCode, argument.stderr.includes("oyster")]).toEqual([2, false]);
  const missing = await halfroom(["user", "reset", "anna", "--home", home]);
  expect([missing.exitCode, missing.stderr]).toEqual([2, expect.stringContaining("--password-file")]);
});
