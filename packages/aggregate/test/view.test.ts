// What each side of the group-by sees: the sender, nothing of the cells but choices under a one-time pad; the receiver,
// nothing of the addends but corrections of which no two share a mask.
import { asBigUint64, getBit, randomWords } from "@halfroom/crypto";
import { networkPieces, otherRole, routeNetwork, type Role } from "@halfroom/mpc";
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
const SAID_OF_BIN = {
  // Level 0 is the highest bit of the cell's number.
  trees: (cell: number) => Array.from({ length: DEPTH }, (_, level) => (cell >>> (DEPTH - 1 - level)) & 1),
  slots: (cell: number) => oneHot(cell, CELLS),
};

/** A 1 in place `hole`, of all places but the last. */
function oneHot(hole: number, places: number): number[] {
  return Array.from({ length: places - 1 }, (_, place) => (place === hole ? 1 : 0));
}

/** What the flips of a network say of what its gates choose, each message filled up with zeros to whole words. */
function saidByNetwork(cellOf: Uint32Array): (number | undefined)[] {
  const choices = routeNetwork(cellOf, CELLS);
  return networkPieces(BINS, CELLS).flatMap(({ step, start, count, transfers }) => {
    const chosen = [...choices[step]!.subarray(start, start + count)];
    const said = chosen.flatMap((choice) => oneHot(choice, transfers / count + 1));
    return [...said, ...Array.from({ length: -said.length & 31 }, () => undefined)];
  });
}

/** All that flips say; undefined for a bit that is none. */
function saidOf(leaves: GroupCase["leaves"], { cellOf }: GroupCase): (number | undefined)[] {
  return leaves === "network" ? saidByNetwork(cellOf) : [...cellOf].flatMap(SAID_OF_BIN[leaves]);
}

describe.each(LEAVES)("the sender, with leaves of %s,", (leaves) => {
  test("gets what leads to each cell under a one-time pad, and nothing else that depends on the receiver's people", async () => {
    const [one, other] = [inputOf(leaves, "one"), inputOf(leaves, "other")];
    const runs = [await runGroup(one, SAME), await runGroup({ ...other, sender: one.sender }, SAME)];
    expect(shape(runs[1]!)).toEqual(shape(runs[0]!));
    const [corrections, same] = runs.map((run) => received(run, "sender", "otCorrections"));
    expect(same).toEqual(corrections);
    const [flips, others] = runs.map((run) => received(run, "sender", "treeFlips"));
    const [ofOne, ofOther] = [saidOf(leaves, one), saidOf(leaves, other)];
    const difference = ofOne.map((_, i) => getBit(flips!, i) ^ getBit(others!, i));
    expect(difference).toEqual(ofOne.map((bit, i) => (bit ?? 0) ^ (ofOther[i] ?? 0)));
    expect(difference).toContain(1);
  });

  test("sees every pad bit take both values, each about half of the time", async () => {
    const input = inputOf(leaves, "pads");
    const runs = 40;
    const said = saidOf(leaves, input);
    const isPad = (_: unknown, i: number) => said[i] !== undefined;
    const all = new Uint32Array(said.length);
    for (let shard = 100; shard < 100 + runs; shard++) {
      const flips = received(await runGroup(input, { ...SAME, shard }), "sender", "treeFlips");
      all.forEach((_, i) => (all[i]! += getBit(flips, i)));
    }
    const ones = all.filter(isPad);
    // Chance of a constant bit 2^-39 each. 5 standard deviations of 48,000 coins or more.
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
