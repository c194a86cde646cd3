// The whole pipeline under fixed randomness: with different numbers for the people of unreleased cells, every message of the
// release is the same, byte for byte, except for the digests over earlier messages and for the inputs of gates: the tests of ranges
// take sums in, each masked by a triple of its own, so that of those messages only the lengths can be the same.
import { GroupPool } from "@halfroom/crypto";
import { exactSums, type PreparedPair } from "@halfroom/testkit";
import { decodeFrame, type MessageType } from "@halfroom/wire";
import { afterAll, beforeAll, expect, test } from "vitest";
import { csvText, recordSession, type Recorded } from "./recorded.ts";

const TERMS = exactSums({
  measures: [
    { name: "amount", low: -(10n ** 9n), high: 10n ** 9n, decimals: 0 },
    { name: "orders", low: 0n, high: 10n ** 6n, decimals: 0 },
  ],
  groupBy: ["cell"],
  threshold: 5,
  otK: 4,
});
// Cells a and b pass; c, d and e have four people each. The sender has five more people. The receiver's unmatched people in a
// and b are only in its bases, so that no bin decodes another's garbage.
const CELL_OF = "aaaaaaabbbbbccccddddeeee";
const UNRELEASED = new Set("cde");
const STRANGERS = 5;
const passes = ([cell]: readonly string[]) => !UNRELEASED.has(cell!);
const RELEASE: readonly MessageType[] = [
  "gateOpening",
  "passCommitment",
  "passOpening",
  "cellCommitment",
  "cellOpeningNonce",
  "cellOpening",
  "labelsSize",
  "labels",
];

let pool: GroupPool;
beforeAll(async () => {
  pool = await GroupPool.open(0);
});
afterAll(() => pool.close());

/** `extra` is added to the numbers of everybody in the cells that `changes` holds. */
function session(changes: ReadonlySet<string>, extra: number): Promise<Recorded> {
  const people = CELL_OF.split("").map((cell, i) => ({ email: `p${i}@example.com`, cell, i }));
  const csv = {
    senderCsv: csvText(
      "email,amount,orders",
      people
        .map(({ email, cell, i }) => {
          const change = changes.has(cell) ? extra * (i + 1) : 0;
          return [email, `${i - 30 - change}`, `${i + 1 + change}`];
        })
        .concat(Array.from({ length: STRANGERS }, (_, i) => [`buyer${i}@example.com`, "1", "1"])),
    ),
    receiverCsv: csvText(
      "email,cell",
      people.map(({ email, cell }) => [email, cell]),
    ),
  };
  return recordSession(csv, TERMS, pool, "unreleased sums", withStrangers);
}

function withStrangers({ sender, receiver }: PreparedPair): PreparedPair {
  const partitions = receiver.partitions.map((partition) => ({
    ...partition,
    base: partition.base.map((people, cell) => people + (passes(partition.labels[cell]!) ? STRANGERS : 0)),
  }));
  // The commitments to the data are kept equal: the session id follows from them, and every derivation from that.
  const digest = new Uint8Array(32);
  return { sender: { ...sender, digest }, receiver: { ...receiver, partitions, digest } };
}

/** Frames of the stage "release" from its gates on, without the digests; of masked inputs the length. */
function releaseFrames({ logs: { sender } }: Recorded): string[] {
  const messages = sender.map(({ direction, frame }) => {
    return { direction, frame, type: decodeFrame(new Uint8Array(frame)).message.type };
  });
  const triples = messages.findLastIndex(({ type }) => type === "otCorrections");
  return messages
    .slice(triples + 1)
    .filter(({ type }) => RELEASE.includes(type))
    .map(({ direction, type, frame }) => {
      const bytes = type === "gateOpening" ? frame.length : Buffer.from(frame).toString("hex");
      return `${direction} ${type} ${bytes}`;
    });
}

test("numbers of unreleased cells change no message of the release but masked inputs", async () => {
  const one = await session(UNRELEASED, 0);
  const two = await session(UNRELEASED, 31_337);
  expect(one.tables.receiver.cells.map(({ labels }) => labels)).toEqual([["a"], ["b"]]);
  expect(Buffer.concat(two.logs.sender.map(({ frame }) => frame))).not.toEqual(
    Buffer.concat(one.logs.sender.map(({ frame }) => frame)),
  );
  expect(releaseFrames(two)).toEqual(releaseFrames(one));
});

test("numbers of released cells change the openings of cells and nothing else of the release", async () => {
  const one = await session(UNRELEASED, 0);
  const two = await session(new Set("a"), 1);
  const before = releaseFrames(one);
  const changed = releaseFrames(two).filter((frame, i) => frame !== before[i]);
  // Whose share carries the change depends on the earlier stages; a commitment changes with its opening.
  const types = new Set(changed.map((frame) => frame.split(" ")[1]));
  expect(types).toEqual(new Set(["cellCommitment", "cellOpening"]));
});
