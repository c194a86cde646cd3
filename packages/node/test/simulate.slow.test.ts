// Every call of disk and store that a report takes, on both sides, failed once: more than an hour.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const TYPESCRIPT = new URL("../../../tools/typescript.js", import.meta.url).href;
const MAIN = fileURLToPath(new URL("simulate/main.ts", import.meta.url));

test("each call of disk and store fails once: nothing that was spent is lost, and the next report comes", () => {
  const args = ["--import", TYPESCRIPT, MAIN, "--seed", "each", "--each", "1"];
  const { status, stdout } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  expect(status, stdout).toBe(0);
  expect(stdout).toMatch(/^calls of a report: advertiser \d{2,}, publisher \d{2,}$/m);
});
