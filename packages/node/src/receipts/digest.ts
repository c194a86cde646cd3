// The digest of a released table: the same on both sides, since it covers what both know.
import { hash256 } from "@halfroom/crypto";
import type { ReleasedTable } from "@halfroom/report";
import { encodeCanonical } from "../agreement/canonical.ts";

/** 32 bytes; the session id salts it. What only the owner of the labels knows of hidden cells is left out. */
export function reportDigest(table: ReleasedTable, session: Uint8Array): Uint8Array {
  const { groupBy, threshold } = table;
  const measures = table.measures.map(({ name, decimals }) => ({ name, decimals }));
  const cells = table.cells.map(({ labels, people, sums }) => ({
    labels,
    people: people.toString(),
    sums: sums.map(String),
  }));
  return hash256("report", session, encodeCanonical({ groupBy, measures, threshold, cells }));
}
