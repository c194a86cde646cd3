// A category of which no cell passes and the total opens, in a report for one side: its label is among those that are sent,
// by a side that sees no number of it.
import { GroupPool, hash256, packRows, heldRows } from "@halfroom/crypto";
import { encodeIdentifier } from "@halfroom/prepare";
import { exactSums, runPair, type PreparedPair } from "@halfroom/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

const PEOPLE = 400;
/** The sender's first quarter has no match. */
const FIRST_MATCH = PEOPLE / 4;
const CELLS = 3;
/** Fifteen match, five in each cell; enough others do not. */
const isRare = (person: number) => person < FIRST_MATCH / 2 || (person >= FIRST_MATCH && person % 20 === 0);
const RARE_MATCHED = 15n;

let pool: GroupPool;
beforeAll(async () => {
  pool = await GroupPool.open(0);
});
afterAll(() => pool.close());

test.each(["receiver", "sender", "both"] as const)("result to %s", async (resultTo) => {
  const terms = {
    ...exactSums({ groupBy: ["cell"], measures: [], threshold: 11, otK: 8 }),
    senderGroupBy: ["tier"],
    totals: true,
    resultTo,
  };
  const ended = await runPair({ data: data(), terms, pool });
  for (const role of ["sender", "receiver"] as const) {
    const { report } = resultless(ended[role]);
    if (resultTo !== "both" && resultTo !== role) {
      expect(report).toBeUndefined();
      continue;
    }
    const [partition] = report!.partitions;
    expect(partition!.cells.some(({ labels }) => labels.includes("rare"))).toBe(false);
    expect(partition!.totals!.find(({ labels }) => labels[0] === "rare")?.people?.value).toBe(RARE_MATCHED);
  }
});

function resultless(ending: Awaited<ReturnType<typeof runPair>>["sender"]) {
  if ("error" in ending) throw ending.error;
  return ending.result;
}

/** The receiver's people are the sender's last three quarters and as many more as make the same number. */
function data(): PreparedPair {
  const counts = { dropped: {}, merged: 0, filtered: 0, examples: {}, digest: new Uint8Array(32) };
  const common = { ...counts, rows: PEOPLE, people: PEOPLE };
  const persons = Array.from({ length: PEOPLE }, (_, i) => i);
  const cells = Uint32Array.from(persons, (i) => i % CELLS);
  return {
    sender: {
      ...common,
      identifiers: identifiers(0),
      peoplePayload: undefined,
      measures: [],
      categories: Uint32Array.from(persons, (i) => (isRare(i) ? 1 : 0)),
      categoryLabels: [["common"], ["rare"]],
    },
    receiver: {
      ...common,
      identifiers: identifiers(FIRST_MATCH),
      partitions: [
        {
          groupBy: ["cell"],
          cells,
          labels: Array.from({ length: CELLS }, (_, i) => [`cell ${i}`]),
          base: Uint32Array.from({ length: CELLS }, (_, c) => cells.filter((cell) => cell === c).length),
        },
      ],
    },
  };
}

function identifiers(from: number) {
  const person = (i: number) => hash256("test/person", new Uint8Array(0), from + i);
  return heldRows(packRows(Array.from({ length: PEOPLE }, (_, i) => encodeIdentifier("email", person(i)))));
}
