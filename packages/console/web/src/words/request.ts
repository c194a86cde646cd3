// A request as it is put together in the form, and as the YAML that the command line takes (docs/requests.md).
import { stringify } from "yaml";
import type { Kind } from "./reports.ts";

export interface MeasureDraft {
  readonly name: string;
  readonly low: string;
  readonly high: string;
  readonly decimals: string;
  readonly variance: boolean;
}

export interface SideDraft {
  readonly dataset: string;
  readonly groupBy: readonly string[];
  readonly measures: readonly MeasureDraft[];
}

/** When it repeats, if it does. */
export interface SeriesDraft {
  readonly isOn: boolean;
  readonly every: "day" | "week" | "month";
  readonly on: string;
  readonly at: string;
  readonly timezone: string;
  readonly from: string;
  readonly runs: string;
}

export interface Draft {
  readonly report: Kind;
  readonly partner: string;
  readonly match: readonly string[];
  readonly ours: SideDraft & { readonly where: string };
  readonly theirs: SideDraft;
  readonly receiver: "" | "us" | "them";
  readonly threshold: string;
  readonly isExact: boolean;
  readonly epsilon: string;
  readonly result: "both" | "us" | "them";
  readonly entries: string;
  readonly events: string;
  readonly windowDays: string;
  readonly arms: { readonly column: string; readonly test: string; readonly control: string };
  readonly series: SeriesDraft;
  /** Of reach in a series: those alone who were in no earlier run. */
  readonly newPeople: boolean;
}

const SIDE: SideDraft = { dataset: "", groupBy: [], measures: [] };

export const EMPTY_DRAFT: Draft = {
  report: "sums",
  partner: "",
  match: [],
  ours: { ...SIDE, where: "" },
  theirs: SIDE,
  receiver: "",
  threshold: "100",
  isExact: false,
  epsilon: "1",
  result: "both",
  entries: "",
  events: "",
  windowDays: "",
  arms: { column: "", test: "", control: "" },
  series: {
    isOn: false,
    every: "week",
    on: "monday",
    at: "06:00",
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    from: "",
    runs: "52",
  },
  newPeople: false,
};

export const HAS_ENTRIES: readonly Kind[] = ["reach", "attribution"];
export const HAS_EVENTS: readonly Kind[] = ["attribution", "lift"];
export const HAS_MEASURES: readonly Kind[] = ["sums", "attribution", "lift"];

/** Whether the form asks for a report that may count new people alone. */
export function mayCountNewPeople({ report, series }: Draft): boolean {
  return report === "reach" && series.isOn;
}

/** What is not said has its default, and is left out. */
export function yamlOf(draft: Draft): string {
  const { report, partner, match, ours, theirs, arms, result, receiver } = draft;
  const request = {
    partner,
    report,
    ...(match.length > 0 && { match }),
    ours: { ...sideOf(ours, report), ...(ours.where.trim() !== "" && { where: ours.where.trim() }) },
    theirs: sideOf(theirs, report),
    ...(receiver !== "" && { receiver }),
    ...(HAS_ENTRIES.includes(report) && whole("entries", draft.entries)),
    ...(HAS_EVENTS.includes(report) && whole("events", draft.events)),
    ...(HAS_EVENTS.includes(report) && whole("window_days", draft.windowDays)),
    ...(report === "lift" && { arms }),
    ...whole("threshold", draft.threshold),
    ...(draft.isExact ? { exact: true } : whole("epsilon", draft.epsilon)),
    ...(result !== "both" && { result }),
    ...(mayCountNewPeople(draft) && draft.newPeople && { new_people: true }),
    ...(draft.series.isOn && { series: seriesOf(draft.series) }),
  };
  return stringify(request, { lineWidth: 0 });
}

function seriesOf({ every, on, at, timezone, from, runs }: SeriesDraft): object {
  const day = every === "day" ? {} : { on: amount(on) };
  return { every, ...day, at, timezone, from, runs: amount(runs) };
}

function sideOf({ dataset, groupBy, measures }: SideDraft, report: Kind): object {
  return {
    dataset,
    ...(groupBy.length > 0 && { group_by: groupBy }),
    ...(HAS_MEASURES.includes(report) &&
      measures.length > 0 && {
        measures: Object.fromEntries(measures.map((each) => [each.name, boundsOf(each)])),
      }),
  };
}

function boundsOf({ low, high, decimals, variance }: MeasureDraft): object {
  return {
    low: amount(low),
    high: amount(high),
    ...(decimals !== "" && decimals !== "0" && { decimals: amount(decimals) }),
    ...(variance && { variance }),
  };
}

function whole(field: string, text: string): object {
  return text.trim() === "" ? {} : { [field]: amount(text) };
}

/** What is no number goes as it was written, so that the node says what is wrong with it. */
function amount(text: string): number | string {
  const value = Number(text);
  return text.trim() !== "" && Number.isFinite(value) ? value : text;
}
