// The receiver's people behind each row that opened, for a sender that computes a lift or an index from them.
import type { Rng } from "@halfroom/crypto";
import { drawNoise, noiseReach, recvBases, sendBases } from "@halfroom/release";
import type { OpenChannel } from "@halfroom/wire";
import type { Side } from "../side.ts";
import { noisePlanOf } from "../terms/noise-plan.ts";
import { tellsBases } from "../terms/told-bases.ts";
import type { Terms } from "../terms/terms.ts";
import { partitionOf } from "./labels.ts";
import type { Layout } from "./layout.ts";
import type { OpenedTable } from "./open-table.ts";

/** By row of the table, as told, noise included. */
export type ToldBases = ReadonlyMap<number, bigint>;

/** Noise carries one of a session's bases beyond what the sender accepts with at most this probability. */
const BEYOND = 2 ** -40;

/**
 * The receiver's noise, an addend for each row of the table: two draws each, as numbers that open have, so that intervals are of
 * one kind. Undefined where it tells none, or exact ones.
 */
export function drawBaseNoise(terms: Terms, layout: Layout, rng: Rng): BigInt64Array | undefined {
  const ofPartitions = noisePlanOf(terms)?.bases;
  if (ofPartitions === undefined) return undefined;
  const shape = {
    partitions: layout.partitionCells,
    categories: 1,
    columns: [{ kind: "people" } as const],
  };
  const noise = ofPartitions.map((each) => [each]);
  const [first, second] = [1, 2].map((draw) => drawNoise(shape, noise, rng.fork(`noise/bases/${draw}`)));
  return first!.map((addend, row) => addend + second![row]!);
}

/** Tells or takes them, partition after partition. `noise`: as drawn. */
export async function exchangeBases(
  ch: OpenChannel,
  opened: OpenedTable,
  side: Side,
  noise: BigInt64Array | undefined,
): Promise<ToldBases> {
  const { role, terms, layout, bases } = side;
  const told = new Map<number, bigint>();
  if (!tellsBases(terms)) return told;
  for (const partition of terms.partitions.keys()) {
    const rows = toldRows(opened, layout, partition);
    const numbers =
      role === "sender"
        ? await recvBases(ch, rows.length, possibleBases(side, partition))
        : BigInt64Array.from(rows, (row) => BigInt(bases[row]!) + (noise?.[row] ?? 0n));
    if (role === "receiver") await sendBases(ch, numbers);
    rows.forEach((row, i) => told.set(row, numbers[i]!));
  }
  return told;
}

/** Rows of which a number opened, ascending; of one that is over 85 % of its base the base would say nearly all. */
function toldRows({ blocks }: OpenedTable, layout: Layout, partition: number): number[] {
  return blocks
    .filter(({ cell, overPair }) => !overPair && partitionOf(cell, layout) === partition)
    .map(({ cell }) => cell)
    .toSorted((a, b) => a - b);
}

function possibleBases({ terms, layout, content }: Side, partition: number) {
  const noise = noisePlanOf(terms)?.bases?.[partition];
  const reach = noise === undefined ? 0n : noiseReach(noise, BEYOND / (2 * layout.cells));
  return { low: -reach, high: BigInt(content.receiver.people) + reach };
}
