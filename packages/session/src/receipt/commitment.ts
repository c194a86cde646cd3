// The commitment to a released table that both sides sign (protocol-spec.md, section 14.2). A side without the result signs it
// too, so it must not be a mere hash: a report of few numbers is found by trying.
import { hash256 } from "@halfroom/crypto";
import type { Released, ReleasedCell, ReleasedReport } from "@halfroom/report";
import { encodeCanonical } from "../agreement/canonical.ts";

/** What opens a commitment to a report, beside the report. */
export const REPORT_NONCE_BYTES = 32;

/** 32 bytes. They bind to the report and tell nothing of it to whoever lacks `nonce`, 32 random bytes (random oracle). */
export function commitToReport(
  report: Pick<ReleasedReport, "partitions" | "threshold">,
  session: Uint8Array,
  nonce: Uint8Array,
): Uint8Array {
  if (nonce.length !== REPORT_NONCE_BYTES) throw new RangeError("a nonce of 32 bytes hides a report");
  return new Uint8Array(hash256("report/commitment", session, nonce, canonicalReport(report)));
}

/**
 * The report as canonical JSON (protocol-spec.md, section 14.2). What only the owner of the labels knows, hidden cells and
 * bases that it does not tell, is left out.
 */
export function canonicalReport({
  partitions,
  threshold,
}: Pick<ReleasedReport, "partitions" | "threshold">): Uint8Array {
  const record = partitions.map(({ groupBy, senderGroupBy, cells, totals }) => ({
    groupBy,
    senderGroupBy,
    cells: cells.map(cellRecord),
    totals: totals === undefined ? null : totals.map(cellRecord),
  }));
  return encodeCanonical({ threshold, partitions: record });
}

function cellRecord({ labels, people, sums, squares = [], base }: ReleasedCell) {
  const told = base === undefined ? [] : [base];
  return { labels, numbers: [people, ...sums, ...squares, ...told].map(numberText) };
}

function numberText(released: Released | undefined): string | null {
  return released === undefined ? null : released.value.toString();
}
