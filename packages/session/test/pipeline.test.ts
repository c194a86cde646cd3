// The whole pipeline, both roles in memory, on small data; the expected report is worked out from the same lists plainly.
import { GroupPool, hash256, packRows } from "@halfroom/crypto";
import { exactRelease, exactSums, type OracleJoin, replaceMessage, seededRng } from "@halfroom/testkit";
import { runReceiver, runSender, tableOf } from "@halfroom/node";
import { type Terms, type SessionInput } from "@halfroom/session";
import type { Role } from "@halfroom/mpc";
import { encodeIdentifier, type PreparedReceiver, type PreparedSender } from "@halfroom/prepare";
import { decodeFrame, PHASES, type Frames, type Phase } from "@halfroom/wire";
import { afterAll, describe, expect, test } from "vitest";
import { bothEnds, codes } from "../../node/test/both-ends.ts";

const pool = await GroupPool.open(0);
afterAll(() => pool.close());

const POLICY = { thresholdMin: 2, peopleMin: 0 };
const LABELS = [
  ["spring", "young"],
  ["spring", "old"],
  ["autumn", "young"],
  ["", "\u202eodd"],
  ["winter", "none"],
];

interface Person {
  readonly name: string;
  /** Index into LABELS. */
  readonly cell: number;
  readonly values: readonly bigint[];
}

/** 60 people known to the sender, every third to the receiver too, who knows 20 others. */
const senders: Person[] = Array.from({ length: 60 }, (_, i) => ({
  name: `person${i}`,
  cell: [0, 0, 0, 1, 1, 2, 3, 3][i % 8]!,
  // In the last cell the first sum has no contributors.
  values: [i % 8 < 6 ? BigInt(i * i) - 500n : 0n, i % 2 === 0 ? -(2n ** 40n) : 2n ** 40n],
}));
const receivers = [
  ...senders.filter((_, i) => i % 3 === 0).reverse(),
  ...Array.from({ length: 20 }, (_, i) => ({ name: `stranger${i}`, cell: i % LABELS.length, values: [] })),
];

const NO_SESSION = new Uint8Array(0);
const identifiers = (people: readonly { name: string }[]) =>
  packRows(people.map(({ name }) => encodeIdentifier("email", hash256("test/person", NO_SESSION, name))));

function cellsOf(people: readonly { cell: number }[]) {
  const cells = Uint32Array.from(people, ({ cell }) => cell);
  const base = Uint32Array.from(LABELS, (_, c) => cells.filter((cell) => cell === c).length);
  return { cells, labels: LABELS, base };
}

function prepared(measures: number): { sender: PreparedSender; receiver: PreparedReceiver } {
  const counts = (people: readonly unknown[]) => ({
    rows: people.length,
    people: people.length,
    merged: 0,
    dropped: {},
    examples: {},
    digest: new Uint8Array(32),
    filtered: 0,
  });
  return {
    sender: {
      ...counts(senders),
      identifiers: identifiers(senders),
      peoplePayload: undefined,
      measures: Array.from({ length: measures }, (_, m) =>
        BigInt64Array.from(senders, ({ values }) => values[m]!),
      ),
      categories: new Uint32Array(senders.length),
      categoryLabels: [[]],
    },
    receiver: {
      ...counts(receivers),
      identifiers: identifiers(receivers),
      partitions: [{ groupBy: ["campaign", "age"], ...cellsOf(receivers) }],
    },
  };
}

function termsOf(threshold: number, measures: number, otK: 4 | 8 = 4): Terms {
  const all = ["first", "second"].map((name) => ({ name, low: -(2n ** 41n), high: 2n ** 41n, decimals: 0 }));
  return exactSums({
    measures: all.slice(0, measures),
    groupBy: ["campaign", "age"],
    threshold,
    otK,
  });
}

/** What a plain join and GROUP BY give, and the rules of exact reports open; cells in the order of their labels. */
function plainCells({ threshold, measures }: Terms) {
  const known = new Set(receivers.map(({ name }) => name));
  const matched = senders.filter(({ name }) => known.has(name));
  const cells = LABELS.map((labels, cell): OracleJoin["cells"][number] => {
    const inCell = matched.filter((person) => person.cell === cell);
    const numbers = measures.map((_, m) => inCell.map(({ values }) => values[m]!));
    return {
      labels,
      base: BigInt(receivers.filter((person) => person.cell === cell).length),
      people: BigInt(inCell.length),
      sums: numbers.map((values) => values.reduce((sum, value) => sum + value, 0n)),
      contributors: numbers.map((values) => BigInt(values.filter((value) => value !== 0n).length)),
    };
  }).sort((a, b) => (a.labels.join("\u0000") < b.labels.join("\u0000") ? -1 : 1));
  const sizes = { senderPeople: BigInt(senders.length), receiverPeople: BigInt(receivers.length) };
  return exactRelease({ ...sizes, cells }, { threshold }).released;
}

