// Reads a report request (YAML) and says everything that is wrong with it: line, field, fault, remedy.
import { readFile } from "node:fs/promises";
import { parseDecimal } from "@halfroom/prepare";
import type { EventTerms, Measure, ReleaseRule, ReportKind, Role, Schedule, Terms } from "@halfroom/session";
import { readYaml, yamlError, type YamlValue } from "../config/yaml.ts";
import type { Problem } from "../errors.ts";
import { microEpsilonOf, requestSchema, type RequestFile } from "./schema.ts";
import { datesFault, epsilonOfRun, scheduleIn } from "./series.ts";

/** Where transfers come from. */
export type TransfersSource = "silent" | "softspoken";

/** A report request as read from YAML, from the point of view of the side that wrote it; members not listed here are as in the terms. */
export interface ReportRequest extends Omit<
  Terms,
  "protocol" | "initiator" | "datasets" | "match" | "resultTo" | "series" | "transfers"
> {
  /** When the report repeats, if it does. */
  readonly series?: Schedule | undefined;
  /** This node's name for the partner. */
  readonly partner: string;
  /** The side that groups is the receiver. */
  readonly role: Role;
  /** `either`: no side groups or sums and the file names no receiver, so the roles can be swapped. */
  readonly roles: "fixed" | "either";
  readonly ours: string;
  readonly theirs: string;
  /** This side's filter, an expression over its own dataset; the partner sees a commitment to it. */
  readonly where: string | undefined;
  /** Names of match keys; undefined for the first one that this side's dataset declares. */
  readonly match: readonly string[] | undefined;
  readonly resultTo: "both" | "us" | "them";
  /** Undefined where this node chooses. */
  readonly transfers: TransfersSource | undefined;
  /** Of this node's sinks the one that the report is to be written to; it is no part of the terms. */
  readonly sink: string | undefined;
}

type Side = "ours" | "theirs";
type Complaint = (path: readonly string[], fault: string, remedy: string) => void;

/** Bounds and sums are computed with 64-bit integers. */
const isInt64 = (value: bigint) => BigInt.asIntN(64, value) === value;

/** A file, or its text, in which case messages call it `name`. */
export type RequestSource = { readonly file: string } | { readonly text: string; readonly name: string };

/** Errors: `yaml`, if the file cannot be read or holds no valid request. */
export async function readRequest(source: RequestSource): Promise<ReportRequest> {
  if ("text" in source) return parseRequest(source.text, source.name);
  const { file } = source;
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text !== undefined) return parseRequest(text, file);
  const remedy = "Check its name and that you may read it.";
  throw yamlError(file, [{ line: 1, field: "", fault: "the file cannot be read", remedy }]);
}

/** The request in `text`; messages call it `file`. Errors: `yaml`. */
export function parseRequest(text: string, file: string): ReportRequest {
  return requestFrom(readYaml(text, file, requestSchema), file);
}

/** The request that a file's fields make. Errors: `yaml`, for what no single field shows. */
export function requestFrom(read: YamlValue<RequestFile>, file: string): ReportRequest {
  const problems: Problem[] = [];
  const complain: Complaint = (path, fault, remedy) =>
    problems.push({ line: read.lineOf(path), field: path.join("."), fault, remedy });
  const request = toRequest(read, complain);
  if (problems.length > 0) throw yamlError(file, problems);
  return request;
}

function toRequest({ value }: YamlValue<RequestFile>, complain: Complaint): ReportRequest {
  const {
    report,
    partner,
    match,
    ours,
    theirs,
    threshold,
    rules,
    result,
    ot_k: otK,
    shard_people: shardPeople,
    transfers,
    replay,
    series,
  } = value;
  const role = roleOf(value, complain);
  const [grouping, summing]: [Side, Side] = role === "receiver" ? ["ours", "theirs"] : ["theirs", "ours"];
  if (value[grouping].measures !== undefined) {
    const remedy = "Sum columns of the other side, or say with `receiver` whose columns make the cells.";
    complain([grouping, "measures"], "it does not fit", remedy);
  }
  const measures = measuresOf(summing, value[summing].measures ?? {}, complain);
  const partitions = partitionsOf(value[grouping].group_by);
  const senderLists = partitionsOf(value[summing].group_by);
  if (senderLists.length > 1) {
    complain(
      [summing, "group_by"],
      "it has several lists",
      "Write one list: only the receiver's side takes several.",
    );
  }
  checkKind(value, { grouping, summing, partitions }, complain);
  checkSeries(value, complain);
  return {
    report,
    partner,
    role,
    roles: rolesOf(value),
    ours: ours.dataset,
    theirs: theirs.dataset,
    where: ours.where,
    match,
    measures,
    senderGroupBy: senderLists[0] ?? [],
    partitions,
    entriesMax: value.entries ?? DEFAULT_ENTRIES[report],
    events: eventsOf(value),
    arms: value.arms,
    threshold,
    release: releaseOf(value, measures, complain),
    totals: value.totals,
    rules,
    resultTo: result,
    sink: value.sink,
    otK,
    shardPeople,
    replay,
    transfers,
    ...(value.new_people && { newPeople: true }),
    ...(series !== undefined && { series: scheduleIn(series) }),
  };
}

