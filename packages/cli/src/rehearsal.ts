// Both halves on this machine, two processes that meet over loopback; each is given the path of its own file alone.
import { setTimeout as delay } from "node:timers/promises";
import type { HalfEvent, HalfResult, Role, StageTiming } from "@halfroom/node";
import { parseReportTable, reportJson } from "@halfroom/report";
import type { ReleasedTable } from "@halfroom/report";
import { EXIT, Failure } from "./failure.ts";
import { reportTerms, threads } from "./flags.ts";
import type { RehearseFlags } from "./flags.ts";
import { startHalf } from "./half-process.ts";
import type { Ending, HalfProcess } from "./half-process.ts";

/** How long a half may take to say why it ended, once the other one has failed. */
const LAST_WORDS_MS = 2000;
const STOP_SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/** What both halves know together; the member names are those of the JSON report. */
export interface RehearsalDetails {
  readonly sizes: {
    readonly senderRows: number;
    readonly senderPeople: number;
    readonly receiverRows: number;
    readonly receiverPeople: number;
  };
  readonly dropped: Readonly<Record<Role, HalfResult["dropped"]>>;
  /** Seconds are those of the slower side, processor seconds those of both, bytes what each side sent. */
  readonly stages: readonly {
    readonly name: string;
    readonly seconds: number;
    readonly cpuSeconds: number;
    readonly senderBytes: number;
    readonly receiverBytes: number;
  }[];
  /** From the start of the first process to the end of the last one. */
  readonly seconds: number;
  readonly peakMemoryBytes: Readonly<Record<Role, number>>;
}

export interface Rehearsal {
  readonly table: ReleasedTable;
  readonly details: RehearsalDetails;
}

export type OnEvent = (role: Role, event: HalfEvent) => void;
export type RehearsalFlags = Omit<RehearseFlags, "json" | "out">;

/**
 * Runs both halves and merges what they report. Neither process outlives the call. Throws Failure with the exit
 * code and the words of the half that failed, or with 128 + n if signal n asked this process to end.
 */
export async function rehearse(flags: RehearsalFlags, onEvent: OnEvent): Promise<Rehearsal> {
  const { measures, partitions, threshold } = reportTerms(flags);
  const columns = {
    groupBy: partitions[0] ?? [],
    threshold,
    measures: measures.map(({ name, decimals }) => ({ name, decimals })),
  };
  const startedMs = performance.now();
  const [sender, receiver] = await runBoth(flags, onEvent);
  const seconds = (performance.now() - startedMs) / 1000;

  const table = parseReportTable(receiver, columns);
  if (cellsText(table) !== cellsText(parseReportTable(sender, columns))) {
    throw new Failure(
      EXIT.protocolFailure,
      "The two halves report different cells; do not use either report.",
    );
  }
  return { table, details: mergeDetails(JSON.parse(sender), JSON.parse(receiver), seconds) };
}

function cellsText(table: ReleasedTable): string {
  return reportJson({ ...table, suppressed: undefined, cellsTotal: undefined });
}

function mergeDetails(sender: HalfResult, receiver: HalfResult, seconds: number): RehearsalDetails {
  return {
    sizes: {
      senderRows: sender.rows,
      senderPeople: sender.people,
      receiverRows: receiver.rows,
      receiverPeople: receiver.people,
    },
    dropped: { sender: sender.dropped, receiver: receiver.dropped },
    stages: mergeStages(sender.stages, receiver.stages),
    seconds,
    peakMemoryBytes: { sender: sender.peakMemoryBytes, receiver: receiver.peakMemoryBytes },
  };
}

export function mergeStages(
  sender: readonly StageTiming[],
  receiver: readonly StageTiming[],
): RehearsalDetails["stages"] {
  return receiver.map(({ name, seconds, cpuSeconds, bytesSent, bytesReceived }) => {
    const other = sender.find((stage) => stage.name === name);
    return {
      name,
      seconds: Math.max(seconds, other?.seconds ?? 0),
      cpuSeconds: cpuSeconds + (other?.cpuSeconds ?? 0),
      senderBytes: bytesReceived,
      receiverBytes: bytesSent,
    };
  });
}

