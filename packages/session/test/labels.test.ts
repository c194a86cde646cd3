// A partner that flips its share of a pass bit can let a padding cell pass: its owner ends the session by a code of the protocol where it
// would have to send labels, and else leaves the cell out.
import type { ReceiverPeople } from "@halfroom/prepare";
import { parseReport, reportDocument } from "@halfroom/report";
import { exactSums, memoryFrames } from "@halfroom/testkit";
import { openChannel } from "@halfroom/wire";
import { expect, test } from "vitest";
import type { AgreementContent } from "../src/agreement/agreement.ts";
import { exchangeAsReceiver } from "../src/table/labels.ts";
import { layoutOf } from "../src/table/layout.ts";
import { reportOf } from "../src/table/report.ts";

const terms = exactSums({ groupBy: ["cell"], measures: [], threshold: 11, otK: 8 });
const layout = layoutOf(terms, { categories: 1, cells: [4] });
const [frames] = memoryFrames({ idleMs: 1000 });
const people: Pick<ReceiverPeople, "partitions"> = {
  partitions: [
    {
      groupBy: ["cell"],
      labels: [["a"], ["b"], ["c"]],
      cells: new Uint32Array(0),
      base: Uint32Array.of(0, 0, 0),
    },
  ],
};
const orders = [Uint32Array.of(3, 0, 2, 1)];
const opened = (...cells: number[]) => ({
  blocks: cells.map((cell) => ({ cell, category: 0, numbers: [20n], overPair: false })),
  totals: undefined,
  totalPlaces: [],
});

test("a padding cell that passed has no labels to send", async () => {
  const exchange = (cell: number) =>
    exchangeAsReceiver(openChannel(frames, "receiver"), opened(cell), { terms, layout }, people, orders);
  // Rows 3, 0 and 2 are those of the three cells.
  await expect(exchange(1)).rejects.toMatchObject({ name: "ProtocolError", code: "agreement" });
  expect((await exchange(0)).cells.get(0)).toEqual(["b"]);
});

test("a receiver that sends no labels leaves the padding cell out of a report that reads as any other", async () => {
  const alone = { ...terms, resultTo: "receiver" } as const;
  const passed = opened(0, 1, 2, 3);
  const labels = await exchangeAsReceiver(
    openChannel(frames, "receiver"),
    passed,
    { terms: alone, layout },
    people,
    orders,
  );
  const data = { role: "receiver", people } as Parameters<typeof reportOf>[0];
  const content = { terms: alone, sender: { people: 40 }, receiver: { people: 40 } };
  const report = reportOf(data, content as AgreementContent, layout, passed, labels);
  const [partition] = parseReport(reportDocument(report)).report.partitions;
  expect(partition!.cells.map((cell) => cell.labels)).toEqual([["a"], ["b"], ["c"]]);
  expect(partition!.hiddenCells).toBe(0);
});
