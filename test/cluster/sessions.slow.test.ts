// More whole sessions between two companies, as sessions.cluster.test.ts has them.
import { expect, test } from "vitest";
import { cellsOf, EXPECTED, untilActive } from "./company.ts";
import { expectOwnStreams } from "./own-streams.ts";
import { expectOver, preparedCompanies } from "./whole-sessions.ts";

const companies = preparedCompanies();

test("without workers", async () => {
  const { advertiser, publisher } = await companies();
  await publisher.site.serve();
  expect(cellsOf(await advertiser.site.ok("run", "roi.yaml", "--json"))).toEqual(EXPECTED);
  for (const company of [advertiser, publisher]) await expectOver(company, []);
});

test("shards have streams of their own through a gateway, dialled by workers, and one worker of each side is killed", async () => {
  await expectOwnStreams(await companies(), "partner");
});

test("workers of both sides are killed in the middle of a block", async () => {
  const { advertiser, publisher } = await companies();
  for (const company of [advertiser, publisher]) await company.hire("slow", { HALFROOM_KERNEL: "sodium" });
  await publisher.site.serve();
  const running = advertiser.site.start(["run", "roi.yaml", "--json"]);
  for (const company of [advertiser, publisher]) {
    await untilActive(company);
    await company.workers.get("slow")!.kill();
  }
  expect(cellsOf((await running.ended).stdout)).toEqual(EXPECTED);
});
