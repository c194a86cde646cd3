// SIGUSR1 makes Node open its inspector on a port that every program of the machine can use. No command of Halfroom does.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { initNode } from "@halfroom/node";
import { expect, test } from "vitest";
import { BIN, temporaryFolder } from "./halfroom.ts";

const CHECKOUT = new URL("../../../tools/checkout.js", import.meta.url).href;

/** What a node says on stderr that gets the signal while it serves. */
async function saidAfterSignal(bin: string): Promise<string> {
  const home = temporaryFolder();
  await initNode(home);
  writeFileSync(join(home, "config.yaml"), "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\nconsole: none\n");
  // A port of its own, should the inspector open after all.
  const args = ["--inspect-port=0", bin, "serve", "--home", home];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  const said = text(child.stderr);
  const ended = once(child, "close");
  // Its first line says that it serves.
  await once(child.stderr, "data");
  child.kill("SIGUSR1");
  await pause(500);
  child.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
  return await said;
}

test("neither the command of a checkout nor the compiled one opens the inspector", async () => {
  const { builtCommand } = (await import(CHECKOUT)) as { builtCommand(): Promise<string> };
  for (const bin of [BIN, await builtCommand()]) {
    const said = await saidAfterSignal(bin);
    expect(said).toContain('"ready"');
    expect(said).not.toContain("Debugger");
  }
});
