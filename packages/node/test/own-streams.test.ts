// Sessions whose shards have streams of their own to the partner, between two nodes of one machine each: what was agreed on, and what went over
// which connection.
import { connectProxy, cuttingProxy } from "@halfroom/testkit";
import { DOOR_LIMITS, openGateway } from "@halfroom/transport";
import { expect, onTestFinished, test } from "vitest";
import type { RunEvent } from "../src/run/run-events.ts";
import { olderPartner } from "./older-partner.ts";
import { cellsOf, SPRING, twoNodes, type SiteChanges, type TwoNodes } from "./two-nodes.ts";

/** Both have a few people more than one shard takes. */
const IN_SHARDS = "exact: true\nshard_people: 16";
const own: SiteChanges = { settings: { shard_streams: "own", threads: 1 } };

const streamsOf = ({ advertiser, publisher }: TwoNodes) =>
  [advertiser, publisher].map((node) => node.sessions.list()[0]!.terms.streams);

/** The report, and what was told of on the way. */
async function ran(nodes: TwoNodes) {
  const warnings: string[] = [];
  const { json } = await nodes.run(IN_SHARDS, (event: RunEvent) => {
    if (event.type === "warning") warnings.push(event.words);
  });
  return { cells: cellsOf(json), warnings };
}

test.each<[string, SiteChanges, SiteChanges, string | undefined]>([
  ["both want them", own, own, "own"],
  ["the one who proposes wants them", own, {}, undefined],
  ["the one who answers wants them", {}, own, undefined],
])("where %s", async (_, advertiser, publisher, agreed) => {
  const nodes = await twoNodes({ advertiser, publisher });
  const { cells, warnings } = await ran(nodes);
  expect(cells).toEqual([SPRING]);
  expect(streamsOf(nodes)).toEqual([agreed, agreed]);
  expect(warnings).toEqual([]);
});

test("each shard has a connection of its own, which a gateway and a proxy pass on", async () => {
  const nodes = await twoNodes({
    advertiser: own,
    publisher: { settings: { ...own.settings, gateways: ["127.0.0.0/8"] } },
  });
  const turnedAway: string[] = [];
  const gateway = await openGateway({
    listen: "127.0.0.1:0",
    leader: nodes.address,
    door: DOOR_LIMITS,
    isInFront: () => false,
    onTurnedAway: (why) => turnedAway.push(why),
    onLeader: () => {},
    onFault: (error) => {
      throw error;
    },
  });
  onTestFinished(() => gateway.close());
  const proxy = await connectProxy();
  onTestFinished(() => proxy.close());
  nodes.dial(gateway.address);
  const { advertiser } = nodes;
  Object.assign(advertiser.settings, { proxy: `http://${proxy.address}` });
  const { cells, warnings } = await ran(nodes);
  expect(cells).toEqual([SPRING]);
  expect([warnings, turnedAway]).toEqual([[], []]);
  expect(new Set(proxy.asked.map(({ address }) => address))).toEqual(new Set([gateway.address]));
  // The session's connection, five strands of it where this machine answered slowly, and one for each of four shards.
  expect([1 + 4, 1 + 5 + 4]).toContain(proxy.asked.length);
});

test("shards whose streams are cut go over the session's connections", async () => {
  const nodes = await twoNodes({ advertiser: own, publisher: own });
  // The first connection is the session's.
  const line = await cuttingProxy(nodes.address, (n) => (n === 0 ? Infinity : 30_000));
  onTestFinished(() => line.close());
  nodes.dial(line.address);
  const { cells, warnings } = await ran(nodes);
  expect(cells).toEqual([SPRING]);
  expect(warnings.length).toBeGreaterThan(0);
  for (const words of warnings)
    expect(words).toMatch(/stream.*; the shard is computed again, over the session's connections$/);
});

test("a partner of an earlier version, which ends such a proposal, is asked the same again without them", async () => {
  const nodes = await twoNodes({ advertiser: own });
  const asked = await olderPartner(nodes, (terms) => !terms.includes("streams"));
  await expect(nodes.run(IN_SHARDS)).rejects.toMatchObject({ code: "refused-there" });
  expect(asked.map(({ terms }) => terms.includes('"streams":"own"'))).toEqual([true, false]);
  expect(new Set(asked.map(({ proposal }) => proposal)).size).toBe(1);
  expect(asked[0]!.terms.replace(',"streams":"own"', "")).toBe(asked[1]!.terms);
});
