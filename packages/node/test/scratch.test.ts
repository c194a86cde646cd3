// A process's own scratch folder: private, gone with the process or swept after it, and nobody else's folder is ever touched.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Scratch, scratchPath } from "../src/store/scratch.ts";

const TYPESCRIPT = new URL("../../../tools/typescript.js", import.meta.url).href;
const SOURCE = new URL("../src/store/scratch.ts", import.meta.url).href;

const folder = () => mkdtempSync(join(tmpdir(), "halfroom-scratch-"));

/** What a process leaves that opened the scratch folder, wrote into it and was killed. */
function leftByKilled(root: string): string {
  const code = `
    import { writeFileSync } from "node:fs";
    const { Scratch } = await import(${JSON.stringify(SOURCE)});
    const path = await new Scratch(${JSON.stringify(root)}).open();
    writeFileSync(path + "/rows", "rows");
    console.log(path);
    process.kill(process.pid, "SIGKILL");`;
  const args = ["--import", TYPESCRIPT, "--input-type=module", "--eval", code];
  const { stdout, signal } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect(signal).toBe("SIGKILL");
  return stdout.trim();
}

test("makes a folder for this account alone, and removes what it made", async () => {
  const home = folder();
  const scratch = new Scratch(scratchPath(home));
  const path = await scratch.open();
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(await scratch.open()).toBe(path);
  scratch.close();
  expect(readdirSync(home)).toEqual([]);
});

test("leaves what another command of the process still uses", async () => {
  const home = folder();
  const [first, second] = [new Scratch(scratchPath(home)), new Scratch(scratchPath(home))];
  const path = await first.open();
  writeFileSync(join(await second.open(), "rows"), "rows");
  first.close();
  expect(readdirSync(path)).toEqual(["rows"]);
});

test("sweeps what a killed process left, and nothing else", async () => {
  const root = folder();
  const left = leftByKilled(root);
  expect(readdirSync(left)).toEqual(["rows"]);
  const ours = await new Scratch(root).open();
  const foreign = ["data", "halfroom-", "halfroom-data", "halfroom-bm90aGluZw"].map((name) =>
    join(root, name),
  );
  for (const path of foreign) mkdirSync(path);
  await new Scratch(root).sweep();
  expect(existsSync(left)).toBe(false);
  expect([ours, ...foreign].filter((path) => !existsSync(path))).toEqual([]);
});

test("removes what it made also after sessions that opened it at the same time", async () => {
  const home = folder();
  const scratch = new Scratch(scratchPath(home));
  await Promise.all([scratch.open(), scratch.open()]);
  scratch.close();
  expect(readdirSync(home)).toEqual([]);
});

test("makes its folder again where somebody cleared the place in between", async () => {
  const home = folder();
  const scratch = new Scratch(scratchPath(home));
  rmSync(await scratch.open(), { recursive: true });
  expect(existsSync(await scratch.open())).toBe(true);
});

test("does not sweep what others can write to: they could put a link there while it is removed", async () => {
  const root = folder();
  const left = leftByKilled(root);
  chmodSync(left, 0o777);
  await new Scratch(root).sweep();
  expect(readdirSync(left)).toEqual(["rows"]);
});

test("refuses a folder that others may enter, and says which setting names another", async () => {
  const root = folder();
  const path = await new Scratch(root).open();
  chmodSync(path, 0o777);
  await expect(new Scratch(root).open()).rejects.toThrow(/open to others.*`scratch`/);
  const file = join(root, "file");
  writeFileSync(file, "");
  await expect(new Scratch(file).open()).rejects.toThrow(/Cannot write to .*HALFROOM_SCRATCH/);
});

test("a setting may name a folder elsewhere", () => {
  expect(scratchPath("/home/node/.halfroom", "/var/scratch")).toBe("/var/scratch");
  expect(scratchPath("/home/node/.halfroom")).toBe("/home/node/.halfroom/scratch");
});
