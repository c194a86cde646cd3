// The flags of all commands. yargs only sees text; the parsers here are exact and refuse what they do not understand.
import { availableParallelism } from "node:os";
import { DECIMALS_MAX } from "@halfroom/node";
import { parseDecimal } from "@halfroom/report";
import type { InferredOptionTypes, Options } from "yargs";
import { addFlags } from "./commands/node/register-dataset.ts";
import { badInput } from "./failure.ts";
import type { OperatorError } from "./failure.ts";

/** Bounds of a measure stay below 2^62 scaled, as every sum must. */
const BOUND_MAX = 2n ** 62n;

const text = { type: "string", requiresArg: true } as const;
const list = { ...text, array: true } as const;
const toggle = { type: "boolean", default: false } as const;

const SHORT = "The short form, a report of sums without a request file:";
const DATA = "Where the data is:";
const MORE =
  "What a file does not say by itself; each flag also exists as --theirs-... (in the short form, ours is the sender):";

const otK = { ...text, choices: ["4", "8"], describe: "4 computes less, 8 sends less" } as const;
const threshold = {
  ...text,
  describe: "smallest number of people in a released cell, at least 11",
} as const;

/** What a side decides for itself about a run. */
const runFlags = {
  "people-min": { ...text, default: "1000", describe: "refuse to match sets of fewer people" },
  threads: { ...text, describe: "worker threads of a side [default: its share of the cores]" },
  timeout: { ...text, default: "300", describe: "seconds that the other side may stay silent" },
  json: { ...toggle, describe: "print one JSON object on stdout and nothing else" },
} as const satisfies Record<string, Options>;

const progressFlag = {
  progress: {
    ...text,
    choices: ["auto", "json", "none"],
    default: "auto",
    describe: "progress on stderr: lines, one JSON object per line, or nothing",
  },
} as const;

/** The flags that together are a request. */
export const shortFlags = {
  sender: { ...text, group: SHORT, describe: "the data with the measures" },
  receiver: { ...text, group: SHORT, describe: "the data with the grouping columns" },
  match: {
    ...list,
    default: [] as string[],
    defaultDescription: "none",
    group: SHORT,
    describe: "keys to match people by, each a column of both: email,phone or email=COLUMN; repeatable",
  },
  measure: {
    ...list,
    default: [] as string[],
    defaultDescription: "people only",
    group: SHORT,
    describe: "column:low:high:decimals, a sum; each person's value is clipped to low..high; repeatable",
  },
  "group-by": {
    ...list,
    default: [] as string[],
    defaultDescription: "none",
    group: SHORT,
    describe: "columns of the receiver, one cell for each combination: a,b",
  },
  threshold: { ...threshold, defaultDescription: "100", group: SHORT },
  epsilon: {
    ...text,
    defaultDescription: "1",
    group: SHORT,
    describe: "how much may show of any one person: less means more noise",
  },
  exact: { ...toggle, group: SHORT, describe: "release exact numbers, without noise" },
  "ot-k": { ...otK, defaultDescription: "4", group: SHORT },
} as const satisfies Record<string, Options>;

const dataFlags = {
  ours: {
    ...list,
    default: [] as string[],
    defaultDescription: "the dataset that the request names",
    group: DATA,
    describe: "data of the side that proposes: a file, pattern or folder, or a dataset of --home; repeatable",
  },
  theirs: {
    ...list,
    default: [] as string[],
    defaultDescription: "the dataset that the request names",
    group: DATA,
    describe: "data of the side that answers",
  },
  home: {
    ...text,
    group: DATA,
    describe:
      "folder of a node whose datasets may be named; people on its suppress list are left out [default: $HALFROOM_HOME, else ~/.halfroom]",
  },
} as const satisfies Record<string, Options>;

