// The canonical report of the agreement's session, and its digest (protocol-spec.md, section 14.2).
import type { ReleasedCell, ReleasedReport } from "@halfroom/report";
import { canonicalReport, reportDigest } from "../../../packages/session/src/receipt/digest.ts";
import { AGREEMENT } from "./agreement.ts";
import { EXACT } from "./terms.ts";
import { hex, text } from "./text.ts";

const released = (value: bigint) => ({ value, variance: 0 });

function cell(labels: readonly string[], people: bigint, amount: bigint | undefined): ReleasedCell {
  return { labels, people: released(people), sums: [amount === undefined ? undefined : released(amount)] };
}

const REPORT: ReleasedReport = {
  kind: EXACT.report,
  role: "sender",
  measures: [{ name: "amount", decimals: 2, squares: false }],
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
  ownPeople: AGREEMENT.content.sender.people,
  partnerPeople: AGREEMENT.content.receiver.people,
};

export const REPORT_DIGEST = reportDigest(REPORT, AGREEMENT.session);

export function reportVector() {
  return {
    session: hex(AGREEMENT.session),
    report: text(canonicalReport(REPORT)),
    digest: hex(REPORT_DIGEST),
  };
}
