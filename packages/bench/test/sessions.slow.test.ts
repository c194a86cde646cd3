// A small run of the benchmark from its command to bench.json: real nodes, real sessions.
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { BENCH } from "../src/program.ts";

const out = mkdtempSync(join(tmpdir(), "halfroom-bench-test-"));
afterAll(() => rmSync(out, { recursive: true, force: true }));

test("a cold and a warm session, as one JSON object", async () => {
  const sizes = ["--rows=1500", "--sender-rows=1200", "--threads=1"];
  const args = [BENCH, ...sizes, "--json", `--out=${out}`];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 24 });
  const bench = JSON.parse(stdout);
  const people = { senderPeople: 1200, receiverPeople: 1500 };
  expect(bench.runs).toMatchObject([
    { ...people, warm: false },
    { ...people, warm: true },
  ]);
  const stages = bench.runs[1].stages.map(({ name }: { name: string }) => name);
  expect(stages).toEqual(["prepare", "agree", "pseudonymise", "match", "aggregate", "release"]);
  expect(bench.runs[0].kernelShare).toBeGreaterThan(0);
  expect(bench.oprf.receiverRowsPerSecond).toBeGreaterThan(100);
  // Unequal sets have no picture.
  expect(readdirSync(out)).toEqual(["bench.json"]);
  expect(JSON.parse(readFileSync(join(out, "bench.json"), "utf8"))).toEqual(bench);
});