/** The flags of `dataset add` for each side: --ours-match, --theirs-match and so on. --help lists those of one side. */
const sideFlags: Record<string, Options> = Object.fromEntries(
  ["ours", "theirs"].flatMap((side) =>
    Object.entries(addFlags as Record<string, Options>)
      .filter(([name]) => !["home", "file", "population"].includes(name))
      .map(([name, flag]) => [`${side}-${name}`, { ...flag, group: MORE, hidden: side === "theirs" }]),
  ),
);

const rehearsalFlags = {
  ...dataFlags,
  ...shortFlags,
  ...runFlags,
  out: { ...text, describe: "folder to write report.json and report.csv to" },
  ...progressFlag,
} as const satisfies Record<string, Options>;

export const rehearseFlags = { ...rehearsalFlags, ...sideFlags } as typeof rehearsalFlags;

export const demoFlags = {
  seed: { ...text, default: "1", describe: "the same seed writes the same files" },
  "sender-rows": { ...text, default: "20000", describe: "rows of the advertiser's conversions" },
  "receiver-rows": { ...text, default: "30000", describe: "rows of the publisher's exposures" },
  threshold: {
    ...threshold,
    default: "50",
    describe: "smallest number of people in a released cell, at least 11",
  },
  "ot-k": { ...otK, default: "4" },
  ...runFlags,
  ...progressFlag,
  out: { ...text, default: "halfroom-demo", describe: "folder for the two files and the report" },
} as const satisfies Record<string, Options>;

export type RehearseFlags = InferredOptionTypes<typeof rehearsalFlags> & {
  readonly request?: string | undefined;
};
export type DemoFlags = InferredOptionTypes<typeof demoFlags>;

/** Flags that may be repeated, in every command and in those that define datasets. */
const REPEATABLE = new Set(["measure", "group-by", "category", "recipient", "set", "_"]);
const REPEATABLE_OF_DATASET = new Set([
  ...REPEATABLE,
  "file",
  "match",
  "hashed",
  "split",
  "null-word",
  "dimension",
  "expression",
  "type",
]);
const REPEATABLE_OF: Readonly<Record<string, ReadonlySet<string>>> = {
  dataset: REPEATABLE_OF_DATASET,
  suppress: REPEATABLE_OF_DATASET,
  subject: REPEATABLE_OF_DATASET,
  rehearse: new Set([
    ...REPEATABLE,
    "match",
    "ours",
    "theirs",
    ...[...REPEATABLE_OF_DATASET].flatMap((name) => [`ours-${name}`, `theirs-${name}`]),
  ]),
};

/** yargs makes a list of a repeated flag; we do not guess which of its values was meant. */
export function refuseRepeated(argv: Readonly<Record<string, unknown>>): true {
  const [command] = argv["_"] as unknown[];
  const repeatable = REPEATABLE_OF[String(command)] ?? REPEATABLE;
  for (const [name, value] of Object.entries(argv)) {
    if (Array.isArray(value) && !repeatable.has(name)) throw badInput(`--${name} is given more than once.`);
  }
  return true;
}

/** A sum over a column, with the bounds of one person, scaled by 10^decimals. */
export interface MeasureFlag {
  readonly name: string;
  readonly low: bigint;
  readonly high: bigint;
  readonly decimals: number;
}

/** Parses column:low:high:decimals from the right, so that a column's name may contain colons. */
export function parseMeasure(flag: string): MeasureFlag {
  const fault = (what: string): OperatorError =>
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

/** The threads of one side when `sides` run on this machine. */
export function threads(flags: { readonly threads?: string | undefined }, sides: number): number {
  if (flags.threads !== undefined) return wholeNumber("threads", flags.threads, 1, 1024);
  return Math.max(1, Math.floor(availableParallelism() / sides));
}

/** Digits only: no sign, no exponent, no blanks. */
export function wholeNumber(name: string, value: string, min: number, max: number): number {
  const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
  if (!(number >= min && number <= max)) {
    throw badInput(`--${name} ${value} is not a whole number from ${min} to ${max}.`);
  }
  return number;
}
