// How many bytes a session moves, both ways together, from its public sizes alone: lengths depend on nothing else. The terms are those of
// protocol-spec.md's walk of a session (section 2.1) that grow with people or cells; what is left out (frames, the talk, labels, receipts)
// is some kilobytes.
import { bitWords } from "@halfroom/crypto";
import { binCount, storeSize } from "@halfroom/match";
import { leavesOfGroupings, type CreditTerms } from "@halfroom/aggregate";
import { expansionsFor } from "@halfroom/mpc";
import { enrolmentSize, enrolmentStep } from "./pseudonymise/enrolment.ts";
import type { ShardNumbers } from "./shards/runner.ts";
import { drawsOf } from "./shards/shard.ts";
import { shardSizes } from "./shards/sizes.ts";
import { layoutOf, type Layout } from "./table/layout.ts";
import { numbersAtMost, releaseTripleWords, type TableSizes } from "./table/open-table.ts";
import { itemsPerPerson } from "./terms/bounds.ts";
import type { Terms } from "./terms/terms.ts";

export interface Traffic {
  readonly pseudonymise: number;
  readonly match: number;
  readonly aggregate: number;
  readonly release: number;
}

/** Base transfers of both directions: 128 choices of 64 bytes, and the trees behind them (sections 10.1, 10.2). */
const SETUP_BYTES = 2 * (8192 + 4128 + 32);
const STATISTICAL_BITS = 40;
/** Rows of the matrix beyond the bins, for its check (section 11.3). */
const SPARE_ROWS = 220;
/** Transfers of an expansion for its check, and those that the check of its seeds sacrifices; its mask and its proof (section 10.9). */
const SEEDS_BESIDE = 128 + 200;
const PROOF_BYTES = 16 + 32;
/** Blinded and evaluated, an element each. */
const BYTES_OF_EVALUATION = 64;

/** `newItems`: identifiers of the receiver's dataset that have no pseudonym under the epoch's key yet. Errors: `refused`, as `layoutOf`. */
export function trafficOf(terms: Terms, sizes: TableSizes, newItems: number): Traffic {
  const { sender, receiver } = sizes;
  const each = itemsPerPerson(terms);
  const [senderItems, receiverItems] = [sender.people * each, receiver.people * each];
  const layout = layoutOf(terms, { categories: sender.categories, cells: receiver.cells });
  const { shards, ...ofShard } = shardSizes(senderItems, receiverItems, terms.shardPeople);
  const t = correctionBits(terms);
  const prepared = preparedBytes(terms, { ...ofShard, shards, layout }, t);
  const shard = {
    ...ofShard,
    shards,
    bins: binCount(ofShard.receiverPeople),
    layout,
    isPrepared: prepared > 0,
    // What was prepared costs no corrections.
    t: prepared > 0 ? 0 : t,
  };
  return {
    pseudonymise: BYTES_OF_EVALUATION * enrolmentSize(newItems, enrolmentStep(receiverItems)),
    match: SETUP_BYTES + shards * (prepared + matchBytes(shard)),
    aggregate: shards * aggregateBytes(shard),
    release:
      tripleBytes(releaseTripleWords(terms, sizes), t) +
      Math.ceil(numbersAtMost({ terms, ...sizes }).bits / 4),
  };
}

interface Shard {
  readonly shards: number;
  readonly senderPeople: number;
  readonly bins: number;
  readonly layout: Layout;
  readonly isPrepared: boolean;
  /** Bits that a transfer costs its chooser. */
  readonly t: number;
}

/** Section 10.3. */
function correctionBits({ otK }: Pick<Terms, "otK">): number {
  return 128 / otK - 1;
}

/** Section 10.9: of a shard, both directions; 0 where nothing is prepared. */
function preparedBytes(
  { transfers }: Pick<Terms, "transfers">,
  shard: Pick<ShardNumbers, "senderPeople" | "receiverPeople" | "shards" | "layout">,
  t: number,
): number {
  if (transfers === undefined) return 0;
  const expansions = expansionsFor(drawsOf({ ...shard, session: new Uint8Array(0), shard: 0 }));
  return Object.values(expansions ?? {}).reduce((sum, { count, trees, depth }) => {
    const seeds = ((trees * depth + SEEDS_BESIDE) * t) / 8;
    return sum + count * (seeds + 16 * trees * (depth - 1) + PROOF_BYTES);
  }, 0);
}

/** So many words of triples: corrections of both sides, and the gates that are opened with them. */
function tripleBytes(words: number, t: number): number {
  return words * (2 * 4 * t + 16);
}

/** Section 11. */
function matchBytes({ shards, senderPeople, bins, layout, t }: Shard): number {
  const { payloads } = layout;
  const lambda = STATISTICAL_BITS + Math.ceil(Math.log2(shards));
  const width = STATISTICAL_BITS + Math.ceil(Math.log2(shards * bins));
  const matrix = 64 * (bins + SPARE_ROWS);
  const store = 8 * (Math.ceil(width / 64) + payloads) * storeSize(3 * senderPeople, lambda).slots;
  const equality = tripleBytes((width - 1) * bitWords(bins), t);
  const directions = payloads === 0 ? 1 : 2;
  const products = directions * 4 * (t + 1) * bitWords(bins) + 8 * (1 + 2 * payloads) * bins;
  return matrix + store + equality + products;
}

/** Sections 12 and 12.1. */
function aggregateBytes({ bins, layout, isPrepared, t }: Shard): number {
  const leaves = leavesOfGroupings(layout.groupings.map(({ cells }) => cells));
  const ofGroupings = layout.groupings.map(({ cells }, i) => {
    if (isPrepared && leaves[i] === "slots")
      return 4 * bitWords((cells - 1) * bins) + 8 * layout.columns * bins;
    const depth = Math.log2(cells);
    if (depth === 0) return 0;
    return 4 * (t + 1) * bitWords(depth * bins) + 32 * (depth - 1) * bins + 8 * layout.columns * bins;
  });
  const credit = layout.credit === undefined ? 0 : creditBytes(layout.credit, t) * bins;
  return ofGroupings.reduce((sum, bytes) => sum + bytes, credit);
}

/** A bin's, as section 12.1 counts them. */
function creditBytes(
  { events, entries, windowSeconds, measures, contributors }: CreditTerms,
  t: number,
): number {
  const gate = (2 * t + 4) / 8;
  const sets = contributors ? 1 + measures : 1;
  const bounds = windowSeconds > 0 ? 2 * entries : entries;
  const comparisons = events * (4 * (t + 1) + bounds * (30 + 11 * gate));
  const first = sets * ((events - 1) * entries + Math.max(0, events - 2)) * gate;
  const withValue = (sets - 1) * events * entries * gate;
  const values = measures === 0 ? 0 : events * entries * ((t + 1) / 4 + 16 * measures);
  return comparisons + first + withValue + values + sets * entries * ((t + 1) / 4 + 16);
}
