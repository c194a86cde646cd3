// One half as a child process: exactly the `half` command, its events and its ending.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { HalfEvent, Role } from "@halfroom/node";
import { EXIT } from "./failure.ts";

const HALFROOM = fileURLToPath(new URL("../bin/halfroom.js", import.meta.url));

export interface Ending {
  readonly role: Role;
  readonly exitCode: number;
  /** True if it ended because `stop` was called and says nothing of its own accord. */
  readonly stopped: boolean;
  readonly stdout: string;
  /** What it said on stderr besides events, in a line or two. */
  readonly complaint: string;
}

export interface HalfProcess {
  /** Settles when the process has ended and its output is read; rejects only if it could not be started. */
  readonly ended: Promise<Ending>;
  stop(): void;
}

/** Starts `halfroom half` with `flags` and hands on its events. */
export function startHalf(
  role: Role,
  flags: readonly string[],
  onEvent: (event: HalfEvent) => void,
): HalfProcess {
  // The message channel carries nothing: a half sees by it that this process is gone, however it went.
  const child = spawn(
    process.execPath,
    [HALFROOM, "half", `--role=${role}`, ...flags, "--json", "--progress=json"],
    { stdio: ["ignore", "pipe", "pipe", "ipc"] },
  );
  let stopped = false;

  async function ending(): Promise<Ending> {
    const [[exitCode, signal], stdout, complaint] = await Promise.all([
      once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>,
      text(child.stdout!),
      readEvents(child.stderr!, onEvent),
    ]);
    return {
      role,
      exitCode: exitCode ?? EXIT.protocolFailure,
      stopped,
      stdout,
      complaint: exitCode === null ? `the process was ended by ${signal}` : complaint,
    };
  }

  return {
    ended: ending(),
    stop: () => {
      if (child.exitCode === null && child.signalCode === null) stopped = child.kill();
    },
  };
}

/** Reads stderr to its end: lines of JSON are events, the rest is returned. */
async function readEvents(stderr: Readable, onEvent: (event: HalfEvent) => void): Promise<string> {
  const complaint: string[] = [];
  for await (const line of createInterface({ input: stderr })) {
    const event = parseEvent(line);
    if (event === undefined) complaint.push(line.replace(/^halfroom: /, ""));
    else onEvent(event);
  }
  return complaint.join("\n");
}

function parseEvent(line: string): HalfEvent | undefined {
  try {
    const event = JSON.parse(line);
    return typeof event?.type === "string" ? event : undefined;
  } catch {
    return undefined;
  }
}
