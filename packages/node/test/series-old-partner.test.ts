// A partner whose software knows no series: its node ends what it cannot read as malformed, and whoever asked is told what to do about it.
import { expect, test } from "vitest";
import { handleOf } from "../src/api/node.ts";
import { preview } from "../src/api/run.ts";
import { initiate } from "../src/run/initiate.ts";
import { planReport } from "../src/run/plan.ts";
import { askForSeries } from "../src/series/ask.ts";
import { olderPartner } from "./older-partner.ts";
import { requestOf, twoNodes } from "./two-nodes.ts";

const SERIES = `exact: true
series: { every: week, on: monday, at: "06:00", timezone: Europe/Berlin, from: 2030-01-04, runs: 4, numbers: 20 }
`;

test("asking an old partner for a series says that it has to upgrade, and keeps nothing; of another request it says nothing of it", async () => {
  const two = await twoNodes();
  const { advertiser } = two;
  await olderPartner(two, () => false);
  const source = { text: requestOf(undefined) + SERIES, name: "series" };
  const plan = await planReport(advertiser, source);
  const words = /Halfroom 0\.2\.0 and older know none, so ask its people .* to upgrade/;
  const expected = { code: "malformed", fromPartner: true, message: expect.stringMatching(words) };
  await expect(askForSeries(advertiser, plan, () => undefined)).rejects.toMatchObject(expected);
  expect(advertiser.series.list()).toEqual([]);
  expect(advertiser.sessions.list()[0]!.state).toBe("failed");
  expect(JSON.stringify(await preview(handleOf(advertiser), source))).toMatch(words);
  const one = await planReport(advertiser, { text: `${requestOf(undefined)}exact: true\n`, name: "one" });
  await expect(initiate(advertiser, one, () => undefined)).rejects.toMatchObject({
    code: "malformed",
    message: expect.not.stringMatching(words),
  });
});
