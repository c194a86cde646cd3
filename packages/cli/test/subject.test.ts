// `halfroom subject` as it is typed: words, JSON, and a list on standard input, of which nothing stays on the disk.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { BIN, halfroomHere, temporaryFolder, writeCsv } from "./halfroom.ts";

async function place() {
  const folder = temporaryFolder();
  const home = join(folder, "home");
  const people = writeCsv(folder, "people.csv", [
    ["email", "campaign"],
    ["a@example.com", "spring"],
    ["a@example.com", ""],
    ["b@example.com", "spring"],
  ]);
  await halfroomHere(["init", "--home", home]);
  const match = ["--match", "email=email", "--dimension", "campaign"];
  await halfroomHere(["dataset", "add", "people", "--file", people, ...match, "--home", home]);
  return { folder, home, list: writeCsv(folder, "asks.csv", [["email"], ["A@example.com"]]) };
}

test("words and JSON of what is held", async () => {
  const { home, list } = await place();
  const { stdout, exitCode } = await halfroomHere(["subject", list, "--home", home]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/people +│ email +│ 1 +│ 2 +│ email 2, campaign 1/);
  expect(stdout).toMatch(/On the suppress list: 0 /);
  const asJson = await halfroomHere(["subject", list, "--home", home, "--json"]);
  expect(JSON.parse(asJson.stdout)).toMatchObject({
    found: { email: 1 },
    datasets: [{ dataset: "people", by: [{ key: "email", rows: 2, columns: { email: 2, campaign: 1 } }] }],
  });
  const added = await halfroomHere(["suppress", "add", list, "--home", home]);
  expect(added.stdout).toMatch(/Deleted: 0 kept pseudonyms, 0 sessions/);
  expect((await halfroomHere(["subject", list, "--home", home])).stdout).toMatch(/On the suppress list: 1 /);
});

test("a list on standard input leaves nothing on the disk, and is in no argument", async () => {
  const { home } = await place();
  const child = spawn(process.execPath, [BIN, "subject", "-", "--home", home, "--json"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end("email\na@example.com\n");
  expect(JSON.parse(await text(child.stdout))).toMatchObject({ datasets: [{ by: [{ rows: 2 }] }] });
  const files = readdirSync(home, { recursive: true, encoding: "utf8" }).map((name) => join(home, name));
  const bytes = Buffer.concat(
    files.filter((file) => statSync(file).isFile()).map((file) => readFileSync(file)),
  );
  expect(bytes.includes("a@example.com")).toBe(false);
});
