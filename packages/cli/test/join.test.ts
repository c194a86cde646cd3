// `halfroom join` takes the token from where no list of processes shows it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { initNode } from "@halfroom/node";
import { beforeAll, expect, test } from "vitest";
import { encodeToken } from "../../node/src/partners/token.ts";
import { BIN, halfroomHere, temporaryFolder } from "./halfroom.ts";

const HOME = temporaryFolder();
const JOIN = ["join", "--name", "acme", "--home", HOME];
/** Whole, and too old: what reads it says so without dialling anybody. */
const EXPIRED = encodeToken({
  address: "127.0.0.1:1",
  fingerprint: "ab".repeat(32),
  secret: new Uint8Array(32).fill(7),
  expiresAt: 1_000_000,
});
const TOKEN_FILE = join(HOME, "token.txt");

beforeAll(async () => {
  await initNode(HOME);
  writeFileSync(TOKEN_FILE, `${EXPIRED}\n`);
});

test("from a file", async () => {
  const { exitCode, stderr } = await halfroomHere([...JOIN, "--token-file", TOKEN_FILE]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 4, stderr: expect.stringContaining("expired") });
});

test("from standard input", async () => {
  const child = spawn(process.execPath, [BIN, ...JOIN, "--token-file", "-"]);
  child.stdin.end(`${EXPIRED}\n`);
  const [stderr, [exitCode]] = await Promise.all([text(child.stderr), once(child, "close")]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 4, stderr: expect.stringContaining("expired") });
});

test.each([
  { given: [], says: "Give --token-file" },
  { given: [EXPIRED, "--token-file", TOKEN_FILE], says: "Give --token-file" },
  { given: ["--token-file", join(HOME, "none")], says: "Cannot read" },
  { given: ["--token-file", HOME], says: "Cannot read" },
  { given: ["--token-file", "/dev/zero"], says: "damaged" },
])("refuses $given with a remedy, and never prints a token", async ({ given, says }) => {
  const { exitCode, stderr } = await halfroomHere([...JOIN, ...given]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(says) });
  expect(stderr).not.toContain(EXPIRED.slice(0, 30));
});
