// A series over HTTP: asked for as a job, listed on both sides, its trend in each form, ended by either.
import { expect, test } from "vitest";
import { ProblemError } from "../src/client.ts";
import { openPair, REQUEST } from "./pair.ts";

/** The day after tomorrow. */
const FROM = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
const SERIES = `${REQUEST}series: { every: day, at: "06:00", from: ${FROM}, runs: 3, numbers: 20 }\n`;

test("a series is asked for, looked at and ended", async () => {
  const { advertiser, publisher } = await openPair({ approval: "automatic" });
  const { admin } = advertiser;
  const { ahead } = await admin.checkRequest({ yaml: SERIES });
  expect(ahead.join(" ")).toContain("Its 3 runs are reserved at once and cost 3 exact reports");
  const { id } = await admin.startRun({ yaml: SERIES });
  for await (const { data } of await admin.watchJob({ id })) if (data.type === "ended") break;
  const job = await admin.showJob({ id });
  expect([job.state, job.result]).toEqual(["done", undefined]);
  const [session] = await admin.listSessions({});
  expect(session!.repeats?.words).toContain("3 runs, every day at 06:00 (UTC)");

  const [series] = await admin.listSeries();
  expect(series).toMatchObject({
    id: job.series,
    state: "running",
    counts: { open: 3 },
    next: { number: 1 },
  });
  const [theirs] = await publisher.admin.listSeries();
  expect([theirs!.series, theirs!.initiatedBy]).toEqual([series!.series, "partner"]);
  const shown = await admin.showSeries({ id: series!.id });
  expect(shown.runs.map(({ number, state, words }) => [number, state, words])).toEqual(
    [1, 2, 3].map((number) => [number, "open", "to come"]),
  );
  const forms = {
    json: /"lines": \[\]/,
    csv: /^run,due,session/,
    html: /^<!doctype html>/,
    text: /No run has a report/,
  };
  for (const [form, expected] of Object.entries(forms))
    expect(await admin.showTrend({ id: series!.id, form: form as keyof typeof forms })).toMatch(expected);

  const viewer = await publisher.client("viewer");
  await expect(viewer.endSeries({ id: theirs!.id })).rejects.toThrow(ProblemError);
  const ended = await publisher.admin.endSeries({ id: theirs!.series.slice(0, 12) });
  expect(ended).toMatchObject({ state: "ended", ended: { by: "us" }, counts: { open: 0, missed: 3 } });
  const entries = await publisher.admin.readAudit({ limit: 1 });
  expect(entries.at(-1)).toMatchObject({
    kind: "series-ended",
    facts: { by: "us", actor: expect.any(String) },
  });
  await expect(publisher.admin.endSeries({ id: theirs!.id })).rejects.toMatchObject({
    problem: { code: "series-state", status: 409 },
  });
  await expect(admin.showSeries({ id: "nothing" })).rejects.toMatchObject({
    problem: { code: "no-series", status: 404 },
  });
});
