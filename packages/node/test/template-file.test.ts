// A template as a file: what is wrong with it is said with line, field and remedy; what a value can be in it, and in a filter.
import { sqlRows } from "@halfroom/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OperatorError } from "../src/errors.ts";
import { TEMPLATE_KINDS, templateText } from "../src/templates/catalogue.ts";
import { composed } from "../src/templates/compose.ts";
import { literalOf, parameterSchema, rangeWords, readValue } from "../src/templates/parameters.ts";
import { filledFilter, piecesOf } from "../src/templates/places.ts";
import { filterWith, parseTemplate, valuesOf } from "../src/templates/template.ts";

const FILE = `template: { name: roi, version: 3, description: Revenue., expires: "2099-01-01" }
parameters:
  since: { type: date, from: 2026-11-01 }
  by: { type: columns, of: [campaign, region], at_most: 1 }
  most: { type: number, at_least: 1, at_most: 500.5, default: 100 }
  threshold: { type: integer, at_least: 100, default: 200 }
  epsilon: { type: number, at_least: 4, at_most: 5, default: 4 }
  data: { type: dataset }
match: [email]
ours: { dataset: exposures, where: seen >= $since, group_by: [$by] }
theirs: { dataset: $data, measures: { revenue: { low: 0, high: $most, decimals: 2 } } }
result: them
threshold: $threshold
epsilon: $epsilon
`;
const faultsOf = (text: string): string[] => {
  try {
    parseTemplate(text, "roi.yaml");
    return [];
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return error.problems.map(({ line, field, fault }) => `${line} ${field}: ${fault}`);
  }
};
const parameter = (declared: object) => parameterSchema.parse(declared);

test("it makes the request of whoever runs it: roles, datasets and recipients the other way round", () => {
  const template = parseTemplate(FILE, "roi.yaml");
  expect(template).toMatchObject({
    name: "roi",
    version: 3,
    runs: 10,
    days: 30,
    expiresAt: Date.UTC(2099, 0, 1),
  });
  const values = valuesOf(template, { since: "2026-12-24", by: ["region"], most: 99.5, data: "sales" });
  const { request, ownersFilter } = composed(template, values, new Uint8Array(32));
  expect(request).toMatchObject({
    role: "sender",
    ours: "sales",
    theirs: "exposures",
    where: undefined,
    resultTo: "us",
    partitions: [["region"]],
    measures: [{ name: "revenue", high: 9950n }],
    threshold: 200,
    template: {
      name: "roi",
      version: 3,
      parameters: [
        { name: "since", value: "2026-12-24" },
        { name: "by", value: ["region"] },
        { name: "most", value: "99.5" },
        { name: "threshold", value: "200" },
        { name: "epsilon", value: "4" },
        { name: "data", value: "sales" },
      ],
    },
  });
  expect(ownersFilter).toBe("seen >= (DATE '2026-12-24')");
});

test.each([
  [
    "a parameter that is not declared",
    ["threshold: $threshold", "threshold: $people"],
    ["6 parameters.threshold: it stands nowhere", '13 threshold: there is no parameter "people"'],
  ],
  ["a partner", ["result: them", "result: them\npartner: x"], ["13 partner: it does not belong here"]],
  [
    "a series",
    ["result: them", "series: { every: day, at: 06:00, from: 2027-01-01, runs: 2 }"],
    ["12 series: a template is for one report"],
  ],
  ["no match keys", ["match: [email]\n", ""], ["1 match: it is missing"]],
  [
    "epsilon without an end",
    ["at_least: 4, at_most: 5", "at_least: 4"],
    ['14 epsilon: "epsilon" has no end'],
  ],
  [
    "a threshold without an end",
    ["at_least: 100, default: 200", "default: 200"],
    ['13 threshold: "threshold" has no end'],
  ],
  [
    "a default outside of the range",
    ["default: 200", "default: 20"],
    ["6 parameters.threshold.default: it does not fit"],
  ],
  [
    "bounds the wrong way round",
    ["at_least: 1, at_most: 500.5, default: 100", "at_least: 9, at_most: 5"],
    ["5 parameters.most.at_most: it does not fit"],
  ],
  [
    "a dataset of ours to choose",
    ["dataset: exposures", "dataset: $data"],
    ["10 ours.dataset: it is a parameter", '10 ours.dataset: "data" is a dataset'],
  ],
  [
    "columns in a filter",
    ["seen >= $since", "$by IS NULL AND seen >= $since"],
    ['10 ours.where: "by" is no single value'],
  ],
  [
    "a parameter in quotes",
    ["seen >= $since", "\"seen >= '$since'\""],
    ["10 ours.where: a parameter stands in quotes"],
  ],
  ["a comment in a filter", ["seen >= $since", "seen >= $since -- all"], ["10 ours.where: it has a comment"]],
  [
    "an end of its range that makes no request",
    ["at_least: 100, default: 200", "at_least: 5, default: 200"],
    ["13 threshold: it is not valid"],
  ],
  [
    "a column that no end of the range can be",
    ["group_by: [$by]", "group_by: [$by, [$threshold]]"],
    ["10 ours.group_by: it is not valid"],
  ],
  [
    "a filter of theirs",
    ["dataset: $data,", "dataset: $data, where: x > 1,"],
    ["11 theirs.where: it is not valid"],
  ],
  ["an unknown field", ["result: them", "results: them"], ["12 results: no such field"]],
  ["a day that is none", ['"2099-01-01"', '"2099-13-01"'], ["1 template.expires: it does not fit"]],
])("%s", (_, [from, to], expected) => {
  expect(FILE).toContain(from);
  expect(faultsOf(FILE.replace(from!, to!))).toEqual(expected);
});

