// What both sides know of the group-by before it begins (protocol-spec.md, section 12): its groupings, what each of them takes, the pieces that
// they are worked on in, and what these draw.
import { BLOCK_WORDS } from "@halfroom/crypto";
import { networkPieces, roundedUp } from "@halfroom/mpc";
import type { Draw, OtReceiver, OtSender, OtSource } from "@halfroom/mpc";
import type { Part } from "./ends.ts";

export interface GroupContext {
  readonly session: Uint8Array;
  readonly shard: number;
  /** Number of the partition: each has leaves and transfers of its own. */
  readonly partition: number;
  /** A power of two. */
  readonly cells: number;
  /** Numbers per bin: people and measures. */
  readonly columns: number;
  /** Where the masks of the bins and their sums in each cell come from. A single cell takes none. */
  readonly leaves: "trees" | "slots" | "network";
}

/** Transfers of all slots of a bin, at most, which bounds what they hold: 92 MB of the largest shard at either side. */
const SLOT_TRANSFERS_MAX = 64;
/** Of fewer cells a tree has no corrections either. */
const SLOT_CELLS_MIN = 4;

/**
 * From so many cells on for each column a network takes less time than trees, at 100 Mbit/s: its work hardly grows with the cells, that of trees
 * does; its bytes grow with the columns, those of trees do not (docs/bench/README.md).
 */
const NETWORK_CELLS_MIN = 1024;

/**
 * What each grouping takes where transfers cost nothing to send: slots, as long as those of a bin take few enough transfers, one for each cell but
 * the last, where a tree takes one for each level; else trees, or a network of many cells.
 */
export function leavesOfGroupings(
  cells: readonly number[],
  columns: number,
): readonly GroupContext["leaves"][] {
  let left = SLOT_TRANSFERS_MAX;
  return cells.map((count) => {
    if (count >= SLOT_CELLS_MIN && count - 1 <= left) {
      left -= count - 1;
      return "slots";
    }
    return count >= NETWORK_CELLS_MIN * columns ? "network" : "trees";
  });
}

/** A grouping at one side. */
interface Grouping {
  readonly context: GroupContext;
}

/** Some bins of a grouping, or gates of its network, which are worked on together. */
export interface Piece<G = Grouping> extends Part {
  readonly of: G;
}

type Kind = Pick<GroupContext, "cells" | "leaves">;

/** Leaves that are worked on at a time: 2 MiB of them. */
const LEAVES = 1 << 17;

/** The pieces of all groupings in order; a single cell has none. */
export function piecesOf<G extends { readonly context: Kind }>(
  bins: number,
  groupings: readonly G[],
): readonly Piece<G>[] {
  return groupings.flatMap((of) => partsOf(bins, of.context).map((part) => ({ of, ...part })));
}

function partsOf(bins: number, context: Kind): readonly Part[] {
  const { cells, leaves } = context;
  if (cells === 1) return [];
  if (leaves === "network") return networkPieces(bins, cells);
  const each = leaves === "slots" ? cells - 1 : Math.log2(cells);
  const most = Math.max(32, Math.floor(LEAVES / cells / 32) * 32);
  return Array.from({ length: Math.ceil(bins / most) }, (_, i) => {
    const start = i * most;
    const count = Math.min(most, bins - start);
    return { step: 0, start, count, transfers: count * each };
  });
}

/**
 * Chosen strings that were asked for and not answered, at most: a long line is filled by what is asked ahead. So many are asked
 * for, and taken, before anything is answered.
 */
export const AHEAD_BYTES = 1 << 23;

/** How many pieces are asked for, and taken, before anything is answered. */
export function piecesAhead(pieces: readonly Piece[]): number {
  let count = 0;
  for (let bytes = 0; count < pieces.length && bytes <= AHEAD_BYTES; count++)
    bytes += unansweredBytes(pieces[count]!);
  return count;
}

/** Chosen strings that wait for an answer. Slots get none. */
export function unansweredBytes({ of: { context }, transfers }: Piece): number {
  return context.leaves === "slots" ? 0 : transfers * BLOCK_WORDS * 4;
}

/** What all groupings draw, in the direction `sender`. */
export function leafDraws(bins: number, groupings: readonly GroupContext[]): readonly Draw[] {
  return groupings
    .filter(({ cells }) => cells > 1)
    .map((context) => {
      const kind = context.leaves === "trees" ? "blocks" : "correlated";
      // Each piece is a draw of its own.
      const transfers = partsOf(bins, context).reduce((sum, part) => sum + roundedUp(part.transfers), 0);
      return { purpose: purposeOf(context.partition), kind, transfers };
    });
}

/** The sender's end of a grouping's transfers. */
export function sendingSupply(transfers: OtSource, { partition, shard }: GroupContext): OtSender {
  return transfers.sending(purposeOf(partition), shard);
}

/** The receiver's end of them. */
export function receivingSupply(transfers: OtSource, { partition, shard }: GroupContext): OtReceiver {
  return transfers.receiving(purposeOf(partition), shard);
}

export function purposeOf(partition: number): string {
  return `aggregate/${partition}`;
}
