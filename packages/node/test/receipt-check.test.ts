// A node can open its own commitments later: whether today's data, the filter and the stored report are those of the session.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commitTo } from "@halfroom/session";
import { expect, test } from "vitest";
import { handleOf } from "../src/api/node.ts";
import { readOpenings, verifyOwnReceipt } from "../src/api/reports.ts";
import type { NodeState } from "../src/node-state.ts";
import { twoNodes } from "./two-nodes.ts";

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (commitment: Uint8Array) => Buffer.from(commitment).toString("hex");

/** The file of a node's dataset, changed. */
function edit({ folder }: NodeState, dataset: string, change: (rows: string[]) => string[]): void {
  const file = join(folder.path, `${dataset}.csv`);
  const [header, ...rows] = readFileSync(file, "utf8").trimEnd().split("\n");
  writeFileSync(file, [header, ...change(rows), ""].join("\n"));
}

test("both sides open what they committed to, and see when their data is another", async () => {
  const nodes = await twoNodes();
  const { session } = await nodes.run("exact: true", undefined, "email <> ''");
  const { advertiser, publisher } = nodes;
  const check = (node: NodeState) => verifyOwnReceipt(handleOf(node), session);
  const same = { session, data: "same", filter: "same", report: "same" };
  expect(await check(advertiser)).toEqual(same);
  expect(await check(publisher)).toEqual(same);

  // A third party that is given receipt and openings computes the commitments itself.
  const { openings } = await readOpenings(handleOf(advertiser), session);
  const { sender } = advertiser.receipts.get(session)!.agreement.content;
  const { data, filter } = openings!;
  expect(filter.text).toBe("email <> ''");
  expect(hex(commitTo("data", bytes(data.salt), bytes(data.digest)))).toBe(hex(sender.data));
  expect(hex(commitTo("filter", bytes(filter.salt), filter.text))).toBe(hex(sender.filter));
  expect(filter.salt).not.toBe(data.salt);

  edit(advertiser, "purchases", (rows) => rows.toReversed());
  expect(await check(advertiser)).toEqual(same);
  edit(advertiser, "purchases", ([first, ...rows]) => [first!.replace(/,.*/, ",999.99"), ...rows]);
  expect(await check(advertiser)).toEqual({ ...same, data: "other" });
  expect(await check(publisher)).toEqual(same);
});

test("a report that was changed in the store is not the one that both signed", async () => {
  const nodes = await twoNodes();
  const { session, json } = await nodes.run();
  const { advertiser } = nodes;
  const changed = json.replace(/("people": \{\s*"value": )22\b/, "$123");
  expect(changed).not.toBe(json);
  advertiser.store.run("UPDATE report SET json = ? WHERE session = ?", changed, session);
  expect(await verifyOwnReceipt(handleOf(advertiser), session)).toMatchObject({
    data: "same",
    report: "other",
  });
  advertiser.store.run("DELETE FROM report WHERE session = ?", session);
  expect(await verifyOwnReceipt(handleOf(advertiser), session)).toMatchObject({ report: "unknown" });
});

test("a side without the result has no nonce, and opens its own data", async () => {
  const nodes = await twoNodes();
  const { session } = await nodes.run("exact: true\nresult: us");
  expect(JSON.parse(nodes.publisher.reports.get(session)!.json)).not.toHaveProperty("nonce");
  expect(await verifyOwnReceipt(handleOf(nodes.publisher), session)).toMatchObject({
    data: "same",
    report: "unknown",
  });
  expect(await verifyOwnReceipt(handleOf(nodes.advertiser), session)).toMatchObject({ report: "same" });
});

test("what opens commitments is sealed at rest; without it nothing is claimed", async () => {
  const nodes = await twoNodes();
  const { session } = await nodes.run("exact: true", undefined, "email <> ''");
  const { advertiser } = nodes;
  const [row] = advertiser.store.all<{ sealed: Uint8Array }>("SELECT sealed FROM opening");
  expect(Buffer.from(row!.sealed).includes("email")).toBe(false);

  const other = Buffer.from(row!.sealed);
  other[20]! ^= 1;
  advertiser.store.run("UPDATE opening SET sealed = ?", other);
  await expect(verifyOwnReceipt(handleOf(advertiser), session)).rejects.toMatchObject({ code: "damaged" });

  advertiser.store.run("DELETE FROM opening");
  expect(await verifyOwnReceipt(handleOf(advertiser), session)).toEqual({
    session,
    data: "unknown",
    filter: "unknown",
    report: "same",
  });
  expect(await readOpenings(handleOf(advertiser), session)).toEqual({ session, openings: undefined });
});
