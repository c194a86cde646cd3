// Times as logs and exports write them: one moment and one month whatever the form, the offset or the kind of file.
import { writeParquet } from "@halfroom/testkit";
import { expect, test } from "vitest";
import { desk } from "./reading.ts";

const { at, write, check } = desk();

const DATES = {
  dimensions: { month: { column: "at", derive: "month" }, week: { column: "at", derive: "week" } },
  time: { column: "at" },
} as const;

async function ofTimes(times: readonly string[], more: object = {}, name = "times.csv") {
  const rows = times.map((time, i) => `p${i}@example.com,"${time}"\n`);
  return await check({ source: { csv: await write(name, `email,at\n${rows.join("")}`) }, ...DATES, ...more });
}

/** The second before and the second of a month's begin in UTC. */
const PLAIN = ["2026-03-31 23:59:59", "2026-04-01 00:00:00", "2026-12-31 22:30:00"];

test("a time with an offset is in the month of its moment in UTC, in every kind of file", async () => {
  const { digest, dropped } = await ofTimes(PLAIN);
  expect(dropped).toEqual([]);
  for (const written of [
    ["2026-03-31T18:59:59-05:00", "2026-03-31T19:00:00-05:00", "2027-01-01T00:30:00+02:00"],
    ["2026-04-01T01:59:59.999+0200", "2026-04-01 02:00+02", "2026-12-31T22:30Z"],
    ["2026-04-01 05:29:59 +05:30", "2026-04-01 00:00:00 UTC", "2026-12-31 22:30:00 GMT"],
    ["2026-04-01T01:59:59+02:00[Europe/Berlin]", "2026/04/01 00:00:00Z", "2026-12-31 23:30:00+01"],
  ])
    expect((await ofTimes(written)).digest, written.join()).toBe(digest);
  const values = PLAIN.map((time, i) => `('p${i}@example.com', timestamptz '${time}+00')`).join(", ");
  await writeParquet(at("moments.parquet"), `select * from (values ${values}) as t(email, "at")`);
  await writeParquet(
    at("clocks.parquet"),
    `select email, "at"::timestamp as "at" from '${at("moments.parquet")}'`,
  );
  const lines = PLAIN.map((time, i) =>
    JSON.stringify({ email: `p${i}@example.com`, at: `${time.replace(" ", "T")}Z` }),
  );
  const ndjson = await write("lines.ndjson", lines.join("\n"));
  for (const source of [{ parquet: at("moments.parquet") }, { parquet: at("clocks.parquet") }, { ndjson }])
    expect((await check({ source, ...DATES })).digest, JSON.stringify(source)).toBe(digest);
  // Declared as a timestamp, where the offset was lost.
  const typed = {
    columns: { at: "timestamp" },
    dimensions: { ...DATES.dimensions, day: { expression: '"at"::date' } },
  } as const;
  const declared = await ofTimes(["2026-03-31T18:59:59-05:00"], typed);
  expect(declared).toMatchObject({ moments: { earliest: Date.UTC(2026, 2, 31, 23, 59, 59) / 1000 } });
  const same = await ofTimes(["2026-03-31 23:59:59"], typed);
  expect(declared.digest).toBe(same.digest);
});

