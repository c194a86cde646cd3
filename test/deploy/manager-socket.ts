// What systemd has for a service that tells it how far it is.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import { ROOT } from "../docs/typing.ts";

/** A socket as systemd has one for a service, and what comes to it. */
export async function managerSocket() {
  const path = join(mkdtempSync(join(tmpdir(), "halfroom-notify-")), "socket");
  const child = spawn("python3", [join(ROOT, "test/deploy/receive.py"), path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill());
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  await once(reader, "line");
  const seen = async (line: string) => {
    while (!lines.includes(line)) await once(reader, "line");
  };
  return { path, lines, seen };
}
