// A report for one side alone: the other signs and pays for it like any other and keeps no number of it.
import { TERMS } from "@halfroom/testkit";
import { expect, test } from "vitest";
import type { NodeState } from "../src/node-state.ts";
import { describe } from "../src/policy/describe.ts";
import { printReceipt } from "../src/receipts/print.ts";
import { cellsOf, SPRING, twoNodes } from "./two-nodes.ts";

/** The one report that the node keeps. */
function stored(node: NodeState): string {
  const reports = node.reports.list();
  expect(reports).toHaveLength(1);
  return reports[0]!.json;
}

test.each([
  ["us", "sender", "the side that asked", "advertiser", "publisher"],
  ["them", "receiver", "the side that was asked", "publisher", "advertiser"],
] as const)("result: %s, the %s, is for %s alone", async (result, role, _title, receiving, other) => {
  const nodes = await twoNodes();
  const run = () => nodes.run(`exact: true\nresult: ${result}`);
  const { session } = await run();

  expect(cellsOf(stored(nodes[receiving]))).toEqual([SPRING]);
  const kept = stored(nodes[other]);
  expect(JSON.parse(kept)).toMatchObject({ origin: { session }, result: "the partner alone" });
  for (const secret of [SPRING.revenue, SPRING.campaign, "cells"]) expect(kept).not.toContain(String(secret));

  const receipts = [nodes.advertiser, nodes.publisher].map((node) => node.receipts.get(session)!);
  expect(receipts[0]!.report).toEqual(receipts[1]!.report);
  expect(receipts[0]!.receiptSignatures).toEqual(receipts[1]!.receiptSignatures);
  const words = printReceipt(receipts[0]!, { sender: "a", receiver: "b", agreedAt: 0 });
  expect(words).toContain(`The ${role} alone receives the result.`);
  const unseeing = role === "sender" ? "receiver" : "sender";
  expect(words).toContain(`- The ${unseeing} signed this commitment without the report`);
  for (const node of [nodes.advertiser, nodes.publisher]) {
    expect(node.sessions.list()).toMatchObject([{ state: "done" }]);
    expect(node.ledger.entries()).toMatchObject([{ session, mode: "exact", settled: true }]);
    expect(node.audit.verify().faults).toEqual([]);
  }

  // The same again is the stored report, for the same side.
  const again = await run();
  expect(again).toMatchObject({ session, fresh: undefined });
  expect(nodes.publisher.ledger.entries()).toHaveLength(1);
  expect(again.json).toBe(stored(nodes.advertiser));
});

test("before anything is run, the words say which side would learn the numbers", () => {
  const words = describe({ ...TERMS, resultTo: "sender" }, "receiver", undefined);
  expect(words.weLearn[0]).toMatch(/none of the report's numbers/);
  expect(words.partnerLearns[0]).toMatch(/^The numbers/);
});

test("the words say what the sender learns without the result: nothing, if its side can be blind", () => {
  const blind = { ...TERMS, resultTo: "receiver", senderGroupBy: [] } as const;
  const sees = [
    { ...blind, senderGroupBy: ["tier"] },
    { ...blind, release: { mode: "exact" } as const },
  ];
  expect(describe(blind, "sender", undefined).weLearn[0]).toMatch(/and not which of them open/);
  expect(describe(blind, "sender", undefined).weLearn[0]).toMatch(/how long the partner takes/);
  expect(describe(blind, "receiver", undefined).partnerLearns[0]).toMatch(
    /and not which of them open; how long we take/,
  );
  const named = describe({ ...sees[0]!, resultTo: "sender" }, "receiver", undefined).weLearn[0];
  expect(named).toMatch(
    /which of our own cells open, because we send their labels, and at which places in the list of the partner's .*, which stay unnamed/i,
  );
  for (const terms of sees)
    expect(describe(terms, "sender", undefined).weLearn[0]).toMatch(
      /^How many numbers open, and at which places/,
    );
});

test("a policy that keeps results at home refuses those for the partner, and nothing else", async () => {
  const nodes = await twoNodes({ publisher: { policy: { result_to: ["us"] } } });
  await expect(nodes.run("exact: true\nresult: us")).rejects.toMatchObject({
    code: "refused-there",
    reasons: [{ code: "result-to" }],
  });
  await nodes.run("exact: true\nresult: them");
  expect(cellsOf(stored(nodes.publisher))).toEqual([SPRING]);
});