test("roles must be said where nothing else says them", () => {
  const text = templateText("overlap-check").replace("receiver: us\n", "");
  expect(faultsOf(text)).toEqual(["1 receiver: it is missing"]);
});

test("all that come with the program are templates, under their own names", () => {
  for (const kind of TEMPLATE_KINDS) expect(parseTemplate(templateText(kind), kind).name).toBe(kind);
  expect(TEMPLATE_KINDS).toHaveLength(12);
});

describe("values", () => {
  test.each([
    [
      { type: "date", from: "2026-01-01", to: "2026-12-31" },
      ["2026-01-01", "2026-12-31"],
      ["2025-12-31", "2027-01-01", "2026-02-30", "2026-1-1", "today"],
    ],
    [
      { type: "integer", at_least: -5, at_most: 10 },
      ["-5", "10", "0"],
      ["-6", "11", "1.0", "1e1", "0x1", "", " 1", "01", "+1"],
    ],
    [
      { type: "number", at_least: 0.5, at_most: 2 },
      ["0.5", "2", "1.25"],
      ["0.4", "2.000001", "1.2345678", ".5", "NaN", "Infinity"],
    ],
    [{ type: "choice", of: ["a b", "o'clock"] }, ["a b", "o'clock"], ["A b", "", "a"]],
    [
      { type: "columns", of: ["a", "b", "c"], at_least: 1, at_most: 2 },
      [["a"], ["c", "a"]],
      [[], ["a", "a"], ["a", "b", "c"], ["d"]],
    ],
    [{ type: "dataset" }, ["sales", "with blank"], ["", "a\nb", "x".repeat(129)]],
  ])("of %j", (declared, good, bad) => {
    for (const each of good as unknown[])
      expect(readValue(parameter(declared), each)).toEqual({ value: each });
    for (const each of bad as unknown[])
      expect(readValue(parameter(declared), each), JSON.stringify(each)).toMatchObject({
        remedy: rangeWords(parameter(declared)),
      });
  });

  test("have one form each", () => {
    const number = parameter({ type: "number" });
    for (const [given, form] of [
      ["1.50", "1.5"],
      ["2.0", "2"],
      ["-0", "0"],
      ["-0.0", "0"],
      ["100", "100"],
      [0.25, "0.25"],
    ] as const)
      expect(readValue(number, given)).toEqual({ value: form });
  });
});

describe("a filter", () => {
  const hostile = [
    "'",
    "''",
    "x' OR true OR 'y",
    "'); drop table t; --",
    "$since",
    "/*",
    "-- ",
    '"',
    "%",
    "a'b''c",
  ];

  test("is the same whatever stands in it, and a text stays a text", async () => {
    const choices = parameter({ type: "choice", of: hostile });
    for (const value of hostile) {
      const where = filledFilter("name = $only AND n < $most", (name) =>
        name === "only" ? literalOf(choices, value)! : literalOf(parameter({ type: "number" }), "-5")!,
      );
      const rows = hostile.map(
        (each) => `('${each.replaceAll("'", "''")}', -6), ('${each.replaceAll("'", "''")}', 7)`,
      );
      const found = await sqlRows(
        [`create table t as select * from (values ${rows.join(", ")}) v(name, n)`],
        `select name, n from t where ${where}`,
      );
      expect(found).toEqual([[value, -6]]);
    }
  });

  test.each([
    "a$since",
    "$since$",
    "$$x$$",
    "$tag$x$tag$",
    "$Since",
    "$sinceX",
    "$since_2$",
    "5$since",
    "'open",
    '"open',
    "x = 'a\\' OR $since",
    "/* $since */ true",
  ])("%s is refused", (where) => {
    const values = new Map([["since", "2026-01-01"]]);
    const template = { parameters: new Map([["since", parameter({ type: "date" })]]) };
    expect(() => filterWith(where, template, values)).toThrow(OperatorError);
  });

  test("is cut at parameters alone: what is between is left as it is", () => {
    const text = fc.string({
      unit: fc.constantFrom("a", " ", "'", '"', "(", "=", ".", "é", "$x", "$long_1"),
    });
    fc.assert(
      fc.property(text, (where) => {
        const pieces = piecesOf(where);
        if ("fault" in pieces) return;
        expect(pieces.map((piece) => ("text" in piece ? piece.text : `$${piece.name}`)).join("")).toBe(where);
        for (const piece of pieces)
          if ("text" in piece) expect(piece.text.replaceAll(/'[^']*'|"[^"]*"/g, "")).not.toContain("$");
      }),
    );
  });
});
