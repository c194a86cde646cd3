// What `trafficOf` says each side of a session sends, beside what the benchmark has recorded.
import { readFileSync } from "node:fs";
import { exactSums, noiseOf } from "@halfroom/testkit";
import { expect, test } from "vitest";
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
