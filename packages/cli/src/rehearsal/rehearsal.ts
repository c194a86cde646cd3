// Two nodes on this machine that meet and run one request: two processes, two temporary folders, TLS over loopback. Neither
// is told where the other one's data is.
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { openScratch, type RequestRecord, type Role, type StageTiming } from "@halfroom/node";
import { mergeStages, type OwnData, type StageOfBoth } from "@halfroom/report";
import { EXIT, OperatorError } from "../failure.ts";
import { threads, wholeNumber } from "../flags.ts";
import type { SideBrief, SideEvent } from "./messages.ts";
import { policyFor } from "./policy.ts";
import { startSide, type Ending, type SideProcess } from "./side-process.ts";
import { STOP_SIGNALS, watchStopSignals } from "./stop-signals.ts";

/** The side that proposes, and the side that answers. */
export const SIDES = ["ours", "theirs"] as const;
export type Side = (typeof SIDES)[number];

/** How long a side may take to say why it ended, once the other one has failed. */
const LAST_WORDS_MS = 2000;

export interface SideData {
  /** As `datasets:` of config.yaml would hold it, with absolute paths. */
  readonly definition: Readonly<Record<string, unknown>>;
  /** The folder of the node that declares it, if one does: its suppress list applies. */
  readonly owner: string | undefined;
}

export interface RehearsalPlan {
  readonly request: RequestRecord;
  /** The request as it is written, for the side that proposes it. */
  readonly requestText: string;
  /** What each side is called in messages. */
  readonly labels: Readonly<Record<Side, string>>;
  readonly data: Readonly<Record<Side, SideData>>;
  /** Neither side matches sets of fewer people. */
  readonly peopleMin: number;
  /** Worker threads of one side. */
  readonly threads: number;
  readonly timeoutSeconds: number;
}

/** Longest silence that a node's settings allow, in seconds. */
const TIMEOUT_MAX = 86_400;

/** Flags that apply to both sides. */
export interface LimitFlags {
  readonly "people-min": string;
  readonly threads?: string | undefined;
  readonly timeout: string;
}

/** Throws OperatorError for a value that is not a number or is out of range. */
export function limitsOf(flags: LimitFlags): Pick<RehearsalPlan, "peopleMin" | "threads" | "timeoutSeconds"> {
  return {
    peopleMin: wholeNumber("people-min", flags["people-min"], 0, 2 ** 31),
    threads: threads(flags, SIDES.length),
    timeoutSeconds: wholeNumber("timeout", flags.timeout, 1, TIMEOUT_MAX),
  };
}

/** What both sides know together; the member names are those of the JSON report. */
export interface RehearsalDetails {
  readonly sizes: {
    readonly senderRows: number;
    readonly senderPeople: number;
    readonly receiverRows: number;
    readonly receiverPeople: number;
  };
  /** Row counts by reason. */
  readonly dropped: Readonly<Record<Role, Readonly<Record<string, number>>>>;
  readonly stages: readonly StageOfBoth[];
  /** From the start of the first process to the end of the last one. */
  readonly seconds: number;
  readonly peakMemoryBytes: Readonly<Record<Role, number>>;
}

export interface Rehearsal {
  readonly roles: Readonly<Record<Side, Role>>;
  /** Each side's copy as its node stores it (docs/report.md); undefined for a side that gets no result. */
  readonly reports: Readonly<Record<Side, string | undefined>>;
  readonly details: RehearsalDetails;
}

export type OnSideEvent = (side: Side, event: SideEvent) => void;

/**
 * Runs both sides and merges what they report. Neither process outlives the call, and both leave nothing on disk.
 * Throws OperatorError with the code and the words of the side that failed, or `stopped` if a signal asked this process to
 * end.
 */
export async function rehearse(plan: RehearsalPlan, onEvent: OnSideEvent): Promise<Rehearsal> {
  const startedMs = performance.now();
  const kept = await runBoth(plan, onEvent);
  return merge(kept, (performance.now() - startedMs) / 1000);
}

/** What is kept of a side: how many rows it read, and its node's report. */
interface Kept {
  rows: number;
  json: string | undefined;
}

async function runBoth(plan: RehearsalPlan, onEvent: OnSideEvent): Promise<Record<Side, Kept>> {
  const kept = { ours: nothingKept(), theirs: nothingKept() };
  let sides: SideProcess[] = [];
  const homes: string[] = [];
  const scratch = await openScratch();
  const stopAll = (): void => sides.forEach((side) => side.stop());
  const signals = watchStopSignals(stopAll);
  try {
    while (homes.length < SIDES.length) homes.push(await mkdtemp(join(scratch.folder, "rehearsal-")));
    if (signals.received === undefined) {
      sides = startBoth(plan, homes, (side, event) => {
        keep(kept[side], event);
        onEvent(side, event);
      });
      await untilOneFails(sides);
    }
  } finally {
    stopAll();
    await Promise.allSettled(sides.map(({ ended }) => ended));
    await Promise.all(homes.map((home) => rm(home, { recursive: true, force: true })));
    scratch.close();
    signals.forget();
  }
  if (signals.received !== undefined) {
    const exit = 128 + STOP_SIGNALS[signals.received];
    throw new OperatorError("stopped", `ended by ${signals.received}; both sides are stopped.`, { exit });
  }
  const endings = await Promise.all(sides.map(({ ended }) => ended));
  if (endings.some(({ exitCode }) => exitCode !== EXIT.done)) throw failureOf(endings, plan.labels);
  return kept;
}

