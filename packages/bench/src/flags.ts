// The flags of the benchmark, and their parsers.
import { availableParallelism } from "node:os";
import type { InferredOptionTypes, Options } from "yargs";
import { badInput } from "./failure.ts";
import { SOURCES } from "./prepare/measure.ts";

const text = { type: "string", requiresArg: true } as const;
const toggle = { type: "boolean", default: false } as const;

export const FLAGS = {
  rows: {
    ...text,
    describe:
      "people of the receiver, and of the sender unless --sender-rows is given; several sizes separated by commas; rows with `prepare`",
  },
  "sender-rows": { ...text, describe: "people of the sender" },
  cells: { ...text, default: "64", describe: "cells of the report; several numbers separated by commas" },
  measures: { ...text, default: "1", describe: "sums of each cell; several numbers separated by commas" },
  full: { ...toggle, describe: "include ten million people" },
  exact: { ...toggle, describe: "reports without noise" },
  peers: { ...toggle, describe: "include the npm peer and the speed of the kernels" },
  link: {
    ...text,
    describe:
      "lines between the nodes, separated by slashes: none/80ms,100mbit/200ms,1000mbit,1% (round trip, rate, lost packets); all but none take Linux and root [default: none]",
  },
  out: { ...text, describe: "folder to write bench.json and stages.svg to" },
  source: { ...text, choices: SOURCES, describe: "with `prepare`: only this source" },
  seed: { ...text, default: "1", describe: "the same seed writes the same files" },
  transfers: {
    ...text,
    default: "softspoken",
    describe: "where transfers come from: softspoken, silent; both separated by a comma",
  },
  "ot-k": { ...text, choices: ["4", "8"], default: "4", describe: "4 computes less, 8 sends less" },
  threads: { ...text, describe: "worker threads of a node [default: its share of the cores]" },
  markdown: { ...toggle, describe: "print the tables of docs/bench on stdout and nothing else" },
  json: { ...toggle, describe: "print one JSON object on stdout and nothing else" },
} as const satisfies Record<string, Options>;

export type Flags = InferredOptionTypes<typeof FLAGS>;

/** The threads of each of the two nodes. */
export function threadsPerNode({ threads }: Flags): number {
  if (threads !== undefined) return wholeNumber("threads", threads, 1, 1024);
  return Math.max(1, Math.floor(availableParallelism() / 2));
}

/** Several whole numbers, separated by commas. */
export function wholeNumbers(name: string, value: string, min: number, max: number): number[] {
  return value.split(",").map((text) => wholeNumber(name, text, min, max));
}

/** Several of these words, separated by commas. */
export function words<Word extends string>(name: string, value: string, known: readonly Word[]): Word[] {
  return value.split(",").map((text) => {
    const word = known.find((each) => each === text);
    if (word === undefined) throw badInput(`--${name} ${text} is none of: ${known.join(", ")}.`);
    return word;
  });
}

/** Digits only: no sign, no exponent, no blanks. */
export function wholeNumber(name: string, value: string, min: number, max: number): number {
  const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
  if (number >= min && number <= max) return number;
  throw badInput(`--${name} ${value} is not a whole number from ${min} to ${max}.`);
}
