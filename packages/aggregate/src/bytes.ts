// Bytes that the leaves of one grouping move in a shard (protocol-spec.md, section 12), a message kind each, and what they take to make.
import { bitWords } from "@halfroom/crypto";
import { correctionWords } from "@halfroom/mpc";
import { piecesOf, type GroupContext } from "./groupings.ts";

export interface LeafBytes {
  /** Transfers of each piece, drawn on their own in the direction `sender`. */
  readonly drawn: readonly number[];
  /** From the receiver. */
  readonly flips: number;
  /** From the sender, as `treeCorrections`. */
  readonly trees: number;
  /** From the sender, as `leafCorrections`. */
  readonly corrections: number;
}

export function leafBytes(
  bins: number,
  context: Pick<GroupContext, "cells" | "columns" | "leaves">,
): LeafBytes {
  const { cells, columns, leaves } = context;
  if (cells === 1) return { drawn: [], flips: 0, trees: 0, corrections: 0 };
  const pieces = piecesOf(bins, [{ context }]);
  const bytesOfPiece = {
    trees: (count: number) => correctionWords(count, Math.log2(cells)) * 4,
    slots: () => 0,
    network: (count: number) => count * columns * 8,
  }[leaves];
  return {
    drawn: pieces.map(({ transfers }) => transfers),
    flips: pieces.reduce((sum, { transfers }) => sum + bitWords(transfers) * 4, 0),
    trees: pieces.reduce((sum, { count }) => sum + bytesOfPiece(count), 0),
    corrections: bins * columns * 8,
  };
}

/** Leaves of trees and slots, one for each bin and cell, and gates of networks, in all of these groupings. */
export function leafWork(
  bins: number,
  groupings: readonly Pick<GroupContext, "cells" | "leaves">[],
): { leaves: number; gates: number } {
  const work = { leaves: 0, gates: 0 };
  for (const { of, count } of piecesOf(
    bins,
    groupings.map((context) => ({ context })),
  )) {
    const { cells, leaves } = of.context;
    if (leaves === "network") work.gates += count;
    else work.leaves += count * cells;
  }
  return work;
}