function nothingKept(): Kept {
  return { rows: 0, json: undefined };
}

function keep(kept: Kept, event: SideEvent): void {
  if (event.type === "prepared") kept.rows = event.rows;
  else if (event.type === "report") kept.json = event.json;
}

/** Starts both, in the order of SIDES, and hands the one's invitation to the other. */
function startBoth(plan: RehearsalPlan, homes: readonly string[], onEvent: OnSideEvent): SideProcess[] {
  const sides: SideProcess[] = SIDES.map((side) =>
    startSide((event) => {
      if (event.type === "serving") sides[0]!.tell({ type: "join", token: event.token });
      onEvent(side, event);
    }),
  );
  SIDES.forEach((side, i) => sides[i]!.tell(briefOf(plan, side, homes[i]!)));
  return sides;
}

function briefOf(plan: RehearsalPlan, side: Side, home: string): SideBrief {
  const { request, labels, threads, timeoutSeconds } = plan;
  const partner = side === "ours" ? request.partner : labels.ours;
  const name = request[side];
  const { definition, owner } = plan.data[side];
  return {
    type: "begin",
    home,
    partner,
    dataset: { name, definition },
    owner,
    policy: policyFor(request, side, { partner, peopleMin: plan.peopleMin }),
    request: side === "ours" ? plan.requestText : undefined,
    threads,
    timeoutSeconds,
  };
}

/** Resolves when all have ended, or when one has failed and the others had time to say what they know of it. */
async function untilOneFails(sides: readonly SideProcess[]): Promise<void> {
  const allEnded = Promise.all(sides.map(({ ended }) => ended));
  const failed = await new Promise<Ending | undefined>((resolve, reject) => {
    allEnded.then(() => resolve(undefined), reject);
    for (const { ended } of sides) {
      ended.then((ending) => ending.exitCode !== EXIT.done && resolve(ending), reject);
    }
  });
  // Bad input explains itself; for anything else, the side that ends second may be the one that knows the cause.
  if (failed !== undefined && failed.exitCode !== EXIT.badInput) {
    await Promise.race([allEnded, delay(LAST_WORDS_MS, undefined, { ref: false })]);
  }
}

/** The cause comes before its effect on the other side: bad input, then a refusal, then anything else. */
function failureOf(endings: readonly Ending[], labels: RehearsalPlan["labels"]): OperatorError {
  const all = endings.map((ending, i) => ({ ...ending, label: labels[SIDES[i]!] }));
  const failed = all.filter(({ exitCode, stopped }) => exitCode !== EXIT.done && !stopped);
  const exitCode =
    [EXIT.badInput, EXIT.refused].find((code) => failed.some((ending) => ending.exitCode === code)) ??
    EXIT.protocolFailure;
  const causes = failed.filter((ending) => ending.exitCode === exitCode);
  const words = causes.map(({ label, complaint }) => `${label}: ${complaint}`);
  return new OperatorError(causes[0]?.code ?? "process", words.join("\n"), { exit: exitCode });
}

/** What a node's stored report says about its session. */
interface SessionDetails {
  readonly role: Role;
  readonly senderPeople: number;
  readonly receiverPeople: number;
  readonly stages: readonly StageTiming[];
  readonly peakMemoryBytes: number;
}

function merge(kept: Readonly<Record<Side, Kept>>, seconds: number): Rehearsal {
  const ours = readStored(kept.ours);
  const theirs = readStored(kept.theirs);
  const [sender, receiver] = ours.details.role === "sender" ? [ours, theirs] : [theirs, ours];
  const { senderPeople, receiverPeople } = sender.details;
  return {
    roles: { ours: ours.details.role, theirs: theirs.details.role },
    reports: { ours: ours.report, theirs: theirs.report },
    details: {
      sizes: { senderRows: sender.rows, senderPeople, receiverRows: receiver.rows, receiverPeople },
      dropped: { sender: sender.dropped, receiver: receiver.dropped },
      stages: mergeStages(sender.details.stages, receiver.details.stages),
      seconds,
      peakMemoryBytes: {
        sender: sender.details.peakMemoryBytes,
        receiver: receiver.details.peakMemoryBytes,
      },
    },
  };
}

interface Stored {
  readonly rows: number;
  readonly report: string | undefined;
  /** Row counts by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly details: SessionDetails;
}

/** A side that gets no result stores what it knows of the session and of its own data, and `result`. */
function readStored({ rows, json }: Kept): Stored {
  if (json === undefined) throw new Error("a side that succeeded has sent its report");
  const { result, own, details } = JSON.parse(json) as {
    readonly result?: string;
    readonly own: OwnData;
    readonly details: SessionDetails;
  };
  const dropped = Object.fromEntries(own.dropped.map((each) => [each.reason, each.rows]));
  return { rows, report: result === undefined ? json : undefined, dropped, details };
}
