// What `trafficOf` says each side of a session sends, beside what the benchmark has recorded.
import { readFileSync } from "node:fs";
import { exactSums, noiseOf } from "@halfroom/testkit";
import { expect, test } from "vitest";
import { shardSizes } from "../src/shards/sizes.ts";
import type { Terms } from "../src/terms/terms.ts";
import { sentInAll, trafficOf } from "../src/traffic/traffic.ts";

/** Those of the first format name neither cells nor transfers: they are of 64 cells, by SoftSpokenOT. */
interface Bench {
  readonly runs: readonly {
    readonly senderPeople: number;
    readonly receiverPeople: number;
    readonly cells?: number;
    readonly measures?: number;
    readonly transfers?: string;
    readonly warm: boolean;
    readonly stages: readonly {
      readonly name: string;
      readonly senderBytes: number;
      readonly receiverBytes: number;
    }[];
  }[];
}

function termsOf({ measures = 1, transfers }: Bench["runs"][number]): Terms {
  const columns = Array.from({ length: measures }, (_, m) => ({
    name: `m${m}`,
    low: 0n,
    high: 50_000n,
    decimals: 2,
  }));
  const terms = exactSums({ measures: columns, groupBy: ["cell"], threshold: 100, otK: 4 });
  return {
    ...terms,
    release: noiseOf(6_000_000, measures),
    ...(transfers === "silent" && { transfers: "silent" }),
  };
}

test("up to a million people: within 1 % of what the benchmark has recorded, and 2 % of each side, cold and warm", () => {
  const file = new URL("../../../docs/bench/bench.json", import.meta.url);
  const { runs } = JSON.parse(readFileSync(file, "utf8")) as Bench;
  expect(runs.length).toBeGreaterThan(5);
  for (const run of runs) {
    const { senderPeople, receiverPeople, cells = 64, warm, stages } = run;
    const bulk = stages.filter(({ name }) => name !== "agree");
    const sent = {
      sender: bulk.reduce((sum, { senderBytes }) => sum + senderBytes, 0),
      receiver: bulk.reduce((sum, { receiverBytes }) => sum + receiverBytes, 0),
    };
    const sizes = {
      sender: { people: senderPeople, categories: 1 },
      receiver: { people: receiverPeople, cells: [2 ** Math.ceil(Math.log2(cells))] },
    };
    const traffic = trafficOf(termsOf(run), sizes, warm ? 0 : receiverPeople);
    const said = sentInAll(traffic);
    const about = `${senderPeople} x ${receiverPeople}, ${run.transfers ?? "softspoken"}`;
    const off = (of: number, from: number) => Math.abs(of / from - 1);
    expect(off(said.sender + said.receiver, sent.sender + sent.receiver), about).toBeLessThan(0.01);
    for (const role of ["sender", "receiver"] as const)
      expect(off(said[role], sent[role]), `${about}, ${role}`).toBeLessThan(0.02);
    expect(traffic.expanded > 0, about).toBe(run.transfers === "silent");
  }
});

test("what groupings take: leaves of every bin and cell, or with silent transfers and many cells gates, of all shards", () => {
  const workOf = (cells: number, transfers?: "silent") => {
    const run = { senderPeople: 65_536, receiverPeople: 65_536, cells, warm: true, stages: [] };
    const terms = { ...termsOf({ ...run, ...(transfers && { transfers }) }), shardPeople: 40_000 };
    const sizes = {
      sender: { people: 65_536, categories: 1 },
      receiver: { people: 65_536, cells: [cells, 1] },
    };
    const { leaves, gates } = trafficOf({ ...terms, partitions: [["cell"], []] }, sizes, 0);
    return { leaves, gates };
  };
  const { receiverPeople } = shardSizes(65_536, 65_536, 40_000);
  const bins = Math.ceil(1.33 * receiverPeople);
  expect(bins).toBeGreaterThan(32_768);
  expect(workOf(64)).toEqual({ leaves: 2 * bins * 64, gates: 0 });
  expect(workOf(65_536)).toEqual({ leaves: 2 * bins * 65_536, gates: 0 });
  expect(workOf(64, "silent")).toEqual({ leaves: 2 * bins * 64, gates: 0 });
  // Switches, eight layers that close up, and eight that spread, of which the first knows where nothing can be.
  const switches = bins * 16 - 65_536 + 1;
  const spread = (span: number) => (65_536 / span) * Math.min(bins, span);
  const moves = 8 * bins + Array.from({ length: 8 }, (_, i) => spread(4 ** (i + 1))).reduce((a, b) => a + b);
  expect(workOf(65_536, "silent")).toEqual({ leaves: 0, gates: 2 * (switches + moves) });
});
