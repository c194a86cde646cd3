// A process's own scratch folder: private, gone with the process or swept after it, and nobody else's folder is ever touched.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { Places } from "../src/store/places.ts";
import { Scratch, scratchPath } from "../src/store/scratch.ts";

const TYPESCRIPT = new URL("../../../tools/typescript.js", import.meta.url).href;
const SOURCE = new URL("../src/store/scratch.ts", import.meta.url).href;

const folder = () => mkdtempSync(join(tmpdir(), "halfroom-scratch-"));

/** Opens the scratch folder, writes into it, names it on stdout, and lives on unless `then` ends it. */
function argsOf(root: string, then: string): string[] {
  const code = `
    import { writeFileSync } from "node:fs";
    const { Scratch } = await import(${JSON.stringify(SOURCE)});
    const path = await new Scratch(${JSON.stringify(root)}).open();
    writeFileSync(path + "/rows", "rows");
    console.log(path);
    ${then}`;
  return ["--import", TYPESCRIPT, "--input-type=module", "--eval", code];
}

const KILLS_ITSELF = 'process.kill(process.pid, "SIGKILL");';

/** What a process leaves that opened the scratch folder, wrote into it and was killed. */
function leftByKilled(root: string): string {
  const { stdout, signal } = spawnSync(process.execPath, argsOf(root, KILLS_ITSELF), { encoding: "utf8" });
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

test("leaves what is in use, of this process too", async () => {
  const home = folder();
  const [first, second] = [new Scratch(scratchPath(home)), new Scratch(scratchPath(home))];
  const path = await first.open();
  writeFileSync(join(path, "rows"), "rows");
  await second.open();
  await second.sweep();
  second.close();
  first.close();
  await second.sweep();
  expect(readdirSync(path)).toEqual(["rows"]);
});

test("sweeps what a killed process left, and nothing else", async () => {
  const root = folder();
  const left = leftByKilled(root);
  expect(readdirSync(left)).toEqual(["rows"]);
  const ours = await new Scratch(root).open();
  const foreign = ["data", "halfroom-", "halfroom-data", `halfroom-${"A".repeat(32)}`].map((name) =>
    join(root, name),
  );
  for (const path of foreign) mkdirSync(path);
  await new Scratch(root).sweep();
  expect([left, `${left}.lock`].filter((path) => existsSync(path))).toEqual([]);
  expect([ours, `${ours}.lock`, ...foreign].filter((path) => !existsSync(path))).toEqual([]);
});

test("never sweeps what a live process uses, only after its end", async () => {
  const root = folder();
  const child = spawn(process.execPath, argsOf(root, "setInterval(() => {}, 1000);"));
  const [path] = (await once(child.stdout, "data")) as [Buffer];
  const used = String(path).trim();
  await new Scratch(root).sweep();
  expect(readdirSync(used)).toEqual(["rows"]);
  child.kill("SIGKILL");
  await once(child, "close");
  await new Scratch(root).sweep();
  expect(readdirSync(root)).toEqual([]);
});

const CONTAINER = ["--pid", "--fork", "--kill-child", process.execPath];
const hasContainers = spawnSync("unshare", [...CONTAINER, "--version"]).status === 0;

test.skipIf(!hasContainers)(
  "sweeps what was left in a container that is gone, with process ids of its own",
  async () => {
    const root = folder();
    const { stdout } = spawnSync("unshare", [...CONTAINER, ...argsOf(root, KILLS_ITSELF)], {
      encoding: "utf8",
    });
    expect(readdirSync(stdout.trim())).toEqual(["rows"]);
    await new Scratch(root).sweep();
    expect(readdirSync(root)).toEqual([]);
  },
);

test("sweeps what a process left between making its lock and its folder, and half removed", async () => {
  const root = folder();
  const [lock, path] = ["a", "b"].map((digit) => join(root, `halfroom-${digit.repeat(32)}`)) as [
    string,
    string,
  ];
  writeFileSync(`${lock}.lock`, "", { mode: 0o600 });
  mkdirSync(path, { mode: 0o700 });
  await new Scratch(root).sweep();
  expect(readdirSync(root)).toEqual([]);
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
  scratch.close();
  expect(readdirSync(scratchPath(home))).toEqual([]);
});

test("does not sweep what others can write to: they could put a link there while it is removed", async () => {
  const root = folder();
  const left = leftByKilled(root);
  chmodSync(left, 0o777);
  const linked = leftByKilled(root);
  const file = join(folder(), "file");
  writeFileSync(file, "");
  rmSync(`${linked}.lock`);
  symlinkSync(file, `${linked}.lock`);
  await new Scratch(root).sweep();
  expect(readdirSync(root).sort()).toEqual(
    [left, `${left}.lock`, linked, `${linked}.lock`].map((path) => basename(path)).sort(),
  );
});

test("refuses a folder that cannot be written to, and says which setting names another", async () => {
  const file = join(folder(), "file");
  writeFileSync(file, "");
  await expect(new Scratch(file).open()).rejects.toThrow(/Cannot write to .*HALFROOM_SCRATCH/);
});

test("a setting may name a folder elsewhere", () => {
  expect(scratchPath("/home/node/.halfroom", "/var/scratch")).toBe("/var/scratch");
  expect(scratchPath("/home/node/.halfroom")).toBe("/home/node/.halfroom/scratch");
});

test("finds what was left in a place that no setting names any more", async () => {
  const home = folder();
  const usual = scratchPath(home);
  const elsewhere = join(folder(), "elsewhere");
  const places = new Places(home, usual);
  const first = new Scratch(elsewhere, places);
  writeFileSync(join(await first.open(), "rows"), "rows");
  // In use: it stays, and stays known.
  await new Scratch(usual, places).sweep();
  expect(readdirSync(elsewhere)).toHaveLength(2);
  first.close();
  const left = leftByKilled(elsewhere);
  await new Scratch(usual, places).sweep();
  expect(existsSync(left)).toBe(false);
  expect(readdirSync(join(home, "scratch-places"))).toHaveLength(1);
  rmSync(
    join(
      elsewhere,
      readdirSync(elsewhere).find((name) => !name.endsWith(".lock"))!,
      "rows",
    ),
  );
  first.close();
  await new Scratch(usual, places).sweep();
  expect(readdirSync(home)).toEqual([]);
});
