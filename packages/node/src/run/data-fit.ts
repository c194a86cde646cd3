// Whether so much of this side's data fits the report that its numbers mean something: rows that cannot be used, people whose values
// lie outside of the agreed bounds. It depends on this side's data alone, and ends a session before anything is spent.
import type { OwnData } from "@halfroom/report";
import { quoted } from "@halfroom/wire/words";
import type { Settings } from "../config/schema.ts";
import { OperatorError } from "../errors.ts";

type Limits = Pick<Settings, "dropped_percent_max" | "clipped_percent_max">;

/** Errors: `data-fit`, with what was dropped or clipped, why, and what to do. `isOurs` is whether this side proposed the report. */
export function assertDataFits(own: OwnData, limits: Limits, isOurs: boolean): void {
  const faults = [...droppedFault(own, limits), ...clippedFaults(own, limits)];
  if (faults.length === 0) return;
  const goOn = isOurs ? "go on all the same with `halfroom run --anyway`, or raise" : "raise";
  const remedy = `Mend the data or the bounds (halfroom dataset check shows rows and values), ${goOn} the setting.`;
  throw new OperatorError("data-fit", `${faults.join(" ")} Nothing was spent. ${remedy}`);
}

/** Of the rows that the filters keep. Rows beyond the most of one person that both sides agreed on are no fault of the data. */
function droppedFault({ dropped, rows, filtered }: OwnData, { dropped_percent_max: most }: Limits): string[] {
  const faulty = dropped.filter(({ agreed }) => agreed !== true);
  const count = faulty.reduce((sum, each) => sum + each.rows, 0);
  if (!isBeyond(count, rows - filtered, most)) return [];
  const reasons = faulty.map(({ reason, rows: each }) => `${reason} ${each}`).join("; ");
  return [
    `${percentOf(count, rows - filtered)} of our rows cannot be used (${reasons}), more than \`dropped_percent_max\`, ${most} %.`,
  ];
}

function clippedFaults({ clipped = [], people }: OwnData, { clipped_percent_max: most }: Limits): string[] {
  return clipped
    .filter((each) => isBeyond(each.people, people, most))
    .map(
      ({ measure, people: outside }) =>
        `${percentOf(outside, people)} of our people lie outside of the bounds of ${quoted(measure)}, more than \`clipped_percent_max\`, ${most} %.`,
    );
}

function isBeyond(part: number, whole: number, percent: number): boolean {
  return part > 0 && 100 * part > percent * whole;
}

/** Rounded up to a tenth, so that it never looks like the limit. */
function percentOf(part: number, whole: number): string {
  return `${Math.ceil((1000 * part) / Math.max(1, whole)) / 10} %`;
}
