// `series:` of a request file, and filters with dates relative to a run.
import { scheduleOf } from "@halfroom/session";
import { expect, test } from "vitest";
import { OperatorError } from "../src/errors.ts";
import { parseRequest } from "../src/request/request.ts";
import { termsOf } from "../src/request/terms-of.ts";
import { filterOfRun } from "../src/series/relative-dates.ts";

const REQUEST = `partner: publisher
ours: { dataset: purchases, measures: { revenue: { low: 0, high: 500, decimals: 2 } } }
theirs: { dataset: exposures, group_by: [campaign] }
`;
const parse = (series: string, more = "", request = REQUEST) =>
  parseRequest(`${request}series: ${series}\n${more}`, "weekly.yaml");
const faults = (series: string, more = "", request = REQUEST): string[] => {
  try {
    parse(series, more, request);
    return [];
  } catch (error) {
    if (error instanceof OperatorError)
      return error.problems.map(({ field, remedy }) => `${field}: ${remedy}`);
    throw error;
  }
};
const WEEKLY = "every: week, on: monday, at: 06:00, from: 2027-01-04, runs: 52";

test("a series as the file has it, with what holds where it says nothing", () => {
  const request = parse(`{ ${WEEKLY}, timezone: Europe/Berlin, epsilon_total: 26 }`);
  const terms = termsOf(request, [{ key: "email", label: "email/1" }]);
  expect(scheduleOf(terms)).toEqual({
    every: "week",
    on: 1,
    at: "06:00",
    timezone: "Europe/Berlin",
    from: "2027-01-04",
    runs: 52,
    missed: "late",
    lateSeconds: 3 * 86_400,
    numbers: 500,
  });
  expect(terms.release).toMatchObject({ microEpsilon: 500_000 });
  const monthly = parse(
    "{ every: month, on: last, at: 23:30, from: 2027-01-01, runs: 12, missed: tell, late_for: 36 hours, numbers: 9 }",
  );
  expect(monthly.series).toMatchObject({
    on: 31,
    timezone: "UTC",
    missed: "tell",
    lateSeconds: 129_600,
    numbers: 9,
  });
  expect(parse("{ every: day, at: 00:00, from: 2027-01-01, runs: 366 }").series).toMatchObject({ on: 0 });
});

test.each([
  [
    "no day of the week",
    "every: week, at: 06:00, from: 2027-01-04, runs: 52",
    "series.on: Write a day of the week",
  ],
  ["a number for a week", "every: week, on: 1, at: 06:00, from: 2027-01-04, runs: 52", "series.on: "],
  ["a weekday of a month", "every: month, on: monday, at: 06:00, from: 2027-01-04, runs: 52", "series.on: "],
  ["a day of every day", "every: day, on: 3, at: 06:00, from: 2027-01-04, runs: 52", "series.on: "],
  ["one run", WEEKLY.replace("52", "1"), "series.runs: Write how many runs"],
  ["no time zone", `${WEEKLY}, timezone: Mars/Olympus`, "series.timezone: Write a time zone"],
  ["a time that is none", WEEKLY.replace("06:00", "6 o'clock"), "series.at: Write a local time"],
  ["too late", `${WEEKLY}, late_for: 32 days`, "series.late_for: Write for how long"],
  ["epsilon that runs cannot share", `${WEEKLY}, epsilon_total: 1`, "series.epsilon_total: "],
  ["something else", `${WEEKLY}, hour: 6`, "series"],
])("%s is said with its remedy", (_, series, expected) => {
  const [first = ""] = faults(`{ ${series} }`);
  expect(first).toContain(expected);
});

test("epsilon is said once, and not of exact reports", () => {
  expect(faults(`{ ${WEEKLY}, epsilon_total: 26 }`, "epsilon: 1\n")).toEqual([
    "series.epsilon_total: Keep one: for all runs, or for each.",
  ]);
  expect(faults(`{ ${WEEKLY}, epsilon_total: 26 }`, "exact: true\n")).toEqual([
    "series.epsilon_total: Keep one of the two.",
  ]);
});

test("dates of a filter follow the run's slot in its zone, whatever the clock, over changes of the clocks and ends of months", () => {
  const schedule = parse(`{ ${WEEKLY}, timezone: Europe/Berlin }`).series!;
  const where =
    "bought_at >= {7 days before run} AND bought_at < { run } AND x = {'a': 1}.a AND day > {1 month before Run}";
  expect(filterOfRun(where, schedule, 1)).toBe(
    "bought_at >= TIMESTAMP '2026-12-28 06:00:00' AND bought_at < TIMESTAMP '2027-01-04 06:00:00' AND x = {'a': 1}.a AND day > TIMESTAMP '2026-12-04 06:00:00'",
  );
  // Run 13 is the first after clocks have gone forward: it is still a week, by the clock on the wall.
  expect(filterOfRun("t > {7 days before run}", schedule, 13)).toBe("t > TIMESTAMP '2027-03-22 06:00:00'");
  expect(filterOfRun("t > {6 hours before run}", schedule, 13)).toBe("t > TIMESTAMP '2027-03-29 00:00:00'");
  expect(filterOfRun(undefined, schedule, 1)).toBeUndefined();
});

test("a date that cannot be read, or that no run gives, is said", () => {
  const having = (where: string) =>
    REQUEST.replace("dataset: purchases", `dataset: purchases, where: "${where}"`);
  expect(faults(`{ ${WEEKLY} }`, "", having("t > {7 fortnights before run}"))).toEqual([
    "ours.where: Write {run}, or for example {7 days before run}.",
  ]);
  expect(() => parseRequest(having("t > {7 days before run}"), "one.yaml")).toThrow(/relative to a run/);
  expect(faults(`{ ${WEEKLY} }`, "", having("t > {7 days before run}"))).toEqual([]);
});