const DEFAULT_ENTRIES: Readonly<Record<ReportKind, number>> = {
  overlap: 1,
  sums: 1,
  index: 1,
  reach: 4,
  attribution: 4,
  lift: 1,
};
const EVENTS_DEFAULT = 2;
const WINDOW_DAYS_DEFAULT = 30;
const DAY_SECONDS = 86_400;
const DELTA_EXPONENT_DEFAULT = 6;

function eventsOf({ report, events, window_days: days }: RequestFile): EventTerms | undefined {
  if (!isTimed(report)) return undefined;
  const windowDays = days ?? (report === "attribution" ? WINDOW_DAYS_DEFAULT : 0);
  return { perPerson: events ?? EVENTS_DEFAULT, windowSeconds: Math.round(windowDays * DAY_SECONDS) };
}

/** Whether the report compares the two sides' times. */
function isTimed(report: ReportKind): boolean {
  return report === "attribution" || report === "lift";
}

function partitionsOf(groupBy: RequestFile["ours"]["group_by"]): string[][] {
  if (groupBy === undefined) return [[]];
  return groupBy.every((entry) => Array.isArray(entry)) ? (groupBy as string[][]) : [groupBy as string[]];
}

interface KindFacts {
  readonly grouping: Side;
  readonly summing: Side;
  readonly partitions: readonly (readonly string[])[];
}

/** Which fields each kind of report needs, and which do not belong to it. */
function checkKind(
  value: RequestFile,
  { grouping, summing, partitions }: KindFacts,
  complain: Complaint,
): void {
  const { report } = value;
  const unfit = (field: "entries" | "events" | "window_days" | "arms", kinds: readonly ReportKind[]) => {
    if (value[field] === undefined || kinds.includes(report)) return;
    complain(
      [field],
      `it does not fit \`report: ${report}\``,
      `It belongs to ${kinds.join(" and ")}; remove it.`,
    );
  };
  unfit("entries", ["reach", "attribution"]);
  unfit("events", ["attribution", "lift"]);
  unfit("window_days", ["attribution", "lift"]);
  unfit("arms", ["lift"]);
  if (report === "lift" && value.arms === undefined) {
    complain(
      ["arms"],
      "it is missing",
      "Write arms: { column, test, control }, labels of the receiver's column.",
    );
  } else if (value.arms !== undefined && !partitions.every((list) => list.includes(value.arms!.column))) {
    complain(["arms", "column"], "it is not in group_by", `Add it to ${grouping}.group_by.`);
  }
  if (
    (report === "index" || (report === "reach" && !value.new_people)) &&
    partitions.some((list) => list.length === 0)
  ) {
    complain(
      [grouping, "group_by"],
      `\`report: ${report}\` is by columns`,
      "Write at least one column in each list, or ask for `report: overlap`.",
    );
  }
  if (report === "overlap" || report === "index" || report === "reach") {
    if (value[summing].measures !== undefined)
      complain(
        [summing, "measures"],
        `it does not fit \`report: ${report}\``,
        "Remove it, or ask for `report: sums`.",
      );
  }
  if (value.totals && !value.exact) {
    complain(
      ["totals"],
      "it does not fit a report with noise",
      "Remove it: totals are the sums of the cells.",
    );
  }
  if (value.exact && partitions.length > 1) {
    complain(
      [grouping, "group_by"],
      "it has several lists",
      "An exact report has one: the difference of two may be one person.",
    );
  }
  if (isTimed(report)) checkEvents(value, summing, complain);
}

