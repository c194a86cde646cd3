// What each kind of report is called by those who read it.
import type { ReleasedReport, ReportKind } from "../released.ts";

export const TITLES = {
  overlap: "Audience overlap",
  sums: "Totals by cohort",
  index: "Audience profile",
  reach: "Reach and frequency",
  attribution: "Attribution",
  lift: "Lift",
} as const satisfies Record<ReportKind, string>;

export function titleOf({ kind, agreed }: Pick<ReleasedReport, "kind" | "agreed">): string {
  return agreed.newPeople ? "Reach: new people" : TITLES[kind];
}