function run(
  terms: Terms,
  options: { wrap?: (frames: Frames, role: Role) => Frames; observed?: string[] } = {},
) {
  const data = prepared(terms.measures.length);
  const observe: NonNullable<SessionInput["observe"]> = {
    stage: (name, state) => options.observed?.push(`${name} ${state}`),
    progress: (name, done, total) => options.observed?.push(`${name} ${done}/${total}`),
  };
  return bothEnds((ch, role) => {
    const input = { terms, policy: POLICY, pool, rng: seededRng(`pipeline ${role}`) };
    return role === "sender"
      ? runSender(ch, data.sender, input)
      : runReceiver(ch, data.receiver, { ...input, observe });
  }, options.wrap);
}

describe("both roles get the report of a plain join", () => {
  test.each([
    ["two sums", termsOf(3, 2)],
    ["one sum and k = 8", termsOf(2, 1, 8)],
    ["people alone", termsOf(4, 0)],
    ["no cell that passes", termsOf(1000, 1)],
  ])("with %s", async (_, terms) => {
    const { sender, receiver } = await run(terms);
    const cells = plainCells(terms);
    const { partitions, threshold } = terms;
    const measures = terms.measures.map(({ name, decimals }) => ({ name, decimals }));
    const table = { groupBy: partitions[0], measures, threshold, cells };
    expect(tableOf(receiver.result!.report!)).toEqual({
      ...table,
      cellsTotal: 5,
      suppressed: 5 - cells.length,
    });
    // The sender does not learn how many cells there are.
    expect(tableOf(sender.result!.report!)).toEqual({
      ...table,
      cellsTotal: undefined,
      suppressed: undefined,
    });
    expect(sender.result!.agreement).toEqual(receiver.result!.agreement);
    expect(sender.result!.agreement).toMatchObject({
      senderPeople: 60,
      receiverPeople: 40,
      categories: 1,
      cells: [8],
    });
  });

  test("and the test's cells do pass, in part or whole, fail and have nobody", () => {
    const sums = plainCells(termsOf(3, 2)).map((cell) => cell.sums);
    expect(sums.some((each) => each.includes(undefined))).toBe(true);
    expect(sums.some((each) => !each.includes(undefined))).toBe(true);
    expect(plainCells(termsOf(3, 2)).length).toBeGreaterThan(1);
    expect(plainCells(termsOf(3, 2)).length).toBeLessThan(plainCells(termsOf(1, 2)).length);
    expect(plainCells(termsOf(1, 2)).length).toBeLessThan(LABELS.length);
  });
});

test("the observer hears of each stage, its start, its progress and its end, in order", async () => {
  const observed: string[] = [];
  await run(termsOf(3, 1), { observed });
  const stages: Phase[] = ["agree", "pseudonymise", "match", "aggregate", "release"];
  expect(observed.filter((event) => !event.includes("/"))).toEqual(
    stages.flatMap((name) => [`${name} started`, `${name} done`]),
  );
  expect(observed[3]).toBe("pseudonymise 40/40");
  expect(PHASES.filter((phase) => stages.includes(phase))).toEqual(stages);
});

describe("a message that was altered on its way", () => {
  /** Flips the lowest bit of the data of the first message of a type that `from` sends. */
  function flipping(from: Role, type: string) {
    let done = false;
    const flip = replaceMessage((message) => {
      const data = new Uint8Array((message as { data: Uint8Array }).data);
      data[0]! ^= 1;
      return { ...message, data } as typeof message;
    });
    return (frames: Frames, role: Role): Frames => ({
      recv: () => frames.recv(),
      close: (code) => frames.close(code),
      send: async (frame) => {
        if (role !== from || done || decodeFrame(frame).message.type !== type) return frames.send(frame);
        done = true;
        return flip(frame, frames);
      },
    });
  }

  test.each([
    ["receiver", "binMatrix"],
    ["sender", "store"],
    ["receiver", "productFlips"],
    ["sender", "leafCorrections"],
  ] as const)(
    "%s: %s ends both with `transcript` in the release, before a cell is opened",
    async (from, type) => {
      let opened = 0;
      const flip = flipping(from, type);
      const ends = await run(termsOf(2, 1), {
        wrap: (frames, role) => {
          const { send, ...rest } = flip(frames, role);
          const counting = async (frame: Uint8Array) => {
            if (["passOpening", "cellOpening"].includes(decodeFrame(frame).message.type)) opened++;
            await send(frame);
          };
          return { ...rest, send: counting };
        },
      });
      expect(codes(ends, "sender")).toEqual(["transcript", "transcript"]);
      for (const role of ["sender", "receiver"] as const)
        expect(ends[role].error).toMatchObject({ phase: "release" });
      expect(opened).toBe(0);
    },
  );
});

test("an error names the stage that it arose in", async () => {
  const terms = termsOf(3, 1);
  const ends = await bothEnds((ch, role) => {
    const data = prepared(1);
    const threshold = role === "sender" ? 3 : 4;
    const input = { terms: { ...terms, threshold }, policy: POLICY, pool, rng: seededRng(role) };
    return role === "sender" ? runSender(ch, data.sender, input) : runReceiver(ch, data.receiver, input);
  });
  for (const role of ["sender", "receiver"] as const) {
    expect(ends[role].error).toMatchObject({ code: "agreement", phase: "agree" });
  }
});
