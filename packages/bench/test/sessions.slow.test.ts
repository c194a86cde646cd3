// A small run of the benchmark from its command to bench.json: real nodes, real sessions.
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { BENCH } from "../src/program.ts";
import type { BenchRun } from "../src/result.ts";
import { total } from "../src/sessions/measure.ts";

const out = mkdtempSync(join(tmpdir(), "halfroom-bench-test-"));
afterAll(() => rmSync(out, { recursive: true, force: true }));

test("a cold and a warm session of each kind of transfers, as one JSON object", async () => {
  const sizes = ["--rows=1500", "--sender-rows=1200", "--threads=1", "--transfers=softspoken,silent"];
  const args = [BENCH, ...sizes, "--json", `--out=${out}`];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 24 });
  const bench = JSON.parse(stdout);
  const people = { senderPeople: 1200, receiverPeople: 1500 };
  expect(bench.runs).toMatchObject([
    { ...people, transfers: "softspoken", warm: false },
    { ...people, transfers: "softspoken", warm: true },
    { ...people, transfers: "silent", warm: false },
    { ...people, transfers: "silent", warm: true },
  ]);
  expect(bench.machine.processor).not.toBe("");
  expect(bench.runs[2].expansions.sender.trees).toBeGreaterThan(bench.runs[2].expansions.sender.depth);
  for (const { messages, stages, warm } of bench.runs as BenchRun[]) {
    const measured = messages.reduce((sum, each) => sum + each.measured.sender + each.measured.receiver, 0);
    // Proposal and receipts, which belong to no stage, are counted too.
    expect(measured).toBeGreaterThan(total(stages, "senderBytes") + total(stages, "receiverBytes"));
    // A frame has at most 14 bytes beside its fields; pieces are of 128 KiB, and what opens is less than the model's most.
    for (const { type, modelled, measured: moved } of messages) {
      const [said, was] = [modelled.sender + modelled.receiver, moved.sender + moved.receiver];
      if (said === 0 || type === "cellOpening") continue;
      expect(was, `${type}, warm: ${warm}`).toBeGreaterThan(said);
      expect(was, `${type}, warm: ${warm}`).toBeLessThan(said * 1.01 + 1000);
    }
  }
  const stages = bench.runs[1].stages.map(({ name }: { name: string }) => name);
  expect(stages).toEqual(["prepare", "agree", "pseudonymise", "match", "aggregate", "release"]);
  expect(bench.runs[0].kernelShare).toBeGreaterThan(0);
  expect(bench.oprf.receiverRowsPerSecond).toBeGreaterThan(100);
  // Unequal sets have no picture.
  expect(readdirSync(out)).toEqual(["bench.json"]);
  expect(JSON.parse(readFileSync(join(out, "bench.json"), "utf8"))).toEqual(bench);
});
