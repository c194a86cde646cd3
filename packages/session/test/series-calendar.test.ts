// When runs of a series are due: time zones, clocks that change, ends of months. Moments are written out, as a calendar and the zones' published
// changes have them.
import { describe, expect, test } from "vitest";
import { dueAt, lastMoment, localBefore, type Calendar } from "../src/index.ts";

const BERLIN: Calendar = { every: "week", on: 1, at: "06:00", timezone: "Europe/Berlin", from: "2027-01-01" };
const utc = (calendar: Calendar, ...numbers: number[]) =>
  numbers.map((number) => new Date(dueAt(calendar, number)).toISOString().slice(0, 16));

test("a week begins on its day, the first one from the first day on, at local time in winter and in summer", () => {
  // The first Monday of 2027 is the 4th; clocks go forward on 28 March and back on 31 October.
  expect(utc(BERLIN, 1, 2, 12, 13, 14)).toEqual([
    "2027-01-04T05:00",
    "2027-01-11T05:00",
    "2027-03-22T05:00",
    "2027-03-29T04:00",
    "2027-04-05T04:00",
  ]);
  expect(utc(BERLIN, 43, 44)).toEqual(["2027-10-25T04:00", "2027-11-01T05:00"]);
  expect(utc({ ...BERLIN, from: "2027-01-04" }, 1)).toEqual(["2027-01-04T05:00"]);
  expect(utc({ ...BERLIN, from: "2027-01-05" }, 1)).toEqual(["2027-01-11T05:00"]);
});

describe("days on which clocks change", () => {
  const daily = (at: string, from: string): Calendar => ({ ...BERLIN, every: "day", on: 0, at, from });

  test("a time that is left out is an hour later, and comes once", () => {
    expect(utc(daily("02:30", "2027-03-27"), 1, 2, 3)).toEqual([
      "2027-03-27T01:30",
      "2027-03-28T01:30",
      "2027-03-29T00:30",
    ]);
  });

  test("of a time that comes twice the first is meant", () => {
    expect(utc(daily("02:30", "2027-10-30"), 1, 2, 3)).toEqual([
      "2027-10-30T00:30",
      "2027-10-31T00:30",
      "2027-11-01T01:30",
    ]);
  });

  test("the same in the south, at half an hour, and where midnight is left out", () => {
    // Lord Howe Island: half an hour, forward on 3 October 2027 at 02:00. Beirut leaves out midnight of 28 March 2027.
    const island = { ...daily("02:15", "2027-10-03"), timezone: "Australia/Lord_Howe" };
    expect(utc(island, 1)).toEqual(["2027-10-02T15:45"]);
    const beirut = { ...daily("00:00", "2027-03-28"), timezone: "Asia/Beirut" };
    expect(utc(beirut, 1)).toEqual(["2027-03-27T22:00"]);
    const kathmandu = { ...daily("06:00", "2027-06-01"), timezone: "Asia/Kathmandu" };
    expect(utc(kathmandu, 1)).toEqual(["2027-06-01T00:15"]);
  });
});

describe("every month", () => {
  const monthly = (on: number, from: string): Calendar => ({
    every: "month",
    on,
    at: "12:00",
    timezone: "UTC",
    from,
  });

  test("a day that a month lacks is its last one", () => {
    expect(utc(monthly(31, "2027-12-15"), 1, 2, 3, 4, 5).map((moment) => moment.slice(0, 10))).toEqual([
      "2027-12-31",
      "2028-01-31",
      "2028-02-29",
      "2028-03-31",
      "2028-04-30",
    ]);
    expect(utc(monthly(30, "2027-02-01"), 1, 2).map((moment) => moment.slice(0, 10))).toEqual([
      "2027-02-28",
      "2027-03-30",
    ]);
  });

  test("it begins with the next month where the day is over", () => {
    expect(utc(monthly(15, "2027-03-15"), 1)).toEqual(["2027-03-15T12:00"]);
    expect(utc(monthly(15, "2027-03-16"), 1)).toEqual(["2027-04-15T12:00"]);
    expect(utc(monthly(31, "2027-11-30"), 1, 2)).toEqual(["2027-11-30T12:00", "2027-12-31T12:00"]);
  });
});

test("a run may begin late, or only until the next one is due", () => {
  const days = (missed: "late" | "tell", lateDays: number) => {
    const schedule = { ...BERLIN, missed, lateSeconds: lateDays * 86_400 };
    return (lastMoment(schedule, 1) - dueAt(schedule, 1)) / 86_400_000;
  };
  expect([days("late", 3), days("tell", 3), days("late", 10), days("tell", 10)]).toEqual([3, 3, 10, 7]);
});

test("times before a run are local ones, and a month before a long month's end is the end of a short one", () => {
  const local = Date.UTC(2027, 2, 31, 6);
  const before = (amount: number, unit: Parameters<typeof localBefore>[2]) =>
    new Date(localBefore(local, amount, unit)).toISOString().slice(0, 16);
  expect(before(7, "day")).toBe("2027-03-24T06:00");
  expect(before(2, "week")).toBe("2027-03-17T06:00");
  expect(before(1, "month")).toBe("2027-02-28T06:00");
  expect(before(13, "month")).toBe("2026-02-28T06:00");
  expect(before(30, "hour")).toBe("2027-03-30T00:00");
});
