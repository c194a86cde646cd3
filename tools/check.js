// `npm run check`: types, lint, format and unused code beside each other. Each one's output comes whole when it ends; the exit code is 1
// if any of them complains.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { ROOT } from "./places.js";

const CHECKS = ["typecheck", "lint", "format:check", "unused"];

async function check(name) {
  const child = spawn("npm", ["run", "--silent", name], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  const [[exitCode], ...outputs] = await Promise.all([
    once(child, "close"),
    text(child.stdout),
    text(child.stderr),
  ]);
  process.stdout.write(`${outputs.join("")}${name}: ${exitCode === 0 ? "passed" : "FAILED"}\n`);
  return exitCode === 0;
}

const passed = await Promise.all(CHECKS.map(check));
process.exitCode = passed.every(Boolean) ? 0 : 1;
