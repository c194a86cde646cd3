// The benchmark's flags, as they are typed.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test, vi } from "vitest";
import { main } from "../src/main.ts";
import { BENCH } from "../src/program.ts";

test.each([
  ["no people", ["--rows=0"], "--rows 0"],
  ["more people than a session has", ["--rows", "10000,12000001"], "--rows 12000001"],
  ["people in words", ["--sender-rows=many"], "--sender-rows many"],
  ["no cells", ["--cells=64,0"], "--cells 0"],
  ["more sums than are measured", ["--measures=17"], "--measures 17"],
  ["transfers that do not exist", ["--transfers=softspoken,loud"], "--transfers loud"],
  ["a line that is none", ["--link=none/fast"], "--link fast"],
  ["no threads", ["--threads=0"], "--threads 0"],
  ["a k that does not exist", ["--ot-k=5"], "ot-k"],
  ["an unknown flag", ["--fast"], "fast"],
  ["a source for sessions", ["--rows=1000", "--source=csv"], "--source"],
  ["no rows to prepare", ["prepare", "--rows=0"], "--rows 0"],
  ["an unknown source", ["prepare", "--source=xlsx"], "source"],
])("%s: exit code 2", async (_, args, words) => {
  const error = vi.spyOn(console, "error").mockImplementation(() => {});
  try {
    expect(await main(args)).toBe(2);
    expect(error.mock.calls.flat().join()).toContain(words);
  } finally {
    error.mockRestore();
  }
});

test("the process does the same, and says what it takes", async () => {
  const bench = (...args: string[]) => promisify(execFile)(process.execPath, [BENCH, ...args]);
  await expect(bench("--rows=0")).rejects.toMatchObject({ code: 2, stdout: "" });
  const { stdout } = await bench("--help");
  for (const flag of [
    "--rows",
    "--sender-rows",
    "--full",
    "--exact",
    "--peers",
    "--out",
    "--markdown",
    "--json",
  ])
    expect(stdout).toContain(flag);
});

test("preparation of one source, as one JSON object", async () => {
  const args = ["prepare", "--rows=1000", "--source=csv.gz", "--json"];
  const { stdout } = await promisify(execFile)(process.execPath, [BENCH, ...args]);
  const speed = JSON.parse(stdout) as Record<string, number | string>;
  expect(speed).toMatchObject({ source: "csv.gz", rows: 1000, people: 800 });
  expect(speed["seconds"]).toBeGreaterThan(0);
  expect(speed["peakMemoryBytes"]).toBeGreaterThan(2 ** 20);
});