/** Returns what sender and receiver printed on stdout. */
async function runBoth(flags: RehearsalFlags, onEvent: OnEvent): Promise<[sender: string, receiver: string]> {
  const halves: HalfProcess[] = [];
  const stopAll = (): void => halves.forEach((half) => half.stop());
  const signals = watchStopSignals(stopAll);
  try {
    const address = await new Promise<string | undefined>((resolve, reject) => {
      const peer = "--listen=127.0.0.1:0";
      const receiver = startHalf("receiver", halfFlags(flags, flags.receiver, peer), (event) => {
        if (event.type === "listening") resolve(event.address);
        onEvent("receiver", event);
      });
      halves.push(receiver);
      receiver.ended.then(() => resolve(undefined), reject);
    });
    if (address !== undefined && signals.received === undefined) {
      const peer = `--connect=${address}`;
      halves.push(
        startHalf("sender", halfFlags(flags, flags.sender, peer), (event) => onEvent("sender", event)),
      );
    }
    await untilOneFails(halves);
  } finally {
    stopAll();
    await Promise.allSettled(halves.map(({ ended }) => ended));
    signals.forget();
  }
  const endings = await Promise.all(halves.map(({ ended }) => ended));
  if (signals.received !== undefined) {
    throw new Failure(
      128 + STOP_SIGNALS[signals.received],
      `ended by ${signals.received}; both halves are stopped.`,
    );
  }
  const [receiver, sender] = endings;
  if (receiver?.exitCode !== EXIT.done || sender?.exitCode !== EXIT.done) throw failureOf(endings);
  return [sender.stdout, receiver.stdout];
}

function halfFlags(flags: RehearsalFlags, file: string, peer: string): string[] {
  return [
    peer,
    `--file=${file}`,
    `--match=${flags.match}`,
    ...flags.measure.map((measure) => `--measure=${measure}`),
    ...flags["group-by"].map((columns) => `--group-by=${columns}`),
    `--threshold=${flags.threshold}`,
    ...(flags.exact ? ["--exact"] : []),
    `--ot-k=${flags["ot-k"]}`,
    `--people-min=${flags["people-min"]}`,
    `--threads=${threads(flags, 2)}`,
    `--timeout=${flags.timeout}`,
  ];
}

/** Resolves when all have ended, or when one has failed and the others had time to say what they know of it. */
async function untilOneFails(halves: readonly HalfProcess[]): Promise<void> {
  const allEnded = Promise.all(halves.map(({ ended }) => ended));
  const failed = await new Promise<Ending | undefined>((resolve, reject) => {
    allEnded.then(() => resolve(undefined), reject);
    for (const { ended } of halves) {
      ended.then((ending) => ending.exitCode !== EXIT.done && resolve(ending), reject);
    }
  });
  // Bad input is the whole story; of anything else the half that ends second may be the one that knows the cause.
  if (failed !== undefined && failed.exitCode !== EXIT.badInput) {
    await Promise.race([allEnded, delay(LAST_WORDS_MS, undefined, { ref: false })]);
  }
}

/** The cause comes before its effect on the other half: bad input, then a refusal, then anything else. */
function failureOf(endings: readonly Ending[]): Failure {
  const failed = endings.filter(({ exitCode, stopped }) => exitCode !== EXIT.done && !stopped);
  const exitCode =
    [EXIT.badInput, EXIT.refused].find((code) => failed.some((ending) => ending.exitCode === code)) ??
    EXIT.protocolFailure;
  const words = failed
    .filter((ending) => ending.exitCode === exitCode)
    .map((end) => `${end.role}: ${end.complaint}`);
  return new Failure(exitCode, words.join("\n"));
}

/** While watched, a signal that asks this process to end calls `stop` instead. */
function watchStopSignals(stop: () => void): { received?: keyof typeof STOP_SIGNALS; forget(): void } {
  const watch: ReturnType<typeof watchStopSignals> = {
    forget: () => names.forEach((name) => process.off(name, onSignal)),
  };
  const names = Object.keys(STOP_SIGNALS) as (keyof typeof STOP_SIGNALS)[];
  function onSignal(name: NodeJS.Signals): void {
    watch.received = name as keyof typeof STOP_SIGNALS;
    stop();
  }
  names.forEach((name) => process.on(name, onSignal));
  return watch;
}
