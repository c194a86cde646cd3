import { readFileSync } from "node:fs";
import { asBigUint64 } from "@halfroom/crypto";
import { expect, test } from "vitest";
import { networkExample } from "./network.ts";

interface Example {
  readonly cells: number;
  readonly columns: number;
  readonly cellOfBins: readonly number[];
  readonly masks: string;
  readonly tables: { readonly sender: string; readonly receiver: string };
}

const recorded: unknown = JSON.parse(readFileSync(new URL("network.json", import.meta.url), "utf8"));

test("network.json is what the code makes: a grouping of five bins into eight cells", () => {
  expect(networkExample()).toEqual(recorded);
});

test("its tables add up to minus the masks of each cell", () => {
  const { cells, columns, cellOfBins, masks, tables } = recorded as Example;
  const numbers = (hex: string) =>
    asBigUint64(new Uint32Array(new Uint8Array(Buffer.from(hex, "hex")).buffer));
  const left = numbers(tables.sender).map((share, i) => share + numbers(tables.receiver)[i]!);
  for (const [i, mask] of numbers(masks).entries()) {
    const at = cellOfBins[Math.floor(i / columns)]! * columns + (i % columns);
    left[at]! += mask;
  }
  expect(left).toEqual(new BigUint64Array(cells * columns));
});
