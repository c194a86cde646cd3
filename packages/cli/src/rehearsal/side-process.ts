// The process of one side, as the rehearsal sees it: its events and its ending.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import type { OperatorErrorCode } from "@halfroom/node";
import { EXIT } from "../failure.ts";
import { PROGRAM } from "../program.ts";
import type { Instruction, SideEvent, SideMessage } from "./messages.ts";

/** The command that is one side. */
const SIDE_COMMAND = "rehearsal-side";

export interface Ending {
  readonly exitCode: number;
  /** The code of the error that it ended with, if it reported one. */
  readonly code: OperatorErrorCode | undefined;
  /** True if it ended because `stop` was called: its ending then says nothing about a cause. */
  readonly stopped: boolean;
  /** What it said on stderr, in a line or two. */
  readonly complaint: string;
}

export interface SideProcess {
  /** Settles when the process has ended and its output was read; rejects only if it could not be started. */
  readonly ended: Promise<Ending>;
  tell(instruction: Instruction): void;
  stop(): void;
}

export function startSide(onEvent: (event: SideEvent) => void): SideProcess {
  // If this process ends, in whatever way, the side notices through its message channel.
  const child = spawn(process.execPath, [PROGRAM, SIDE_COMMAND], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let stopped = false;
  let code: OperatorErrorCode | undefined;
  child.on("message", (told) => {
    const message = told as SideMessage;
    if (message.type === "failed") code = message.code;
    else onEvent(message);
  });

  async function ending(): Promise<Ending> {
    const [[exitCode, signal], complaint] = await Promise.all([
      once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>,
      text(child.stderr!),
    ]);
    return {
      exitCode: exitCode ?? EXIT.protocolFailure,
      code,
      stopped,
      complaint:
        exitCode === null
          ? `the process was ended by ${signal}`
          : complaint.trim().replaceAll(/^halfroom: /gm, ""),
    };
  }

  return {
    ended: ending(),
    // It may be gone already; its ending says why.
    tell: (instruction) => void child.send(instruction, () => {}),
    stop: () => {
      if (child.exitCode === null && child.signalCode === null) stopped = child.kill();
    },
  };
}
