// A partner whose numbers no two honest sides can have: the session ends with a code of its own on both sides, nothing of it is
// kept, and the budget stays spent. The advertiser's software is changed: each of its people counts forty times.
import { changedColumn } from "@halfroom/crypto";
import { expect, test, vi } from "vitest";
import { WORKS, type Works } from "../src/run/works.ts";
import { cellsOf, SPRING, twoNodes } from "./two-nodes.ts";

let counts = 1n;
const prepare: Works["prepare"] = async (asked) => {
  const prepared = await WORKS.prepare(asked);
  const { data } = prepared;
  if (data.role !== "sender" || data.people.peoplePayload === undefined) return prepared;
  const peoplePayload = changedColumn(data.people.peoplePayload, (signs) =>
    signs.map((sign) => sign * counts),
  );
  return { ...prepared, data: { ...data, people: { ...data.people, peoplePayload } } };
};

/** Two keys, so that the sender's own numbers count people. */
const KEYS = { email: { columns: "email" }, id: { columns: "id", type: "custom" } };
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
/** Few matches a cell, so that forty times as many are fewer than all people, and more than those of the cell. */
const policy = { epsilon: 50, budget: 500, threshold: 20 };
const nodes = () =>
  twoNodes({
    advertiser: {
      policy,
      works: { prepare },
      dataset: { match: KEYS },
      header: "email,id,revenue",
      rows: range(0, 2000).map((i) => `p${i}@example.com,n${i},1.00`),
    },
    publisher: {
      policy,
      dataset: { match: KEYS },
      header: "email,id,campaign",
      rows: range(1955, 3955).map((i) => `p${i}@example.com,m${i},${i < 2200 ? "spring" : "autumn"}`),
    },
  });

test("a report with more people than a cell has is kept by nobody, and the code is in both logs", async () => {
  const { advertiser, publisher, run } = await nodes();
  counts = 30n;
  await expect(run("epsilon: 50\nmatch: [email, id]")).rejects.toMatchObject({
    code: "impossible",
    fromPartner: true,
  });
  await vi.waitFor(() => {
    expect(publisher.sessions.list()).toMatchObject([{ state: "failed", code: "impossible" }]);
  });
  expect(advertiser.sessions.list()).toMatchObject([{ state: "failed", code: "impossible" }]);
  for (const node of [advertiser, publisher]) {
    expect(node.reports.list()).toEqual([]);
    const [spent] = node.ledger.entries();
    expect(spent!.settled).toBe(false);
    expect(node.receipts.get(spent!.session)).toBeUndefined();
    expect(node.audit.entries().map(({ kind }) => kind)).toContain("failed");
    expect(JSON.stringify(node.audit.entries())).toContain('"impossible"');
    expect(node.audit.verify().faults).toEqual([]);
  }
});

test("a blind sender is not told: the receiver keeps that it got nothing, and serves that again", async () => {
  const { advertiser, publisher, run } = await nodes();
  counts = 30n;
  const ask = () => run("epsilon: 50\nmatch: [email, id]\nresult: them");
  const { session } = await ask();
  await vi.waitFor(() => {
    expect(publisher.sessions.list()).toMatchObject([{ state: "failed", code: "impossible" }]);
  });
  expect(advertiser.sessions.list()).toMatchObject([{ state: "done" }]);
  const [kept] = publisher.reports.list();
  expect(cellsOf(kept!.json)).toEqual([]);
  expect(JSON.parse(kept!.json)).toMatchObject({ details: { impossible: expect.any(String) } });
  expect(publisher.receipts.get(session)).toEqual(advertiser.receipts.get(session));

  expect(await ask()).toMatchObject({ session, fresh: undefined });
  expect(publisher.ledger.entries()).toHaveLength(1);
});

test("the same people counted once are a report", async () => {
  const { run } = await nodes();
  counts = 1n;
  const { json } = await run("exact: true\nmatch: [email, id]");
  expect(cellsOf(json)).toEqual([{ campaign: SPRING.campaign, people: 45, revenue: 45 }]);
});
