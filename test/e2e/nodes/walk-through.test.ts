// Runs docs/walk-through.md block by block, in the order in which it stands, as its reader would.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { freePort } from "./site.ts";

const HALFROOM = fileURLToPath(new URL("../../../packages/cli/bin/halfroom.js", import.meta.url));
const PAGE = fileURLToPath(new URL("../../../docs/walk-through.md", import.meta.url));

interface Block {
  readonly terminal: string;
  readonly background: boolean;
  readonly script: string;
}

const blocks: Block[] = [
  ...readFileSync(PAGE, "utf8").matchAll(/^```sh (\w+)( background)?\n(.*?)^```$/gms),
].map(([, terminal, background, script]) => ({
  terminal: terminal!,
  background: background !== undefined,
  script: script!,
}));

const folder = mkdtempSync(join(tmpdir(), "halfroom-walk-"));
const bin = join(folder, "bin");
mkdirSync(bin);
writeFileSync(join(bin, "halfroom"), `#!/bin/sh\nexec "${process.execPath}" "${HALFROOM}" "$@"\n`);
chmodSync(join(bin, "halfroom"), 0o755);
const background: ChildProcess[] = [];
/** What each terminal has exported so far. */
const exported = new Map<string, string>();

function start({ terminal, script }: Block): ChildProcess {
  const exports = exported.get(terminal) ?? "";
  return spawn("bash", ["-euo", "pipefail", "-c", `${exports}\n${script}`], {
    cwd: folder,
    env: { ...process.env, PATH: `${bin}:${process.env["PATH"]}`, HALFROOM_ASK_SECONDS: "0.2" },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
}

afterAll(() => {
  for (const { pid } of background) {
    try {
      process.kill(-pid!, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
});

test("the walk-through works as it stands, at whatever ports are free", async () => {
  expect(blocks.length).toBeGreaterThan(12);
  const ports = new Map<string, string>();
  for (const port of ["7443", "7444", "7480", "7481"]) ports.set(port, String(await freePort()));
  let printed = "";
  for (const { script, ...rest } of blocks) {
    const block = {
      ...rest,
      script: script.replace(/(?<=127\.0\.0\.1:)\d+/g, (port) => ports.get(port) ?? port),
    };
    const child = start(block);
    const exports = block.script.split("\n").filter((line) => line.startsWith("export "));
    exported.set(block.terminal, [exported.get(block.terminal) ?? "", ...exports].join("\n"));
    if (block.background) {
      background.push(child);
      child.stdout!.resume();
      child.stderr!.resume();
      continue;
    }
    const [[exitCode], stdout, stderr] = await Promise.all([
      once(child, "close") as Promise<[number | null]>,
      text(child.stdout!),
      text(child.stderr!),
    ]);
    expect(exitCode, `${block.script}\n${stderr}`).toBe(0);
    printed += stdout;
  }
  expect(printed).toMatch(/The partner's policy asks a person/);
  expect(printed).toMatch(/with publisher[^]*│ campaign +│/);
  expect(printed).toMatch(/at\s+least\s+50\s+matched\s+people/);
  expect(printed).toContain("The audit log holds");
  expect(printed).toMatch(/Receipt of session [0-9a-f]{64}/);
});
