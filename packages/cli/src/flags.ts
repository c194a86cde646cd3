// The flags of all commands. yargs sees text only; the parsers here are exact and refuse what they do not understand.
import { availableParallelism } from "node:os";
import { exactSums } from "@halfroom/node";
import type { HalfOptions, Measure, Policy, ReportTerms } from "@halfroom/node";
import { parseDecimal, sharedColumnName } from "@halfroom/report";
import type { InferredOptionTypes, Options } from "yargs";
import { EXIT, Failure, badInput } from "./failure.ts";

/** No node releases a cell of fewer people, whatever its owner asks for (design section 4). */
const THRESHOLD_MIN = 11;
/** Bounds of a measure stay below 2^62 scaled, as every sum must. */
const BOUND_MAX = 2n ** 62n;
const DECIMALS_MAX = 18;

const text = { type: "string", requiresArg: true } as const;
const list = { ...text, array: true } as const;
const toggle = { type: "boolean", default: false } as const;

/** What both halves must be given alike: the report that they agree on. */
const reportFlags = {
  match: { ...text, choices: ["email"], demandOption: true, describe: "identifier to match people by" },
  measure: {
    ...list,
    default: [] as string[],
    describe: "column:low:high:decimals, a sum; each person's value is clipped to low..high; repeatable",
  },
  "group-by": {
    ...list,
    demandOption: true,
    describe: "columns of the receiver, one cell for each combination",
  },
  threshold: {
    ...text,
    default: "100",
    describe: `smallest number of people in a released cell, >= ${THRESHOLD_MIN}`,
  },
  exact: { ...toggle, describe: "release exact numbers, without noise (required)" },
  "ot-k": { ...text, choices: ["4", "8"], default: "4", describe: "4 computes less, 8 sends less" },
} as const satisfies Record<string, Options>;

/** What each side decides for itself about a run. */
const runFlags = {
  "people-min": { ...text, default: "1000", describe: "refuse to match sets of fewer people" },
  threads: { ...text, describe: "worker threads of a half [default: its share of the cores]" },
  timeout: { ...text, default: "300", describe: "seconds that the other half may stay silent" },
  json: { ...toggle, describe: "print one JSON object on stdout and nothing else" },
} as const satisfies Record<string, Options>;

const outFlag = {
  out: { ...text, describe: "folder to write report.json and report.csv to" },
} as const;

export const halfFlags = {
  role: {
    ...text,
    choices: ["sender", "receiver"],
    demandOption: true,
    describe: "whose measures, whose groups",
  },
  listen: { ...text, describe: "wait for the other half at HOST:PORT (port 0 picks a free one)" },
  connect: { ...text, describe: "dial the other half, ws://HOST:PORT" },
  file: { ...text, demandOption: true, describe: "this side's CSV file" },
  ...reportFlags,
  ...runFlags,
  ...outFlag,
  progress: {
    ...text,
    choices: ["auto", "json", "none"],
    default: "auto",
    describe: "progress on stderr: lines, one JSON object a line, or nothing",
  },
} as const satisfies Record<string, Options>;

export const rehearseFlags = {
  sender: { ...text, demandOption: true, describe: "CSV file with the measures" },
  receiver: { ...text, demandOption: true, describe: "CSV file with the grouping columns" },
  ...reportFlags,
  ...runFlags,
  ...outFlag,
} as const satisfies Record<string, Options>;

export const demoFlags = {
  seed: { ...text, default: "1", describe: "the same seed writes the same files" },
  "sender-rows": { ...text, default: "20000", describe: "rows of the advertiser's conversions" },
  "receiver-rows": { ...text, default: "30000", describe: "rows of the publisher's exposures" },
  threshold: { ...reportFlags.threshold, default: "50" },
  "ot-k": reportFlags["ot-k"],
  ...runFlags,
  out: { ...text, default: "halfroom-demo", describe: "folder for the two files and the report" },
} as const satisfies Record<string, Options>;

export const benchFlags = {
  rows: {
    ...text,
    describe:
      "people of the receiver, and of the sender unless --sender-rows says more; several sizes with commas between; rows with `prepare`",
  },
  "sender-rows": { ...text, describe: "people of the sender" },
  full: { ...toggle, describe: "ten million people too" },
  exact: { ...toggle, describe: "reports without noise" },
  peers: { ...toggle, describe: "the npm peer and the kernels' own speed too" },
  out: { ...text, describe: "folder to write bench.json and stages.svg to" },
  source: {
    ...text,
    choices: ["csv", "csv.gz", "ndjson", "parquet", "postgres"],
    describe: "with `prepare`: this source alone",
  },
  seed: demoFlags.seed,
  "ot-k": reportFlags["ot-k"],
  threads: runFlags.threads,
  timeout: runFlags.timeout,
  json: runFlags.json,
} as const satisfies Record<string, Options>;

export type ReportFlags = InferredOptionTypes<typeof reportFlags>;
export type HalfFlags = InferredOptionTypes<typeof halfFlags>;
export type RehearseFlags = InferredOptionTypes<typeof rehearseFlags>;
export type DemoFlags = InferredOptionTypes<typeof demoFlags>;
export type BenchFlags = InferredOptionTypes<typeof benchFlags>;

