// The canonical report of the agreement's session, and a commitment to it (protocol-spec.md, section 14.2).
import type { ReleasedCell, ReleasedReport } from "@halfroom/report";
import { canonicalReport, commitToReport } from "../../../packages/session/src/receipt/commitment.ts";
import { AGREEMENT } from "./agreement.ts";
import { fixedBytes } from "./identities.ts";
import { EXACT } from "./terms.ts";
import { hex, text } from "./text.ts";

const released = (value: bigint) => ({ value, variance: 0 });

function cell(labels: readonly string[], people: bigint, amount: bigint | undefined): ReleasedCell {
  return { labels, people: released(people), sums: [amount === undefined ? undefined : released(amount)] };
}

const REPORT: Pick<ReleasedReport, "threshold" | "partitions"> = {
  threshold: EXACT.threshold,
  partitions: [
    {
      groupBy: EXACT.partitions[0]!,
      senderGroupBy: [],
      cells: [
        cell(["spring", "18-24"], 1204n, 3_010_550n),
        cell(["spring", "25-34"], 117n, undefined),
        cell(["été", ""], 856n, 1_999_900n),
      ],
    },
  ],
};

export const REPORT_NONCE = fixedBytes("report's nonce");
export const REPORT_COMMITMENT = commitToReport(REPORT, AGREEMENT.session, REPORT_NONCE);

export function reportVector() {
  return {
    session: hex(AGREEMENT.session),
    report: text(canonicalReport(REPORT)),
    nonce: hex(REPORT_NONCE),
    commitment: hex(REPORT_COMMITMENT),
  };
}
