// A partner that flips its share of a pass bit can let a padding cell pass: its owner ends the session by a code of the protocol.
import type { ReceiverPeople } from "@halfroom/prepare";
import { exactSums, memoryFrames } from "@halfroom/testkit";
import { openChannel } from "@halfroom/wire";
import { expect, test } from "vitest";
import { exchangeAsReceiver } from "../src/table/labels.ts";
import { layoutOf } from "../src/table/layout.ts";

test("a padding cell that passed has no labels to send", async () => {
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
  const opened = (cell: number) => ({
    blocks: [{ cell, category: 0, numbers: [0n], overPair: false }],
    totals: undefined,
    totalPlaces: [],
  });
  const exchange = (cell: number) =>
    exchangeAsReceiver(openChannel(frames, "receiver"), opened(cell), { terms, layout }, people, orders);
  // Rows 3, 0 and 2 are those of the three cells.
  await expect(exchange(1)).rejects.toMatchObject({ name: "ProtocolError", code: "agreement" });
  expect((await exchange(0)).cells.get(0)).toEqual(["b"]);
});
