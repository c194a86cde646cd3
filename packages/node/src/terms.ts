// The terms of a report in canonical form: what both sides must have asked for, byte for byte.
import { CELLS_MAX, MEASURES_MAX, PEOPLE_MAX, ProtocolError } from "@halfroom/wire";
import type { ReportTerms } from "./half.types.ts";

/**
 * UTF-8 of the JSON array [match, measures as [name, low, high, decimals] with bounds as decimal strings, groupBy,
 * threshold, mode, k]. Both sides compare the bytes; nobody parses the partner's.
 */
export function encodeTerms(terms: ReportTerms): Uint8Array {
  const measures = terms.measures.map((m) => [m.name, m.low.toString(), m.high.toString(), m.decimals]);
  const { match, groupBy, threshold, mode, otK } = terms;
  return Buffer.from(JSON.stringify([match, measures, groupBy, threshold, mode, otK]), "utf8");
}

/** Sums stay below this, so that a share's sign is the sum's sign (design 2.1). */
const SUM_LIMIT = 1n << 62n;

/** Why these terms cannot be computed for so many people, or undefined if they can. */
export function refusal(
  terms: Pick<ReportTerms, "measures">,
  people: { sender: number; receiver: number },
): string | undefined {
  if (terms.measures.length > MEASURES_MAX) return `at most ${MEASURES_MAX} measures`;
  if (Math.max(people.sender, people.receiver) > PEOPLE_MAX) return `at most ${PEOPLE_MAX} people a side`;
  const matched = BigInt(Math.min(people.sender, people.receiver));
  for (const { name, low, high } of terms.measures) {
    const bound = -low > high ? -low : high;
    if (bound * matched >= SUM_LIMIT) return `narrow the clip bounds of "${name}": its sum could reach 2^62`;
  }
  return undefined;
}

/** Cells padded to a power of two; refuses more than the wire allows. */
export function paddedCells(cells: number): number {
  const padded = 2 ** Math.ceil(Math.log2(Math.max(1, cells)));
  if (padded <= CELLS_MAX) return padded;
  throw new ProtocolError("refused", `more than ${CELLS_MAX} cells: group by fewer or coarser columns`);
}
