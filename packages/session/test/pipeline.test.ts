// The whole pipeline, both roles in memory, on small data; the expected report is worked out from the same lists plainly.
import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  GroupPool,
  hash256,
  packRows,
  systemRng,
  type ByteRows,
  heldRows,
  type RowSource,
} from "@halfroom/crypto";
import { otherRole, ROLES, type Role } from "@halfroom/mpc";
import { encodeIdentifier } from "@halfroom/prepare";
import {
  exactRelease,
  exactSums,
  plainTable,
  replaceMessage,
  resultOf,
  runPair,
  sessionData,
  type Ending,
  type OracleJoin,
  type SessionSetup,
  type PreparedPair,
} from "@halfroom/testkit";
import { decodeFrame, PHASES, ProtocolError, type Frames, type Phase } from "@halfroom/wire";
import { afterAll, describe, expect, test } from "vitest";
import { runSession } from "../src/pipeline.ts";
import type { ShardRunner } from "../src/shards/runner.ts";
import type { Terms } from "../src/terms/terms.ts";
import { bothSides } from "./sides.ts";
import { siteOf } from "./sites.ts";

const pool = await GroupPool.open(0);
afterAll(() => pool.close());

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
  heldRows(
    packRows(people.map(({ name }) => encodeIdentifier("email", hash256("test/person", NO_SESSION, name)))),
  );

function cellsOf(people: readonly { cell: number }[]) {
  const cells = Uint32Array.from(people, ({ cell }) => cell);
  const base = Uint32Array.from(LABELS, (_, c) => cells.filter((cell) => cell === c).length);
  return { cells, labels: LABELS, base };
}

