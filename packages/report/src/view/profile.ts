// The sections of an index report: the audience profile.
import type { DerivedPartition } from "../derived.ts";
import type { ReleasedPartition, ReleasedReport } from "../released.ts";
import { profiledRole, type Profile } from "../stats/profile.ts";
import { ownDimensions } from "../stats/sides.ts";
import { named } from "@halfroom/wire/words";
import { overlapSections } from "./overlap.ts";
import { drawn } from "./rows.ts";
import type { DotsChart } from "./chart.ts";
import type { Section } from "./section.ts";
import { say } from "./sentences.ts";
import {
  decimal,
  dimensionsText,
  labelsText,
  labelText,
  percentText,
  rangeText,
  releasedText,
  valueText,
} from "./words.ts";

const whole = (value: number) => decimal(value, 0);
const percent = (value: number) => percentText(value, 1);

/** An index needs the base of the cohorts: a side without it only sees people in common. */
export function profileSections(
  partition: ReleasedPartition,
  derived: DerivedPartition,
  report: ReleasedReport,
): Section[] {
  if (derived.profiles === undefined) return overlapSections(partition, derived, report);
  const role = profiledRole(partition, report) ?? report.role;
  const dimensions = ownDimensions(partition, role);
  const whose = role === report.role ? "our people" : "the partner's people";
  return derived.profiles.map((profile) => ({
    heading: `Profile by ${dimensionsText(dimensions)}${inCategory(profile)}`,
    remarks: [say("indexScale", whose)],
    charts: indexChart(profile),
    table: {
      head: [
        ...dimensions.map(named),
        whose,
        "share",
        "people in common",
        "share in common",
        "index",
        "95 % interval",
      ],
      textColumns: dimensions.length,
      rows: profile.cohorts.map(({ labels, base, people, overlapShare, baseShare, index }) => [
        ...labels.map(labelText),
        releasedText(base, 0, report.noise),
        baseShare === undefined ? "–" : percent(baseShare),
        releasedText(people, 0, report.noise),
        valueText(overlapShare, percent),
        valueText(index, whole),
        rangeText(index, whole),
      ]),
    },
  }));
}

function inCategory({ category }: Profile): string {
  return category.length === 0 ? "" : `, within ${labelsText(category)}`;
}

function indexChart({ cohorts }: Profile): DotsChart[] {
  const marks = cohorts.flatMap(({ labels, index }) => {
    if (index === undefined) return [];
    const { value, low, high } = index;
    return [{ label: labelsText(labels), value, low, high, shown: whole(value) }];
  });
  if (marks.length < 2) return [];
  return [{ kind: "dots", title: "Index", axis: "index", percent: false, reference: 100, ...drawn(marks) }];
}
