// The digest of a released table: the same on both sides, since it covers what both know.
import { hash256 } from "@halfroom/crypto";
import type { Released, ReleasedReport } from "@halfroom/report";
import { encodeCanonical } from "../agreement/canonical.ts";

/** 32 bytes; the session id salts it. */
export function reportDigest(report: ReleasedReport, session: Uint8Array): Uint8Array {
  return hash256("report", session, canonicalReport(report));
}

/**
 * The report as canonical JSON (protocol-spec.md, section 14.2). What only the owner of the labels knows, hidden cells and
 * bases, is left out.
 */
export function canonicalReport({
  partitions,
  threshold,
}: Pick<ReleasedReport, "partitions" | "threshold">): Uint8Array {
  const record = partitions.map(({ groupBy, senderGroupBy, cells }) => ({
    groupBy,
    senderGroupBy,
    cells: cells.map(({ labels, people, sums, squares = [] }) => ({
      labels,
      numbers: [people, ...sums, ...squares].map(numberText),
    })),
  }));
  return encodeCanonical({ threshold, partitions: record });
}

function numberText(released: Released | undefined): string | null {
  return released === undefined ? null : released.value.toString();
}
