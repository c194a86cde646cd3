// A session whose connection is lost again and again ends as if it had never been lost.
import { cuttingProxy } from "@halfroom/testkit";
import { ProtocolError } from "@halfroom/wire";
import { expect, onTestFinished, test } from "vitest";
import type { RunEvent } from "../src/run/run-events.ts";
import { cellsOf, SPRING, twoNodes } from "./two-nodes.ts";

/** A session sends some 2.5 MB: it meets a cut in every stage or so. */
const CUT_BYTES = 300_000;

test("the report of a connection that is cut every 300 kB is the plain join, on both sides, from one session", async () => {
  const nodes = await twoNodes();
  const proxy = await cuttingProxy(nodes.address, (n) => CUT_BYTES + 1000 * n);
  onTestFinished(proxy.close);
  nodes.dial(proxy.address);
  const { json } = await nodes.run();
  expect(cellsOf(json)).toEqual([SPRING]);
  expect(proxy.cuts()).toBeGreaterThan(4);
  for (const node of [nodes.advertiser, nodes.publisher]) {
    expect(node.sessions.list()).toMatchObject([{ state: "done" }]);
    expect(node.ledger.entries()).toMatchObject([{ settled: true }]);
    const [report] = node.reports.list();
    expect(cellsOf(report!.json)).toEqual([SPRING]);
    expect(node.receipts.get(report!.session)).toBeDefined();
    expect(node.audit.verify().faults).toEqual([]);
  }
});

test("a connection that stays lost ends the session on both sides, and the next one works", async () => {
  const settings = { resume_seconds: 0.5 };
  const nodes = await twoNodes({ advertiser: { settings }, publisher: { settings } });
  const proxy = await cuttingProxy(nodes.address, () => Infinity);
  nodes.dial(proxy.address);
  const losing = (event: RunEvent) => {
    if (event.type === "stage" && event.name === "match" && event.state === "started") proxy.close();
  };
  const error = await nodes.run("exact: true", losing).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ProtocolError);
  expect(error).toMatchObject({ code: "closed", phase: "match" });
  nodes.dial(nodes.address);
  const { json } = await nodes.run();
  expect(cellsOf(json)).toEqual([SPRING]);
  for (const node of [nodes.advertiser, nodes.publisher]) {
    // Newest first.
    expect(node.sessions.list()).toMatchObject([{ state: "done" }, { state: "failed", code: "closed" }]);
  }
});
