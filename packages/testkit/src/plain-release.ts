// A table under one threshold: a cell opens with all its columns or not at all.
import type { Rng } from "@halfroom/crypto";
import { Gates, type Role, type TripleSource } from "@halfroom/mpc";
import {
  releaseTable,
  tableTripleWords,
  type Column,
  type Noise,
  type ReleaseMessage,
  type ReleaseRules,
  type TableShape,
} from "@halfroom/release";
import type { Channel } from "@halfroom/wire";
import { unsigned } from "./transcript.ts";

export interface PlainReleaseInput {
  readonly ch: Channel<ReleaseMessage | "gateOpening", ReleaseMessage | "gateOpening">;
  readonly role: Role;
  /** The session id, 32 bytes. */
  readonly session: Uint8Array;
  /** This side's addends mod 2^64, cells x columns x 2 words, low word first; column 0 holds the people. */
  readonly shares: Uint32Array;
  /** At least one. */
  readonly cells: number;
  readonly columns: number;
  /** Smallest number of people of a cell that is opened, at least 1, so that padding cells never are. */
  readonly threshold: bigint;
  /** Holds `plainTripleWords(cells)` words or more. */
  readonly triples: TripleSource;
  readonly rng: Rng;
  /** Digest of all messages that this side sent and received. */
  readonly transcript: () => Uint8Array;
}

export interface PlainReleased {
  /** 1 for each cell that passed, else 0: cells bytes. */
  readonly passed: Uint8Array;
  /** Passing cells x columns, in cell order. */
  readonly values: BigInt64Array;
}

/** Words of triples that `plainRelease` takes for `cells` cells of so many columns. */
export function plainTripleWords(cells: number, columns: number): number {
  const shape = shapeOf(cells, columns);
  return tableTripleWords(shape, rulesOf(shape, 1n));
}

/**
 * Opens to both sides the cells with at least `threshold` people, and about the others only that they have fewer.
 * Errors: those of `releaseTable`.
 */
export async function plainRelease(input: PlainReleaseInput): Promise<PlainReleased> {
  const { ch, cells, columns, threshold, role, shares, triples } = input;
  const noise = new BigInt64Array(cells * columns);
  const bases = new Uint32Array(role === "receiver" ? cells : 1).fill(1);
  const shape = shapeOf(cells, columns);
  const own = { shares, noise, bases };
  const gates = new Gates(ch, role, triples);
  const rules = rulesOf(shape, threshold);
  const side = { ...input, shape, rules, own, gates, products: noProducts, transcript: unsigned(input) };
  const { table } = await releaseTable(side, () => undefined);
  const passed = Uint8Array.from({ length: cells }, (_, cell) => table.opened[cell * columns]!);
  return { passed, values: table.values!.filter((_, i) => table.opened[i] === 1) };
}

/** What opens to both sides is not multiplied. */
function noProducts(): never {
  throw new Error("a release to both sides draws no products");
}

/** Next to none. */
const LITTLE_NOISE: Noise = { mechanism: "laplace", scale: { numerator: 1n, denominator: 1000n } };

/** The rules of noise open all columns of a cell by its people alone; here the noise is zero, and any number is in bounds. */
function rulesOf({ columns }: TableShape, threshold: bigint): ReleaseRules {
  return {
    mode: "noise",
    noise: [columns.map(() => LITTLE_NOISE)],
    limits: {
      keys: 2n ** 61n,
      peopleMax: 2n ** 61n,
      baseMax: 2n ** 24n,
      measures: columns.slice(1).map(() => ({ low: -1n, high: 1n })),
      sumsFollowPeople: false,
    },
    threshold,
    pair: false,
    totals: false,
    opensTo: "both",
  };
}

function shapeOf(cells: number, columns: number): TableShape {
  const sums = Array.from({ length: columns - 1 }, (_, measure): Column => ({ kind: "sum", measure }));
  return { partitions: [cells], categories: 1, columns: [{ kind: "people" }, ...sums] };
}
