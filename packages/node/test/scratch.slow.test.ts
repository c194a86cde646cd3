// What the engine had spilled when its process was killed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { Scratch } from "../src/store/scratch.ts";

const TYPESCRIPT = new URL("../../../tools/typescript.js", import.meta.url).href;
const JOBS = new URL("prepare-jobs.ts", import.meta.url).pathname;

test("is swept", async () => {
  const root = mkdtempSync(join(tmpdir(), "halfroom-scratch-"));
  const csv = join(mkdtempSync(join(tmpdir(), "halfroom-people-")), "people.csv");
  const lines = Array.from({ length: 800_000 }, (_, i) => `person${i}@needle.example,${i}`);
  writeFileSync(csv, `email,amount\n${lines.join("\n")}\n`);
  const child = spawn(process.execPath, ["--import", TYPESCRIPT, JOBS, root, csv], { stdio: "ignore" });
  const closed = once(child, "close");
  const spilled = () =>
    readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".tmp"));
  while (child.exitCode === null && spilled().length === 0) await pause(2);
  child.kill("SIGKILL");
  expect(await closed).toEqual([null, "SIGKILL"]);
  expect(spilled()).not.toEqual([]);
  await new Scratch(root).sweep();
  expect(readdirSync(root)).toEqual([]);
});
