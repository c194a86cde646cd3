// Ten requests: what `preview` says beside what `run` then does. Each row of the table is one of them.
import { drawTable } from "@halfroom/report";
import { expect, test } from "vitest";
import { handleOf } from "../src/api/node.ts";
import { preview, run, type Preview } from "../src/api/run.ts";
import { OperatorError } from "../src/errors.ts";
import { twoNodes, type TwoNodes } from "./two-nodes.ts";

/** 3,000 people of the publisher, of whom 2,000 bought, and 1,000 others who did. */
const day = (i: number) => `2026-10-${String(1 + (i % 28)).padStart(2, "0")}T08:00:00Z`;
const people = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const EXPOSURES = people(0, 3000).map(
  (i) =>
    `p${i}@example.com,${["spring", "summer", "autumn"][i % 3]},${i % 4 === 0 ? "control" : "test"},${day(i)}`,
);
const PURCHASES = people(1000, 4000).map(
  (i) => `p${i}@example.com,${i % 300}.25,${["new", "regular"][i % 2]},2026-11-05T12:00:00Z`,
);
const at = { time: { column: "at" } };

const site = async () =>
  await twoNodes({
    advertiser: {
      header: "email,revenue,tier,at",
      rows: PURCHASES,
      dataset: { measures: { revenue: {} }, dimensions: { tier: {} }, ...at },
      policy: {
        threshold: 50,
        people: 100,
        epsilon: 8,
        budget: 30,
        sum: ["revenue"],
        group_by: ["tier"],
        exact: 3,
      },
    },
    publisher: {
      header: "email,campaign,arm,at",
      rows: EXPOSURES,
      dataset: { dimensions: { campaign: {}, arm: {} }, ...at },
      policy: {
        threshold: 60,
        people: 100,
        epsilon: 6,
        budget: 21,
        group_by: ["campaign", "arm"],
        exact: 3,
        rules: "pair",
      },
    },
  });

const REVENUE = "measures: { revenue: { low: 0, high: 300, decimals: 2 } }";
const ask = (ours: string, theirs: string, rest: string) =>
  `partner: publisher\nours: { dataset: purchases${ours} }\ntheirs: { dataset: exposures${theirs} }\n${rest}\n`;
const SUMS = ask(`, ${REVENUE}`, ", group_by: [campaign]", "threshold: 30\nepsilon: 8");

const REQUESTS: readonly (readonly [name: string, yaml: string])[] = [
  ["overlap, exact", ask("", "", "report: overlap\nreceiver: us\nexact: true")],
  ["sums, noisy, both policies stricter", SUMS],
  ["the same once more", SUMS],
  ["sums, exact", ask(`, ${REVENUE}`, ", group_by: [campaign]", "exact: true\ntotals: true")],
  ["index", ask(", group_by: [tier]", "", "report: index\nreceiver: us\nepsilon: 2")],
  ["reach", ask("", ", group_by: [campaign]", "report: reach\nentries: 2\nepsilon: 3")],
  [
    "lift",
    ask(
      `, ${REVENUE}`,
      ", group_by: [arm]",
      "report: lift\narms: { column: arm, test: test, control: control }\nepsilon: 5",
    ),
  ],
  ["a column that is not allowed", ask("", ", group_by: [email]", "epsilon: 2")],
  ["nothing can open", ask(", group_by: [tier]", "", "receiver: us\nthreshold: 1600\nexact: true")],
  ["more than is left", ask(`, ${REVENUE}`, ", group_by: [[campaign], [arm]]", "epsilon: 6")],
];

interface Row {
  readonly name: string;
  readonly seen: Preview;
  readonly ran: "run" | "stored" | "refuse";
  readonly json: string | undefined;
  readonly spent: number;
}

async function previewAndRun({ advertiser }: TwoNodes, name: string, yaml: string): Promise<Row> {
  const request = { text: yaml, name: "request.yaml" };
  const handle = handleOf(advertiser);
  const seen = await preview(handle, request);
  const before = advertiser.ledger.entries().length;
  try {
    const { isStored, json } = await run(handle, request);
    const [entry] = advertiser.ledger.entries();
    const spent = advertiser.ledger.entries().length - before;
    return {
      name,
      seen,
      ran: isStored ? "stored" : "run",
      json,
      spent: spent === 0 ? 0 : entry!.microEpsilon,
    };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    expect(error.code, name).toMatch(/refused|nothing-opens/);
    expect(advertiser.ledger.entries(), name).toHaveLength(before);
    return { name, seen, ran: "refuse", json: undefined, spent: 0 };
  }
}

interface Document {
  readonly threshold: number;
  readonly rules?: string;
  readonly partitions: readonly { readonly cells: readonly unknown[] }[];
  readonly details: {
    readonly seconds: number;
    readonly stages: readonly { bytesSent: number; bytesReceived: number }[];
  };
}

const documentOf = ({ json }: Row) => (json === undefined ? undefined : (JSON.parse(json) as Document));

const bytesOf = ({ details }: Document) =>
  details.stages.reduce((sum, each) => sum + each.bytesSent + each.bytesReceived, 0);

const openedOf = ({ partitions }: Document) => partitions.reduce((sum, { cells }) => sum + cells.length, 0);

const HEAD =
  "request|preview|run|terms said|ran|epsilon said|spent|can open|opened|MB said|MB|s said|s".split("|");

function line(row: Row): string[] {
  const { name, ran, spent } = row;
  const { outlook, outcome } = row.seen;
  const document = documentOf(row);
  const said = (text: (seen: NonNullable<typeof outlook>) => string) =>
    outlook === undefined ? "-" : text(outlook);
  const held = (text: (seen: Document) => string) => (document === undefined ? "-" : text(document));
  return [
    name,
    outcome,
    ran,
    said(({ terms }) => `${terms.threshold} ${terms.rules}`),
    held(({ threshold, rules }) => `${threshold} ${rules ?? "standard"}`),
    said(({ terms }) => String(terms.microEpsilon / 1e6)),
    String(spent / 1e6),
    said(({ opening }) => String(opening.canOpen)),
    held((seen) => String(openedOf(seen))),
    said(({ effort }) => (effort.bytes / 1e6).toFixed(2)),
    held((seen) => (bytesOf(seen) / 1e6).toFixed(2)),
    said(({ effort }) => effort.seconds.toFixed(1)),
    held(({ details }) => details.seconds.toFixed(1)),
  ];
}

function check(row: Row): void {
  const { name, ran, spent } = row;
  const { outlook, outcome } = row.seen;
  const document = documentOf(row);
  expect(outcome, name).toBe(ran);
  if (document === undefined || ran === "stored") return;
  expect(outlook!.terms, name).toMatchObject({
    threshold: document.threshold,
    rules: document.rules ?? "standard",
  });
  expect(spent, name).toBe(outlook!.terms.microEpsilon);
  expect(outlook!.opening.canOpen, name).toBe(openedOf(document) > 0);
  if (outlook!.effort.assumed.length > 0) return;
  expect(outlook!.effort.bytes / bytesOf(document), name).toBeGreaterThan(0.7);
  expect(outlook!.effort.bytes / bytesOf(document), name).toBeLessThan(1.4);
}

test("ten requests end as preview says, under the terms, at the cost and about the size that it says", async () => {
  const nodes = await site();
  const rows: Row[] = [];
  for (const [name, yaml] of REQUESTS) rows.push(await previewAndRun(nodes, name, yaml));
  console.log(drawTable(HEAD, rows.map(line), 9));
  rows.forEach(check);
});
