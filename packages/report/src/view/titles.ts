// What each kind of report is called by those who read it.
import type { ReportKind } from "../released.ts";

export const TITLES = {
  overlap: "Audience overlap",
  sums: "Totals by cohort",
  index: "Audience profile",
  reach: "Reach and frequency",
  attribution: "Attribution",
  lift: "Lift",
} as const satisfies Record<ReportKind, string>;

/** A kind of report, and whether it counts new people alone. */
interface Asked {
  readonly kind: ReportKind;
  readonly newPeople?: true | undefined;
}

export function titleOf({ kind, newPeople }: Asked): string {
  return newPeople ? "Reach: new people" : TITLES[kind];
}

/** The same in a column: the field's own word. */
export function kindText({ kind, newPeople }: Asked): string {
  return newPeople ? `${kind} of new people` : kind;
}
