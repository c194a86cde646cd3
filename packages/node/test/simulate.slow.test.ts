// Every call of disk and store that a report takes, on both sides, failed once: more than an hour of processor time.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { NAMES } from "./simulate/made-nodes.ts";

const TYPESCRIPT = new URL("../../../tools/typescript.js", import.meta.url).href;
const MAIN = fileURLToPath(new URL("simulate/main.ts", import.meta.url));

describe.concurrent(
  "each call of disk and store fails once: nothing that was spent is lost, and the next report comes",
  () => {
    test.each(NAMES)("a call of the %s", async (name) => {
      const args = ["--import", TYPESCRIPT, MAIN, "--seed", "each", "--each", "1", "--of", name];
      const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
      const [stdout, [status]] = await Promise.all([text(child.stdout), once(child, "exit")]);
      expect(status, stdout).toBe(0);
      expect(stdout).toMatch(/^calls of a report: advertiser \d{2,}, publisher \d{2,}$/m);
    });
  },
);
