// A sender that adds marks to a few of its addends (protocol-spec.md, section 12): a mark lands in the cell that holds the bin, whoever is
// in it. No check can sit there: the hole of a tree or slot is somebody's cell, and an abort would tell it as well.
import { asBigUint64 } from "@halfroom/crypto";
import { seededRng } from "@halfroom/testkit";
import { expect, test } from "vitest";
import { LEAVES, openTable, runGroup } from "../../packages/aggregate/test/group-parties.ts";

const BINS = 4096;
const CELLS = 64;
const MARKED = 24;
/** Counts of people stay below. */
const LOWEST_MARK = 40n;

test.each(LEAVES)(
  "a sender adds a power of two to its addends of 24 bins: it reads the cell of 24 of 24, matched or not, and nothing fails; what bounds it is how many bits a number opens (%s)",
  async (leaves) => {
    const rng = seededRng("marked bins");
    const cellOf = Uint32Array.from({ length: BINS }, () => rng.bytes(1)[0]! % CELLS);
    const members = Array.from({ length: BINS }, () => BigInt(rng.bytes(1)[0]! & 1));
    const marked = Array.from({ length: MARKED }, (_, i) => i * 170);
    const [sender, receiver] = [new Uint32Array(BINS * 2), new Uint32Array(BINS * 2)];
    members.forEach((member, bin) => (asBigUint64(receiver)[bin] = member));
    marked.forEach((bin, i) => (asBigUint64(sender)[bin]! += 1n << (LOWEST_MARK + BigInt(i))));

    const input = { leaves, cells: CELLS, columns: 1, sender, receiver, cellOf };
    const numbers = openTable(await runGroup(input, { seed: "marks", shard: 1, partition: 0 }));

    const guessed = marked.map((_, i) =>
      numbers.findIndex((number) => (number >> (LOWEST_MARK + BigInt(i))) & 1n),
    );
    expect(guessed).toEqual(marked.map((bin) => cellOf[bin]));
    expect(new Set(marked.map((bin) => members[bin])).size).toBe(2);
  },
);