/** Epsilon is said of one run or of all; dates relative to a run need one, and new people an earlier one. */
function checkSeries(
  { report, series, epsilon, exact, ours, replay, new_people: isNew }: RequestFile,
  complain: Complaint,
): void {
  if (isNew && (report !== "reach" || series === undefined))
    complain(["new_people"], "it needs `report: reach` and `series`", "Write both, or remove it.");
  if (isNew && replay)
    complain(["replay"], "it does not fit `new_people`", "Remove one: an auditor lacks the earlier runs.");
  const fault = datesFault(ours.where, series !== undefined);
  if (fault !== undefined) complain(["ours", "where"], ...fault);
  if (series?.epsilon_total === undefined) return;
  const path = ["series", "epsilon_total"];
  if (exact) complain(path, "it does not fit `exact: true`", "Keep one of the two.");
  else if (epsilon !== undefined)
    complain(path, "it does not fit `epsilon`", "Keep one: for all runs, or for each.");
}

/** What cannot be asked for where events are counted. */
function checkEvents(value: RequestFile, summing: Side, complain: Complaint): void {
  if (value[summing].group_by !== undefined) {
    complain(
      [summing, "group_by"],
      `it does not fit \`report: ${value.report}\``,
      "Remove it: events have no categories; group by columns of the other side.",
    );
  }
  if ((value.entries ?? DEFAULT_ENTRIES[value.report]) === 1) return;
  for (const [name, { variance }] of Object.entries(value[summing].measures ?? {})) {
    if (variance) {
      complain(
        [summing, "measures", name, "variance"],
        "it does not fit several entries of a person",
        "Write `entries: 1`, or remove it: what a person has in a cell is squared as a whole.",
      );
    }
  }
}

function releaseOf(value: RequestFile, measures: readonly Measure[], complain: Complaint): ReleaseRule {
  if (value.exact) {
    for (const field of ["epsilon", "mechanism", "delta", "weights"] as const) {
      if (value[field] !== undefined)
        complain([field], "it does not fit `exact: true`", "Keep one of the two.");
    }
    return { mode: "exact" };
  }
  const weights = value.weights ?? {};
  for (const name of Object.keys(weights)) {
    if (name === "people" || measures.some((measure) => measure.name === name)) continue;
    complain(
      ["weights", name],
      "it is not a column of the report",
      "Write people, or a measure of this request.",
    );
  }
  return {
    mode: "noise",
    mechanism: value.mechanism ?? "laplace",
    microEpsilon: microEpsilonOf(value.epsilon ?? (value.series && epsilonOfRun(value.series))),
    deltaExponent: value.delta ?? DELTA_EXPONENT_DEFAULT,
    weights: { people: weights["people"] ?? 1, measures: measures.map(({ name }) => weights[name] ?? 1) },
  };
}

/** The side whose columns make the cells is the receiver; the other side has the measures. */
function roleOf({ report, ours, theirs, receiver }: RequestFile, complain: Complaint): Role {
  if (receiver !== undefined) return receiver === "us" ? "receiver" : "sender";
  if (ours.measures !== undefined) return "sender";
  if (theirs.measures !== undefined) return "receiver";
  if (ours.group_by !== undefined && theirs.group_by !== undefined) {
    complain(
      ["receiver"],
      "both sides group the report",
      "Write `receiver: us` or `receiver: them` for the side whose columns make the cells; the other side's make categories.",
    );
  }
  const inTotal = report === "overlap" || report === "sums";
  if (ours.group_by === undefined && theirs.group_by === undefined && !inTotal) {
    complain(
      ["theirs", "group_by"],
      "no side groups the report",
      "Write group_by on one side, and measures, if any, on the other.",
    );
  }
  return ours.group_by === undefined ? "sender" : "receiver";
}

function rolesOf({ receiver, ours, theirs }: RequestFile): ReportRequest["roles"] {
  const columns = [ours.measures, ours.group_by, theirs.measures, theirs.group_by];
  return receiver === undefined && columns.every((column) => column === undefined) ? "either" : "fixed";
}

function measuresOf(
  side: Side,
  columns: NonNullable<RequestFile["ours"]["measures"]>,
  complain: Complaint,
): Measure[] {
  return Object.entries(columns).map(([name, { low, high, decimals, variance }]) => {
    const path = [side, "measures", name];
    const bound = (field: "low" | "high", text: string): bigint => {
      const scaled = parseDecimal(text, decimals);
      if (typeof scaled !== "string" && isInt64(BigInt(scaled))) return BigInt(scaled);
      const remedy = `Use at most ${decimals} decimals, as declared, and a number below 2^63 without the point.`;
      complain([...path, field], "it does not fit", remedy);
      return 0n;
    };
    const measure = { name, low: bound("low", low), high: bound("high", high), decimals, squares: variance };
    if (measure.low > measure.high) {
      complain([...path, "high"], "it is smaller than low", "Swap the two bounds.");
    }
    return measure;
  });
}
