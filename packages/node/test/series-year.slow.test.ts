// A year of a weekly series between two nodes that are killed, down and cut from each other for days, under a seed: what became of its 52 runs.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const TYPESCRIPT = new URL("../../../tools/typescript.js", import.meta.url).href;
const MAIN = fileURLToPath(new URL("simulate/main.ts", import.meta.url));
const RUNS = 52;

describe.each(["late", "tell"] as const)("missed runs: %s", (missed) => {
  test("each run is made once or told as missed, and the budget comes out to the last unit", async () => {
    const args = ["--import", TYPESCRIPT, MAIN, "--series", missed, "--seed", "year", "--runs", "2"];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const [stdout, [status]] = await Promise.all([text(child.stdout), once(child, "exit")]);
    expect(status, stdout).toBe(0);
    const years = stdout.split("\n").flatMap((line) => /^seed year\/\d: (\{.*\})$/.exec(line)?.[1] ?? []);
    expect(years).toHaveLength(2);
    for (const year of years) {
      const { done, missed: none, taken, undisturbed } = JSON.parse(year);
      expect(done + none + taken).toBe(RUNS);
      // The weather was rough, and not all of the time.
      for (const count of [none, taken, undisturbed]) expect(count).toBeGreaterThan(0);
      expect(done).toBeGreaterThanOrEqual(undisturbed);
    }
  });
});
