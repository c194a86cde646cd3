// What a serving node has moved so far, by type of message: its own count, as Prometheus reads it.
import { execFile } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import type { MessageType } from "@halfroom/wire";
import type { Site } from "../sessions/halfroom.ts";
import type { CountedBytes } from "./kinds.ts";

const READ = "process.stdout.write(await (await fetch(process.argv[1])).text())";
const BYTES = /^halfroom_message_bytes_total\{type="(\w+)",direction="(sent|received)"\} (\d+)$/gm;
const AGAIN_MS = 50;

/** Its metrics in Prometheus' text form. A process reads them, because the node may be in a network of its own. */
export async function metricsOf({ env, prefix }: Site): Promise<string> {
  const url = `http://${env["HALFROOM_ADMIN"]!}/metrics`;
  const [command, ...args] = [...prefix, process.execPath, "--input-type=module", "--eval", READ, url];
  const { stdout } = await promisify(execFile)(command!, args);
  return stdout;
}

/** What has moved since `before`, once a session has been counted. `read`: the metrics now. */
export async function countedSince(
  before: string,
  read: () => Promise<string>,
): Promise<readonly CountedBytes[]> {
  const old = bytesIn(before);
  for (;;) {
    const moved = [...bytesIn(await read())]
      .map(([name, bytes]) => [name, bytes - (old.get(name) ?? 0)] as const)
      .filter(([, bytes]) => bytes > 0);
    // All is counted at once, when the session has ended at the receiver, which may be a moment after the sender's.
    if (moved.length > 0) return moved.map(([name, bytes]) => counted(name, bytes));
    await setTimeout(AGAIN_MS);
  }
}

/** By direction and type. */
function bytesIn(metrics: string): Map<string, number> {
  return new Map(
    [...metrics.matchAll(BYTES)].map(([, type, direction, bytes]) => [`${direction} ${type}`, Number(bytes)]),
  );
}

/** The node is the receiver's. */
function counted(name: string, bytes: number): CountedBytes {
  const [direction, type] = name.split(" ") as ["sent" | "received", MessageType];
  return { type, from: direction === "sent" ? "receiver" : "sender", bytes };
}