function prepared(measures: number): PreparedPair {
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

const run = (terms: Terms, changes: Partial<SessionSetup> = {}) =>
  runPair({ data: prepared(terms.measures.length), terms, pool, seed: "pipeline", ...changes });

/** "code" of a side's own error, "code from partner" of one that the partner told, "none" if all went well. */
function codeOf(ending: Ending): string {
  if (!("error" in ending)) return "none";
  if (!(ending.error instanceof ProtocolError)) throw ending.error;
  const { code, fromPartner } = ending.error;
  return fromPartner ? `${code} from partner` : code;
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
    const table = { groupBy: terms.partitions[0], cells };
    const [ofSender, ofReceiver] = [resultOf(sender), resultOf(receiver)];
    expect(ofReceiver.table).toEqual({ ...table, cellsTotal: 5, suppressed: 5 - cells.length });
    // The sender does not learn how many cells there are.
    expect(ofSender.table).toEqual({ ...table, cellsTotal: undefined, suppressed: undefined });
    for (const { report } of [ofSender, ofReceiver]) expect(report!.threshold).toBe(terms.threshold);
    expect(ofSender.session).toEqual(ofReceiver.session);
    expect(ofSender.receipt.report).toEqual(ofReceiver.receipt.report);
    expect(ofSender.signed.agreement.content).toMatchObject({
      sender: { people: 60, categories: 1 },
      receiver: { people: 40, cells: [8], evaluations: 1024 },
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

describe("shards side by side", () => {
  const terms = { ...termsOf(3, 2), shardPeople: 16 };

  test("give the same report as one", async () => {
    const { sender, receiver } = await run(terms, { seed: "side by side" });
    for (const ending of [sender, receiver]) expect(resultOf(ending).table.cells).toEqual(plainCells(terms));
  });

  test("enter the stage that adds up once, when all of them have", async () => {
    const observed: Record<Role, string[]> = { sender: [], receiver: [] };
    const observerOf = (role: Role) => ({
      stage: (name: Phase, state: string) => observed[role].push(`${name} ${state}`),
      progress: () => {},
    });
    await run(terms, { seed: "observed", observerOf });
    for (const role of ROLES)
      expect(observed[role].filter((event) => event.startsWith("aggregate"))).toEqual([
        "aggregate started",
        "aggregate done",
      ]);
  });

  test("enter no stage after one has failed, though others still run", async () => {
    const ended: Promise<void>[] = [];
    const failing: ShardRunner = {
      width: 3,
      start() {},
      run({ numbers: { shard } }, _lane, enter) {
        const running = (async () => {
          if (shard > 0) await delay(50);
          enter("aggregate");
          throw new ProtocolError("cuckoo");
        })();
        ended.push(running.catch(() => {}));
        return running;
      },
    };
    const observed: string[] = [];
    const observerOf = () => ({ stage: (name: Phase) => observed.push(name), progress: () => {} });
    const endings = await run(terms, { runnerOf: () => failing, observerOf });
    expect(codeOf(endings.sender)).toMatch(/^cuckoo/);
    await Promise.all(ended);
    expect(ended).toHaveLength(6);
    expect(observed).toContain("match");
    expect(observed).not.toContain("aggregate");
  });
});

test("the observer hears of each stage, its start, its progress and its end, in order", async () => {
  const observed: string[] = [];
  const observerOf = (role: Role) => ({
    stage: (name: Phase, state: string) => role === "receiver" && observed.push(`${name} ${state}`),
    progress: (name: Phase, done: number, total: number) =>
      role === "receiver" && observed.push(`${name} ${done}/${total}`),
  });
  await run(termsOf(3, 1), { observerOf });
  const stages: Phase[] = ["agree", "pseudonymise", "match", "aggregate", "release"];
  expect(observed.filter((event) => !event.includes("/"))).toEqual(
    stages.flatMap((name) => [`${name} started`, `${name} done`]),
  );
  const progress = observed.filter((event) => event.includes("/"));
  expect(progress.at(-1)).toBe("pseudonymise 1024/1024");
  expect(progress.every((event) => event.startsWith("pseudonymise "))).toBe(true);
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
      for (const role of ROLES) {
        expect(codeOf(ends[role])).toBe("transcript");
        expect(ends[role]).toMatchObject({ error: { phase: "release" } });
      }
      expect(opened).toBe(0);
    },
  );
});

describe("an error names the stage that it arose in", () => {
  test("two sides under other terms: `agree`", async () => {
    const endings = await bothSides(
      pool,
      (link, input) =>
        runSession(link, input).catch(async (error: ProtocolError) => {
          await link.abort(error);
          return `${error.code} ${error.phase}`;
        }),
      { receiver: { terms: termsOf(4, 1) } },
    );
    expect(Object.values(endings)).toEqual(["agreement agree", "agreement agree"]);
  });

  test("a budget that is used up: `release`, before a message of it; the partner hears `refused` alone", async () => {
    const sent: string[] = [];
    const takeBudget = () => {
      throw new ProtocolError("refused", "the budget is used up");
    };
    const { sender, receiver } = await run(termsOf(3, 1), {
      siteOf: (role) => (role === "sender" ? { takeBudget } : {}),
      wrap: (frames, role) => ({
        recv: () => frames.recv(),
        close: (code) => frames.close(code),
        send: async (frame) => {
          if (role === "sender") sent.push(decodeFrame(frame).message.type);
          await frames.send(frame);
        },
      }),
    });
    expect(sender).toMatchObject({ error: { code: "refused", phase: "release", fromPartner: false } });
    expect(receiver).toMatchObject({ error: { code: "refused", phase: "release", fromPartner: true } });
    expect(String((receiver as { error: unknown }).error)).not.toContain("budget is used up");
    expect(sent.at(-1)).toBe("abort");
    expect(sent).not.toContain("passOpening");
  });
});

test("a report for one side alone is signed by both, and the other has no number of it", async () => {
  const terms = { ...termsOf(3, 1), resultTo: "receiver" as const };
  const { sender, receiver } = await run(terms);
  if ("error" in sender) throw sender.error;
  expect(sender.result.report).toBeUndefined();
  const result = resultOf(receiver);
  expect(plainTable(result.report!).cells).toEqual(plainCells(terms));
  expect(Buffer.compare(sender.result.receipt.report, result.receipt.report)).toBe(0);
  expect(sender.result.reportNonce).toBeUndefined();
  expect(result.reportNonce).toHaveLength(32);
});

test("once people are pseudonymised nobody holds their identifiers any more", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const data = prepared(1);
  const held: Record<Role, (RowSource & ByteRows) | undefined> = {
    sender: identifiers(senders),
    receiver: identifiers(receivers),
  };
  const watched = Object.fromEntries(
    ROLES.map((role) => [role, [held[role]!, held[role]!.bytes].map((each) => new WeakRef<object>(each))]),
  ) as Record<Role, WeakRef<object>[]>;
  const alive: Record<string, boolean[]> = {};
  const look = (role: Role, when: string) => {
    collect();
    alive[`${role} ${when}`] = watched[role].map((each) => each.deref() !== undefined);
  };
  const changesOf = (role: Role) => ({
    terms: termsOf(3, 1),
    data: sessionData(data[role], role),
    takeIdentifiers: () => {
      const given = held[role]!;
      held[role] = undefined;
      return { identifiers: given };
    },
    rng: systemRng,
    site: siteOf(role, {
      takeUp: () => look(role, "agreed"),
      takeBudget: () => look(role, "at the release"),
    }),
  });
  await bothSides(pool, runSession, { sender: changesOf("sender"), receiver: changesOf("receiver") });
  expect(alive).toEqual({
    "sender agreed": [true, true],
    "receiver agreed": [true, true],
    "sender at the release": [false, false],
    "receiver at the release": [false, false],
  });
});

test.each(ROLES)(
  "the %s cannot keep what both have signed: its partner is told that, and no other code",
  async (role) => {
    const takeUp = () => {
      throw new Error("the disk is full");
    };
    const siteOfRole = (each: Role) => (each === role ? { takeUp } : {});
    const ended = await run(termsOf(3, 1), { siteOf: siteOfRole });
    expect(codeOf(ended[otherRole(role)])).toBe("internal from partner");
  },
);
