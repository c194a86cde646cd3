// Two nodes under a seed, in a process of their own, whose clock and disk they have for themselves: a few runs of the many that
// `npm run test:simulate` makes.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const TYPESCRIPT = new URL("../../../tools/typescript.js", import.meta.url).href;
const MAIN = fileURLToPath(new URL("simulate/main.ts", import.meta.url));

async function simulate(
  ...args: string[]
): Promise<{ readonly code: number | null; readonly lines: string[] }> {
  const child = spawn(process.execPath, ["--import", TYPESCRIPT, MAIN, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (more: string) => (text += more));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, lines: text.trimEnd().split("\n") };
}

const RUNS = ["--seed", "quick", "--runs", "4", "--steps", "6"];

test("no rule breaks in runs that end as they do every time", async () => {
  const { code, lines } = await simulate(...RUNS);
  expect(code, lines.join("\n")).toBe(0);
  expect(lines.slice(0, -1)).toEqual(
    [0, 1, 2, 3].map((run) => expect.stringMatching(`^seed quick/${run}: trace`)),
  );
  // All but the last line, which says how long it took.
  expect((await simulate(...RUNS)).lines.slice(0, -1)).toEqual(lines.slice(0, -1));
});
