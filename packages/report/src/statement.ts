// What a report kept to under `rules: pair`, as a text that a legal team can file.
import { group } from "./decimal.ts";
import { named } from "@halfroom/wire/words";
import type { ReleasedReport } from "./released.ts";

/** Share of a base in percent above which its numbers stay closed (the published rule of PAIR; design section 4). */
export const PAIR_PERCENT = 85;

/**
 * Plain text, one statement a paragraph; `receipt` is the commitment to the report that both sides signed, in hex. Throws RangeError
 * for a report without the rules.
 */
export function pairStatement(report: ReleasedReport, receipt?: string): string {
  if (report.rules !== "pair") throw new RangeError("The report was not agreed under `rules: pair`.");
  const { origin, threshold, noise, agreed } = report;
  const keys = agreed.match.length;
  const cells = report.partitions.flatMap((partition) => partition.cells);
  const over = cells.filter(({ overPair }) => overPair === true).length;
  const facts = [
    origin === undefined
      ? []
      : [
          `Partner: ${named(origin.partner)}`,
          `Made: ${origin.made.toISOString()}`,
          `Session, the hash of what both sides signed: ${named(origin.session)}`,
        ],
    receipt === undefined ? [] : [`Commitment to the report, signed by both sides: ${named(receipt)}`],
  ].flat();
  return [
    "Statement on the match rate rule of PAIR (Publisher Advertiser Identity Reconciliation)",
    ...(facts.length === 0 ? [] : [facts.join("\n")]),
    `1. Both sides agreed that wherever more than ${PAIR_PERCENT} % of the people of a base match, neither the number of matched people nor any sum over them is opened. Only the fact that the share is above ${PAIR_PERCENT} % is disclosed.`,
    "2. The rule was applied by the computation itself, on secret shares, before anything was opened. Software that follows the protocol sees no number first to withhold it afterwards, and opens none that the rule closes.",
    over === 0
      ? "3. In this report no opened cell had more than that share of its base matched."
      : `3. In this report ${over === 1 ? "one cell" : `${group(over)} cells`} had more than that share of the base matched. No number of ${over === 1 ? "it" : "them"} was opened.`,
    `4. A match rate is shown in whole percent. Numbers with fewer than ${group(threshold * keys)} ${keys === 1 ? "" : "pairs of "}matched people behind them${noise === undefined ? "" : ", noise included,"} were not opened.${noise === undefined ? "" : " Every opened number carries random noise from both sides."}`,
    "5. Software that follows the protocol makes no list of matched people: who matched exists in it only as two random halves, one on each side.",
    "This statement covers the match rate rule alone. It makes no statement about other parts of the PAIR specification. It assumes that both sides followed the protocol, which the computation does not prove.",
  ].join("\n\n");
}
