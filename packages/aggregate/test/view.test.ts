// What each side of the group-by sees: the sender, nothing of the cells but choices under a one-time pad; the receiver,
// nothing of the addends but corrections of which no two share a mask.
import { asBigUint64, getBit, randomWords } from "@halfroom/crypto";
import { otherRole, type Role } from "@halfroom/mpc";
import { seededRng } from "@halfroom/testkit";
import { decodeFrame, type BulkType, type Message } from "@halfroom/wire";
import { describe, expect, test } from "vitest";
import { LEAVES, runGroup, type GroupCase, type GroupRun } from "./group-parties.ts";

const BINS = 300;
const CELLS = 16;
const DEPTH = 4;
const COLUMNS = 3;
const SAME = { seed: "view", shard: 1, partition: 0 };

function inputOf(leaves: GroupCase["leaves"], seed: string): GroupCase {
  const rng = seededRng(seed);
  return {
    leaves,
    cells: CELLS,
    columns: COLUMNS,
    sender: randomWords(rng, BINS * COLUMNS * 2),
    receiver: randomWords(rng, BINS * COLUMNS * 2),
    cellOf: randomWords(rng, BINS).map((word) => word % CELLS),
  };
}

/** The data of all messages of a type that `role` received. */
function received({ log }: GroupRun, role: Role, type: BulkType): Uint32Array {
  const messages = log[otherRole(role)]
    .filter(({ direction }) => direction === "sent")
    .map(({ frame }) => decodeFrame(frame).message)
    .filter((message): message is Message<BulkType> => message.type === type);
  return new Uint32Array(new Uint8Array(Buffer.concat(messages.map(({ data }) => data))).buffer);
}

const shape = ({ log }: GroupRun) =>
  log.sender.map(({ direction, frame }) => [direction, decodeFrame(frame).message.type, frame.length]);

/** What the flips of a bin say of its cell: a bit for each transfer. */
const SAID: Readonly<Record<GroupCase["leaves"], (cell: number) => readonly number[]>> = {
  // Level 0 is the highest bit of the cell's number.
  trees: (cell) => Array.from({ length: DEPTH }, (_, level) => (cell >>> (DEPTH - 1 - level)) & 1),
  slots: (cell) => Array.from({ length: CELLS - 1 }, (_, place) => (place === cell ? 1 : 0)),
};

describe.each(LEAVES)("the sender, with leaves of %s,", (leaves) => {
  const said = ({ cellOf }: GroupCase) => Array.from(cellOf).flatMap(SAID[leaves]);

  test("gets what leads to each cell under a one-time pad, and nothing else that depends on the receiver's people", async () => {
    const [one, other] = [inputOf(leaves, "one"), inputOf(leaves, "other")];
    const runs = [await runGroup(one, SAME), await runGroup({ ...other, sender: one.sender }, SAME)];
    expect(shape(runs[1]!)).toEqual(shape(runs[0]!));
    const [corrections, same] = runs.map((run) => received(run, "sender", "otCorrections"));
    expect(same).toEqual(corrections);
    const [flips, others] = runs.map((run) => received(run, "sender", "treeFlips"));
    const [ofOne, ofOther] = [said(one), said(other)];
    const difference = ofOne.map((_, i) => getBit(flips!, i) ^ getBit(others!, i));
    expect(difference).toEqual(ofOne.map((bit, i) => bit ^ ofOther[i]!));
    expect(difference).toContain(1);
  });

  test("sees every pad bit take both values, each about half of the time", async () => {
    const input = inputOf(leaves, "pads");
    const runs = 40;
    const ones = new Uint32Array(said(input).length);
    for (let shard = 100; shard < 100 + runs; shard++) {
      const flips = received(await runGroup(input, { ...SAME, shard }), "sender", "treeFlips");
      ones.forEach((_, i) => (ones[i]! += getBit(flips, i)));
    }
    // Chance of a constant bit 2^-39 each. 5 standard deviations of 48,000 or 180,000 coins.
    expect(ones.every((count) => count > 0 && count < runs)).toBe(true);
    const total = ones.reduce((sum, count) => sum + count, 0);
    expect(Math.abs(total - (ones.length * runs) / 2)).toBeLessThan(2.5 * Math.sqrt(ones.length * runs));
  });
});

describe.each(LEAVES)("the receiver, with leaves of %s,", (leaves) => {
  test("gets each addend under a mask: the same randomness gives the difference of the addends", async () => {
    const [one, other] = [inputOf(leaves, "one"), inputOf(leaves, "other")];
    const runs = [await runGroup(one, SAME), await runGroup({ ...one, sender: other.sender }, SAME)];
    expect(shape(runs[1]!)).toEqual(shape(runs[0]!));
    expect(received(runs[1]!, "receiver", "treeCorrections")).toEqual(
      received(runs[0]!, "receiver", "treeCorrections"),
    );
    const [first, second] = runs.map((run) => asBigUint64(received(run, "receiver", "leafCorrections")));
    const [u, v] = [asBigUint64(one.sender), asBigUint64(other.sender)];
    first!.forEach((correction, i) => {
      expect(BigInt.asUintN(64, correction - second![i]!)).toBe(BigInt.asUintN(64, u[i]! - v[i]!));
    });
  });

  test("never gets two corrections under one mask: of zeros, all are different", async () => {
    // Every bin, column, shard and partition: 8 x 300 x 3 masks; two of 64 bits are equal by chance with 2^-40.
    const zeros = { ...inputOf(leaves, "zeros"), sender: new Uint32Array(BINS * COLUMNS * 2) };
    const masks: bigint[] = [];
    for (const shard of [2, 3, 4, 5]) {
      for (const partition of [0, 1]) {
        const run = await runGroup(zeros, { ...SAME, shard, partition });
        masks.push(...asBigUint64(received(run, "receiver", "leafCorrections")));
      }
    }
    expect(masks).toHaveLength(8 * BINS * COLUMNS);
    expect(new Set(masks).size).toBe(masks.length);
    expect(masks).not.toContain(0n);
  });
});
