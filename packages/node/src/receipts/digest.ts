// The digest of a released table: the same on both sides, since it covers what both know.
import { hash256 } from "@halfroom/crypto";
import type { Released, ReleasedReport } from "@halfroom/report";
import { encodeCanonical } from "../agreement/canonical.ts";

/** 32 bytes; the session id salts it. What only the owner of the labels knows, hidden cells and bases, is left out. */
export function reportDigest({ partitions, threshold }: ReleasedReport, session: Uint8Array): Uint8Array {
  const record = partitions.map(({ groupBy, senderGroupBy, cells }) => ({
    groupBy,
    senderGroupBy,
    cells: cells.map(({ labels, people, sums, squares = [] }) => ({
      labels,
      numbers: [people, ...sums, ...squares].map(numberText),
    })),
  }));
  return hash256("report", session, encodeCanonical({ threshold, partitions: record }));
}

function numberText(released: Released | undefined): string | null {
  return released === undefined ? null : released.value.toString();
}
