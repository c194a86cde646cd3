// A delivery in a process of its own, which can be killed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const TYPESCRIPT = new URL("../../../tools/typescript.js", import.meta.url).href;
const DELIVERER = fileURLToPath(new URL("deliver-jobs.ts", import.meta.url));

/** `moment`: as deliver-jobs.ts has it. `ended`: code and signal. */
export function delivery(folder: string, moment: "rename" | "settle" | "never") {
  const child = spawn(process.execPath, ["--import", TYPESCRIPT, DELIVERER, folder, moment], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  return { child, ended: once(child, "close") as Promise<[number | null, string | null]> };
}
