// A command that is killed while it prepares data leaves identifiers in one place on the disk, and the next start removes them.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { initNode } from "@halfroom/node";
import { expect, test } from "vitest";
import { BIN, halfroom, temporaryFolder } from "./halfroom.ts";

const NEEDLE = "@needle.example";
const ROWS = 60_000;

interface Place {
  /** Everything that the command may write to. */
  readonly disk: string;
  readonly env: Record<string, string>;
  readonly scratch: string;
  readonly data: string;
}

/** A node with a large file that the engine cannot read as it is, so that it is copied first. */
async function place(): Promise<Place> {
  const data = join(temporaryFolder(), "people.csv");
  const disk = temporaryFolder();
  const [user, temporary, home] = ["user", "tmp", "node"].map((name) => join(disk, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [user, temporary]) mkdirSync(folder);
  await initNode(home);
  // The blank line.
  const lines = Array.from({ length: ROWS }, (_, i) => `person-${i}${NEEDLE},${i % 7}`);
  writeFileSync(data, `email,campaign\n\n${lines.join("\n")}\n`);
  const people = {
    source: { csv: data },
    match: { email: { columns: "email" } },
    dimensions: { campaign: {} },
  };
  writeFileSync(join(home, "config.yaml"), JSON.stringify({ datasets: { people } }));
  const env = { HOME: user, TMPDIR: temporary, HALFROOM_HOME: home };
  return { disk, env, scratch: join(home, "scratch"), data };
}

/** Files with an identifier in them, and how many bytes they hold. */
function withNeedle(disk: string): string[] {
  const files = readdirSync(disk, { recursive: true, encoding: "utf8" }).map((name) => join(disk, name));
  return files.filter((file) => lstatSync(file).isFile() && readFileSync(file).includes(NEEDLE));
}

function bytesIn(folder: string): number {
  if (!existsSync(folder)) return 0;
  const sizes = readdirSync(folder, { recursive: true, encoding: "utf8" }).map(
    (name) => lstatSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0,
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Runs the command and kills it, and all that it has started, once its scratch folder holds so many bytes. */
async function killedAt(args: readonly string[], { env, scratch }: Place, bytes: number): Promise<void> {
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { ...process.env, ...env },
    stdio: "ignore",
    detached: true,
  });
  const closed = once(child, "close");
  while (child.exitCode === null && bytesIn(scratch) < bytes) await pause(2);
  expect(child.exitCode).toBeNull();
  process.kill(-child.pid!, "SIGKILL");
  await closed;
}

const MEBIBYTE = 1 << 20;

test.each([1, MEBIBYTE])("a check that is killed when it has written %i bytes", async (bytes) => {
  const at = await place();
  await killedAt(["dataset", "check", "people"], at, bytes);
  const found = withNeedle(at.disk);
  expect(found.filter((file) => !file.startsWith(at.scratch))).toEqual([]);
  if (bytes > 1) expect(found).not.toEqual([]);
  expect((await halfroom(["sessions"], at.env)).exitCode).toBe(0);
  expect(withNeedle(at.disk)).toEqual([]);
  expect(readdirSync(at.scratch)).toEqual([]);
});

test("a rehearsal that is killed with both of its sides", async () => {
  const at = await place();
  const files = ["--sender", at.data, "--receiver", at.data];
  const report = ["--match", "email", "--group-by", "campaign", "--exact", "--progress", "none"];
  await killedAt(["rehearse", ...files, ...report], at, 2 * MEBIBYTE);
  expect(withNeedle(at.disk).filter((file) => !file.startsWith(at.scratch))).toEqual([]);
  expect((await halfroom(["sessions"], at.env)).exitCode).toBe(0);
  expect(withNeedle(at.disk)).toEqual([]);
  expect(readdirSync(at.scratch)).toEqual([]);
});