/** Flags that may be given more than once, and those that may in `dataset` commands. */
const REPEATABLE = new Set(["measure", "group-by", "category", "_"]);
const REPEATABLE_OF_DATASET = new Set([
  ...REPEATABLE,
  "file",
  "match",
  "hashed",
  "dimension",
  "expression",
  "type",
]);

/** yargs makes a list of a flag that is given twice; which of the two was meant is not ours to guess. */
export function refuseRepeated(argv: Readonly<Record<string, unknown>>): true {
  const [command] = argv["_"] as unknown[];
  const repeatable = command === "dataset" || command === "suppress" ? REPEATABLE_OF_DATASET : REPEATABLE;
  for (const [name, value] of Object.entries(argv)) {
    if (Array.isArray(value) && !repeatable.has(name)) throw badInput(`--${name} is given more than once.`);
  }
  return true;
}

/** Throws Failure: bad input (2), or refused (4) if the threshold is too low for any node. */
export function reportTerms(flags: ReportFlags): ReportTerms {
  if (!flags.exact) {
    throw badInput(
      "--exact is missing. Only exact reports exist so far and they protect nobody by noise,\n" +
        "so nobody gets one without asking: add --exact to ask for it.",
    );
  }
  const measures = flags.measure.map(parseMeasure);
  const groupBy = flags["group-by"].flatMap((columns) => columns.split(","));
  if (groupBy.includes(""))
    throw badInput("--group-by has an empty column name; give column,column without blanks.");
  const shared = sharedColumnName({ groupBy, measures });
  if (shared !== undefined) {
    throw badInput(
      `Two columns of the report would be called "${shared}"; each name can be used once, "people" not at all.`,
    );
  }
  const threshold = wholeNumber("threshold", flags.threshold, 0, 2 ** 31);
  if (threshold < THRESHOLD_MIN) {
    throw new Failure(
      EXIT.refused,
      `--threshold ${threshold} is refused: a cell of fewer than ${THRESHOLD_MIN} people says too much about each of them.\n` +
        `Give ${THRESHOLD_MIN} or more.`,
    );
  }
  const otK = flags["ot-k"] === "8" ? 8 : 4;
  return exactSums({ measures, groupBy, threshold, otK });
}

/** Parses column:low:high:decimals from the right, so that a column's name may hold colons. */
export function parseMeasure(flag: string): Measure {
  const fault = (what: string): Failure =>
    badInput(`--measure ${flag}: ${what}.\nGive column:low:high:decimals, for example amount:0:500:2.`);
  const parts = /^(.+):([^:]*):([^:]*):([^:]*)$/s.exec(flag);
  if (parts === null) throw fault("four parts are needed");
  const [, name = "", lowText = "", highText = "", decimalsText = ""] = parts;
  const decimals = /^\d{1,2}$/.test(decimalsText) ? Number(decimalsText) : Infinity;
  if (decimals > DECIMALS_MAX) throw fault(`decimals must be a whole number from 0 to ${DECIMALS_MAX}`);
  const [low, high] = [lowText, highText].map((bound) => parseDecimal(bound, decimals));
  if (low === undefined) throw fault(`low must be a number with at most ${decimals} decimals`);
  if (high === undefined) throw fault(`high must be a number with at most ${decimals} decimals`);
  if (low > high) throw fault("low is greater than high");
  if (low <= -BOUND_MAX || high >= BOUND_MAX)
    throw fault("with these decimals the bounds are too large to add up");
  return { name, low, high, decimals };
}

export function halfOptions(flags: HalfFlags): HalfOptions {
  return {
    role: flags.role as HalfOptions["role"],
    peer: peer(flags),
    file: flags.file,
    terms: reportTerms(flags),
    policy: policy(flags),
    threads: threads(flags, 1),
    timeoutMs: 1000 * wholeNumber("timeout", flags.timeout, 1, 1_000_000),
  };
}

function policy(flags: Pick<HalfFlags, "people-min">): Policy {
  return {
    thresholdMin: THRESHOLD_MIN,
    peopleMin: wholeNumber("people-min", flags["people-min"], 0, 2 ** 31),
  };
}

function peer({ listen, connect }: HalfFlags): HalfOptions["peer"] {
  if ((listen === undefined) === (connect === undefined)) {
    throw badInput("One of --listen HOST:PORT and --connect ws://HOST:PORT is needed, not both.");
  }
  if (connect !== undefined) {
    if (!URL.canParse(connect) || new URL(connect).protocol !== "ws:") {
      throw badInput(`--connect ${connect} is no address; give ws://HOST:PORT.`);
    }
    return { connect };
  }
  const port = /^(?:[^:\s]+|\[[\da-fA-F:]+\]):(\d{1,5})$/.exec(listen!)?.[1];
  if (port === undefined || Number(port) > 65_535) throw badInput(`--listen ${listen} is no HOST:PORT.`);
  return { listen: listen! };
}

/** The threads of one half when `halves` run on this machine. */
export function threads(flags: { readonly threads?: string | undefined }, halves: number): number {
  if (flags.threads !== undefined) return wholeNumber("threads", flags.threads, 1, 1024);
  return Math.max(1, Math.floor(availableParallelism() / halves));
}

/** Digits only: no sign, no exponent, no blanks. */
export function wholeNumber(name: string, value: string, min: number, max: number): number {
  const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
  if (!(number >= min && number <= max)) {
    throw badInput(`--${name} ${value} is no whole number from ${min} to ${max}.`);
  }
  return number;
}
