import { noiseOf } from "@halfroom/testkit";
import { expect, test } from "vitest";
import { parseRequest } from "../src/request/request.ts";
import { OperatorError } from "../src/errors.ts";

const GOOD = `partner: publisher
ours:
  dataset: conversions
  where: country = 'DE'
  measures:
    amount: { low: -1.50, high: 500, decimals: 2 }
    points: { low: 0, high: "9223372036854775807" }
theirs:
  dataset: exposures
  group_by: [campaign, age_band]
threshold: 50
epsilon: 0.25
result: us
ot_k: 8
`;

test("a request says who is who, with exact bounds", () => {
  expect(parseRequest(GOOD, "roi.yaml")).toEqual({
    report: "sums",
    partner: "publisher",
    role: "sender",
    roles: "fixed",
    ours: "conversions",
    theirs: "exposures",
    where: "country = 'DE'",
    measures: [
      { name: "amount", low: -150n, high: 50_000n, decimals: 2, squares: false },
      { name: "points", low: 0n, high: 9_223_372_036_854_775_807n, decimals: 0, squares: false },
    ],
    match: undefined,
    senderGroupBy: [],
    partitions: [["campaign", "age_band"]],
    entriesMax: 1,
    events: undefined,
    arms: undefined,
    threshold: 50,
    release: noiseOf(250_000, 2),
    totals: false,
    rules: "standard",
    resultTo: "us",
    otK: 8,
    shardPeople: 65_536,
    replay: false,
  });
});

test("who groups is the receiver; defaults are threshold 100, epsilon 1, result to both", () => {
  const text = `partner: p\nours: { dataset: a, group_by: [c] }\ntheirs: { dataset: b }\n`;
  expect(parseRequest(text, "r.yaml")).toMatchObject({
    role: "receiver",
    measures: [],
    threshold: 100,
    release: noiseOf(1_000_000),
    resultTo: "both",
    otK: 4,
  });
  expect(parseRequest(`${text}exact: true\n`, "r.yaml").release).toEqual({ mode: "exact" });
});

/** One edit of the good request, and the line and field that must be named. */
const FAULTS: readonly [name: string, from: string, to: string, line: number, field: string][] = [
  ["missing", "  dataset: exposures\n", "", 8, "theirs.dataset"],
  ["misspelt", "threshold:", "treshold:", 11, "treshold"],
  ["threshold below the floor", "threshold: 50", "threshold: 10", 11, "threshold"],
  ["threshold no whole number", "threshold: 50", "threshold: 50.5", 11, "threshold"],
  ["epsilon zero", "epsilon: 0.25", "epsilon: 0", 12, "epsilon"],
  ["epsilon negative", "epsilon: 0.25", "epsilon: -1", 12, "epsilon"],
  ["epsilon too fine", "epsilon: 0.25", "epsilon: 0.0000001", 12, "epsilon"],
  ["epsilon infinite", "epsilon: 0.25", "epsilon: .inf", 12, "epsilon"],
  ["exact and epsilon", "epsilon: 0.25", "epsilon: 0.25\nexact: true", 12, "epsilon"],
  ["exact: false", "epsilon: 0.25", "exact: false", 12, "exact"],
  ["bounds swapped", "low: -1.50, high: 500", "low: 500, high: -1.50", 6, "ours.measures.amount.high"],
  ["too many decimals", "low: -1.50", "low: -1.505", 6, "ours.measures.amount.low"],
  ["bound past 64 bits", '"9223372036854775807"', '"9223372036854775808"', 7, "ours.measures.points.high"],
  [
    "bound that a double rounds",
    '"9223372036854775807"',
    "9223372036854775807",
    7,
    "ours.measures.points.high",
  ],
  ["filter on the partner's side", "  group_by", "  where: x = 1\n  group_by", 10, "theirs.where"],
  ["a list without columns in brackets of its own", "[campaign, age_band]", "[]", 10, "theirs.group_by"],
  ["several lists of the sender", "  where: country = 'DE'", "  group_by: [[x], [y]]", 4, "ours.group_by"],
  ["measures of the side that makes the cells", "result: us", "receiver: us", 5, "ours.measures"],
  ["a field of another kind", "result: us", "window_days: 3", 13, "window_days"],
  ["weights of no column", "result: us", "weights: { total: 1 }", 13, "weights.total"],
  ["grouped twice by one", "[campaign, age_band]", "[campaign, campaign]", 10, "theirs.group_by"],
  ["a control character", "publisher", '"publi\\u001bsher"', 1, "partner"],
  ["k of 5", "ot_k: 8", "ot_k: 5", 14, "ot_k"],
  ["a key twice", "result: us", "partner: again", 13, ""],
  ["no YAML", "result: us", "result: [us", 14, ""],
];

test.each(FAULTS)("%s: line and field are named, with a remedy", (_, from, to, line, field) => {
  expect(GOOD).toContain(from);
  const problems = problemsOf(GOOD.replace(from, to));
  expect(problems).toContainEqual(expect.objectContaining({ line, field }));
  for (const { remedy } of problems) expect(remedy).toMatch(/^[A-Z].*\.$/);
});

test("all faults are told at once, in the order of the file", () => {
  const text = GOOD.replace("partner: publisher", "partner: 7").replace("ot_k: 8", "ot_k: 5");
  expect(problemsOf(text).map(({ line }) => line)).toEqual([1, 14]);
});

test("aliases that grow without bound are refused", () => {
  const doubling = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`);
  expect(problemsOf(["a0: &a0 [x]", ...doubling].join("\n"))).toMatchObject([{ fault: "too many aliases" }]);
});

test("a measure may be called as a member of every object, save one, which is refused rather than lost", () => {
  const [measure] = parseRequest(GOOD.replace("amount:", "constructor:"), "roi.yaml").measures;
  expect(measure!.name).toBe("constructor");
  expect(problemsOf(GOOD.replace("amount:", "__proto__:"))).toMatchObject([{ line: 6, field: "__proto__" }]);
});

test("sums without columns are totals, also beside lists of columns; an index or a reach needs columns", () => {
  const without = GOOD.replace("  group_by: [campaign, age_band]\n", "");
  expect(parseRequest(without, "r.yaml")).toMatchObject({ role: "sender", partitions: [[]] });
  const both = GOOD.replace("[campaign, age_band]", "[[], [campaign]]");
  expect(parseRequest(both, "r.yaml").partitions).toEqual([[], ["campaign"]]);
  for (const report of ["index", "reach"]) {
    const text = `partner: p\nreport: ${report}\nours: { dataset: a }\ntheirs: { dataset: b, group_by: [[]] }\n`;
    expect(problemsOf(text)).toMatchObject([{ field: "theirs.group_by" }]);
  }
});

test("squares are for reports in which a person has one entry", () => {
  const asked = (report: string, more: string) =>
    GOOD.replace("decimals: 2 }", "decimals: 2, variance: true }").replace(
      "result: us",
      `report: ${report}\n${more}`,
    );
  const lift = asked("lift", "arms: { column: campaign, test: a, control: b }");
  expect(parseRequest(lift, "r.yaml").measures[0]!.squares).toBe(true);
  expect(parseRequest(asked("attribution", "entries: 1"), "r.yaml").measures[0]!.squares).toBe(true);
  expect(problemsOf(asked("attribution", ""))).toMatchObject([{ field: "ours.measures.amount.variance" }]);
});

function problemsOf(text: string) {
  try {
    parseRequest(text, "roi.yaml");
  } catch (error) {
    expect(error).toBeInstanceOf(OperatorError);
    return (error as OperatorError).problems;
  }
  throw new Error("the request was accepted");
}
