// What both sides know of the group-by before it begins (protocol-spec.md, section 12): its groupings, which of them take slots and which
// take trees, the pieces of bins that they are worked on in, and what these draw.
import { BLOCK_WORDS } from "@halfroom/crypto";
import type { Draw, OtReceiver, OtSender, OtSource } from "@halfroom/mpc";

export interface GroupContext {
  readonly session: Uint8Array;
  readonly shard: number;
  /** Number of the partition: each has leaves and transfers of its own. */
  readonly partition: number;
  /** A power of two. */
  readonly cells: number;
  /** Numbers per bin: people and measures. */
  readonly columns: number;
  /** What a bin's leaves come from. A single cell takes neither. */
  readonly leaves: "trees" | "slots";
}

/** Transfers of all slots of a bin, at most, which bounds what they hold: 92 MB of the largest shard at either side. */
const SLOT_TRANSFERS_MAX = 64;
/** Of fewer cells a tree has no corrections either. */
const SLOT_CELLS_MIN = 4;

/**
 * What the leaves of each grouping come from where transfers cost nothing to send: of slots, as long as those of a bin take few enough
 * transfers. A slot takes one for each cell but the last, a tree one for each level.
 */
export function leavesOfGroupings(cells: readonly number[]): readonly GroupContext["leaves"][] {
  let left = SLOT_TRANSFERS_MAX;
  return cells.map((count) => {
    if (count < SLOT_CELLS_MIN || count - 1 > left) return "trees";
    left -= count - 1;
    return "slots";
  });
}

/** A grouping at one side. */
interface Grouping {
  readonly context: GroupContext;
}

/** Some bins of a grouping, which are worked on together. */
export interface Piece<G = Grouping> {
  readonly of: G;
  readonly start: number;
  readonly bins: number;
}

/** Leaves that are worked on at a time: 2 MiB of them. */
const LEAVES = 1 << 17;

/** The pieces of all groupings in order; a single cell has none. */
export function piecesOf<G extends { readonly context: Pick<GroupContext, "cells"> }>(
  bins: number,
  groupings: readonly G[],
): readonly Piece<G>[] {
  return groupings.flatMap((of) => {
    const { cells } = of.context;
    if (cells === 1) return [];
    const most = Math.max(32, Math.floor(LEAVES / cells / 32) * 32);
    return Array.from({ length: Math.ceil(bins / most) }, (_, i) => {
      const start = i * most;
      return { of, start, bins: Math.min(most, bins - start) };
    });
  });
}

/**
 * Chosen strings of trees that were asked for and not answered, at most: a long line is filled by what is asked ahead. So many are asked
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
export function unansweredBytes({ of: { context }, bins }: Piece): number {
  return context.leaves === "slots" ? 0 : bins * Math.log2(context.cells) * BLOCK_WORDS * 4;
}

/** What all groupings draw, in the direction `sender`. */
export function leafDraws(bins: number, groupings: readonly GroupContext[]): readonly Draw[] {
  return groupings
    .filter(({ cells }) => cells > 1)
    .map(({ partition, cells, leaves }) =>
      leaves === "slots"
        ? { purpose: purposeOf(partition), kind: "correlated", transfers: bins * (cells - 1) }
        : { purpose: purposeOf(partition), kind: "blocks", transfers: bins * Math.log2(cells) },
    );
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