test("a zone that the dataset names is that of months, weeks and times without an offset", async () => {
  const zone = { zone: "Europe/Berlin" };
  const berlin = await ofTimes(["2026-04-01 01:59:59", "2026-04-01 02:00:00", "2026-12-31 23:30:00"], zone);
  const offsets = await ofTimes(
    PLAIN.map((time) => `${time}Z`),
    zone,
    "utc.csv",
  );
  expect(berlin.digest).toBe(offsets.digest);
  expect(berlin.moments).toMatchObject({ earliest: Date.UTC(2026, 2, 31, 23, 59, 59) / 1000 });
  expect(berlin.digest).not.toBe((await ofTimes(PLAIN)).digest);
  // When summer time ends an hour comes twice, and when it begins one is left out: no moment is made up.
  const turns = [
    "2026-10-25 02:30:00",
    "2026-03-29 02:30:00",
    "2026-10-25 02:30:00+01:00",
    "2026-10-25 03:00:00",
  ];
  const timed = { match: ["email"], measures: [], partitions: [], events: { max: 1 } };
  const { datasetSchema, preparePeople } = await import("@halfroom/prepare");
  const csv = await write(
    "turns.csv",
    `email,at\n${turns.map((time, i) => `p${i}@example.com,${time}\n`).join("")}`,
  );
  const dataset = datasetSchema.parse({
    name: "d",
    source: { csv },
    match: { email: { columns: "email" } },
    ...DATES,
    ...zone,
  });
  const { dropped, count } = await preparePeople(dataset, timed, { scratch: at(""), threads: 1 });
  expect(count).toBe(2);
  expect(dropped).toMatchObject([
    { rows: 2, reason: expect.stringMatching(/Europe\/Berlin.*twice or never/) },
  ]);
  await expect(ofTimes(PLAIN, { zone: "Middle/Earth" })).rejects.toThrow(/time zone/);
});

test("what does not say which day it means is dropped, and its form is named", async () => {
  const met = {
    "31/12/2026": "day or month first",
    "03-04-26": "a year of two digits",
    "26-03-04 10:00": "a year of two digits",
    "20261231": "eight digits",
    "1767139200000": "a number",
    "2026-03-31 20:30:00 EST": "a zone's name",
    "2026-03-31 20:30 Europe/Berlin": "a zone's name",
    "Mar 31, 2026": "a month in letters",
  };
  const { dropped, people } = await ofTimes([
    ...Object.keys(met),
    "2026-03-31Z",
    "2026-03-31 25:00",
    "2026-01-01",
  ]);
  expect(people).toBe(1);
  const words = dropped.map(({ reason }) => reason);
  for (const form of new Set(Object.values(met)))
    expect(
      words.some((reason) => reason.includes(form)),
      form,
    ).toBe(true);
  expect(words.filter((reason) => /^month: not a date$/.test(reason))).toHaveLength(1);
  expect(words.join()).not.toMatch(/2026|1767|Mar|EST/);
});

test("a declared format reads what it fits and names what it does not", async () => {
  const expected = await ofTimes(["2026-12-31", "2026-04-03"]);
  const format = (type: "date" | "timestamp", form: string | string[]) => ({
    columns: { at: { type, format: form } },
  });
  for (const [written, columns] of [
    [["31.12.2026", "3.4.2026"], format("date", "%d.%m.%Y")],
    [["12/31/2026", "4/3/2026"], format("date", "%m/%d/%Y")],
    [["31.12.26", "03.04.26"], format("date", "%d.%m.%y")],
    [["20261231", "3 Apr 2026"], format("date", ["%Y%m%d", "%d %b %Y"])],
    [["31.12.2026 02:00 +0200", "02.04.2026 20:00 -0400"], format("timestamp", "%d.%m.%Y %H:%M %z")],
    [["12/31/2026 12:00 AM", "04/03/2026 12:00 AM"], format("timestamp", "%m/%d/%Y %I:%M %p")],
  ] as const)
    expect((await ofTimes(written, columns)).digest, written.join()).toBe(expected.digest);
  // A year that lost its century, a date of another form, and one that two formats read differently.
  const other = await ofTimes(
    ["31.12.26", "12/31/2026", "31.02.2026", "31.12.2026"],
    format("date", "%d.%m.%Y"),
  );
  expect(other).toMatchObject({ people: 1 });
  expect(other.dropped.map(({ reason, rows }) => [reason, rows])).toEqual([
    ["at: not in a format declared for it: a year of two digits; declare its format", 1],
    ["at: not in a format declared for it: day or month first; declare its format", 2],
  ]);
  const either = format("date", ["%d/%m/%Y", "%m/%d/%Y"]);
  expect(await ofTimes(["03/04/2026", "31/12/2026", "04/04/2026"], either)).toMatchObject({ people: 2 });
  for (const bad of ["%d.%m", "%H:%M", "%Q%Y%m%d", ["%d.%m.%Y", "%d.%m.%Y %z"]])
    await expect(ofTimes([], format("date", bad))).rejects.toThrow();
});
