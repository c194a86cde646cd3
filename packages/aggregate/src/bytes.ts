// Bytes that the leaves of one grouping move in a shard (protocol-spec.md, section 12), a message kind each.
import { bitWords } from "@halfroom/crypto";
import { correctionWords } from "@halfroom/mpc";
import { piecesOf, type GroupContext } from "./groupings.ts";

export interface LeafBytes {
  /** Transfers of each piece, drawn on their own in the direction `sender`. */
  readonly drawn: readonly number[];
  /** From the receiver. */
  readonly flips: number;
  /** From the sender. */
  readonly trees: number;
  readonly corrections: number;
}

export function leafBytes(
  bins: number,
  context: Pick<GroupContext, "cells" | "columns" | "leaves">,
): LeafBytes {
  const { cells, columns, leaves } = context;
  if (cells === 1) return { drawn: [], flips: 0, trees: 0, corrections: 0 };
  const depth = Math.log2(cells);
  const each = leaves === "slots" ? cells - 1 : depth;
  const drawn = piecesOf(bins, [{ context }]).map((piece) => piece.bins * each);
  return {
    drawn,
    flips: drawn.reduce((sum, transfers) => sum + bitWords(transfers) * 4, 0),
    trees: leaves === "slots" ? 0 : correctionWords(bins, depth) * 4,
    corrections: bins * columns * 8,
  };
}
