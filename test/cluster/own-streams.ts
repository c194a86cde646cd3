// A whole session whose shards have streams of their own through a gateway, and another in which one worker of each side is killed.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { freePort } from "../ports/free-port.ts";
import { cellsOf, EXPECTED, untilActive, type Companies, type Company } from "./company.ts";
import { statusOf } from "./whole-sessions.ts";

/** `dial`: whether workers of the side that dials do so themselves, or through their leader. */
export async function expectOwnStreams(
  { advertiser, publisher, dialAt }: Companies,
  dial: "partner" | "leader",
): Promise<void> {
  const both = [advertiser, publisher];
  for (const { site } of both)
    Object.assign(site.env, { HALFROOM_SHARD_STREAMS: "own", HALFROOM_WORKERS_DIAL: dial });
  // Leaders compute nothing: what goes to the partner goes through workers.
  for (const { site } of both) site.env["HALFROOM_LEADER_COMPUTES"] = "false";
  for (const company of both) for (const name of ["one", "two"]) await company.hire(name);
  await publisher.site.serve({ HALFROOM_GATEWAYS: "[127.0.0.0/8]" });
  const at = {
    HALFROOM_LISTEN: `127.0.0.1:${await freePort()}`,
    HALFROOM_ADMIN: `127.0.0.1:${await freePort()}`,
  };
  await publisher.gateway(at);
  await dialAt(at.HALFROOM_LISTEN);
  // First nobody is lost: the leader passes nothing on.
  expect(cellsOf(await advertiser.site.ok("run", "roi.yaml", "--json"))).toEqual(EXPECTED);
  const metricsOf = async (admin: string) => (await fetch(`http://${admin}/metrics`)).text();
  const metrics = await metricsOf(publisher.site.env["HALFROOM_ADMIN"]!);
  expect(metrics).toMatch(/^halfroom_cluster_shard_streams_total\{stream="own"\} [1-9]/m);
  expect(metrics).not.toMatch(/^halfroom_cluster_shard_streams_total\{stream="session"\}/m);
  expect(metrics).not.toMatch(/^halfroom_cluster_stream_bytes_total\{/m);
  expect(await metricsOf(at.HALFROOM_ADMIN)).toMatch(
    /^halfroom_gateway_bytes_total\{direction="in"\} \d{7}/m,
  );
  const { shardStreams, workersDial, workers } = await statusOf(publisher);
  expect([shardStreams, workersDial]).toEqual(["own", dial]);
  expect(workers.some(({ lately }) => lately.ownStreams > 0)).toBe(true);
  // Another report: the same one would be served from what is kept.
  const asked = readFileSync(join(advertiser.site.folder, "roi.yaml"), "utf8");
  advertiser.site.write("again.yaml", asked.replace("threshold: 50", "threshold: 60"));
  const again = advertiser.site.start(["run", "again.yaml", "--json"]);
  let isOver = false;
  const killOne = async (company: Company) => {
    await untilActive(company, "shards", () => isOver);
    await company.workers.get("one")!.kill();
  };
  const killing = Promise.all(both.map(killOne));
  const { stdout } = await again.ended;
  isOver = true;
  await killing;
  expect(cellsOf(stdout)).toEqual(EXPECTED);
  for (const company of both) expect(await company.sessionsInShare()).toEqual([]);
}
