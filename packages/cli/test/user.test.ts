// Users from the command line: passwords come from a file or a terminal, and are never shown.
import { writeFileSync } from "node:fs";
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
