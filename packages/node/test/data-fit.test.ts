// Rows that cannot be used and people outside of bounds stop a session before anything is spent, on whichever side they are, unless
// this side says otherwise. The partner learns only that something is wrong here.
import { describe, expect, test } from "vitest";
import { assertDataFits } from "../src/run/data-fit.ts";
import { planReport } from "../src/run/plan.ts";
import { initiate } from "../src/run/initiate.ts";
import { join } from "node:path";
import { twoNodes, type TwoNodes } from "./two-nodes.ts";

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const PURCHASES = range(30, 80).map((i) => `p${i}@example.com,${i}.25`);
const EXPOSURES = range(0, 60).map((i) => `p${i}@example.com,spring`);
const FAULTY = ["nobody,1.00", "no one,2.00", ",3.00"];

const spent = ({ advertiser, publisher }: TwoNodes) =>
  [advertiser, publisher].map(({ store }) => store.get("SELECT count(*) AS entries FROM ledger"));
const NOTHING = [{ entries: 0 }, { entries: 0 }];

describe("a session over data that does not fit", () => {
  test("ends before anything is spent, and runs if told to go on; the report says what was dropped", async () => {
    const nodes = await twoNodes({ advertiser: { rows: [...PURCHASES, ...FAULTY] } });
    await expect(nodes.run()).rejects.toMatchObject({
      code: "data-fit",
      message: expect.stringMatching(
        /^5\.7 % of our rows cannot be used \(.*\), more than .* Nothing was spent\./,
      ),
    });
    expect(spent(nodes)).toEqual(NOTHING);
    const theirs = nodes.publisher.sessions.list().map(({ state, code }) => ({ state, code }));
    expect(theirs).toEqual([{ state: "failed", code: "internal" }]);
    const { advertiser } = nodes;
    const plan = await planReport(advertiser, { file: join(advertiser.folder.path, "roi.yaml") });
    const { json } = await initiate(advertiser, { ...plan, anyway: true }, () => undefined);
    const { own } = JSON.parse(json);
    expect(own).toMatchObject({ rows: 53, people: 50, merged: 0, filtered: 0, optedOut: 0 });
    expect(own.dropped.reduce((sum: number, { rows }: { rows: number }) => sum + rows, 0)).toBe(3);
  });

  test("on the answering side ends as generically", async () => {
    const nodes = await twoNodes({
      publisher: { rows: [...EXPOSURES, "nobody,spring", "x,spring", "y,spring", "z,spring"] },
    });
    await expect(nodes.run()).rejects.toMatchObject({ code: "internal", fromPartner: true });
    expect(spent(nodes)).toEqual(NOTHING);
  });

  test("whose values lie outside of bounds ends likewise, and not with a higher setting", async () => {
    const rows = PURCHASES.map((row, i) => (i < 11 ? row.replace(/,.*/, ",501.00") : row));
    const nodes = await twoNodes({ advertiser: { rows } });
    await expect(nodes.run()).rejects.toMatchObject({
      code: "data-fit",
      message: expect.stringContaining('22 % of our people lie outside of the bounds of "revenue"'),
    });
    expect(spent(nodes)).toEqual(NOTHING);
    const patient = await twoNodes({ advertiser: { rows, settings: { clipped_percent_max: 22 } } });
    const { json } = await patient.run();
    expect(JSON.parse(json).own.clipped).toEqual([{ measure: "revenue", people: 11 }]);
  });
});

describe("the share that does not fit", () => {
  const own = { rows: 200, people: 100, optedOut: 0, merged: 0, filtered: 100, dropped: [], clipped: [] };
  const limits = { dropped_percent_max: 5, clipped_percent_max: 20 };

  test("is of the rows that the filters keep, and up to the limit it is none", () => {
    const dropped = (rows: number) => ({ ...own, dropped: [{ reason: "email: empty", rows }] });
    expect(() => assertDataFits(dropped(5), limits, true)).not.toThrow();
    expect(() => assertDataFits(dropped(6), limits, true)).toThrow(
      "6 % of our rows cannot be used (email: empty 6)",
    );
    expect(() => assertDataFits(dropped(6), limits, true)).toThrow("--anyway");
    expect(() => assertDataFits(dropped(6), limits, false)).not.toThrow("--anyway");
  });

  test("holds no rows beyond the agreed most of a person", () => {
    const dropped = [
      { reason: "events: more than 2 of one person, the earliest", rows: 90, agreed: true as const },
    ];
    expect(() => assertDataFits({ ...own, dropped }, limits, true)).not.toThrow();
  });
});
