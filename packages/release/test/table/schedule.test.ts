// The list of tests and gates that both sides compare before anything is published or opened: written once more from the
// specification (sections 10.6, 13.3, 13.4), and what becomes of a side that runs anything else.
import { readFileSync } from "node:fs";
import { hash256 } from "@halfroom/crypto";
import { Gates, type Gate, type Role, type Wire } from "@halfroom/mpc";
import { releaseTable, type ReleaseRules, type TableShape } from "@halfroom/release";
import { decodeFrame } from "@halfroom/wire";
import { describe, expect, test } from "vitest";
import { ROLES, SESSION } from "../release-parties.ts";
import { randomTable, shapeOf, type Kind } from "./random-tables.ts";
import { runTable, withGates, type PartyInput, type TableSetup } from "./table-parties.ts";

const EXACT: ReleaseRules = { mode: "exact", threshold: 11n, pair: false, totals: false, opensTo: "both" };
const NOISE: ReleaseRules = { ...EXACT, mode: "noise" };
const KIND: Kind = { rows: 5, padding: 3, categories: 2, measures: [{ squares: false }] };

function setup(rules: ReleaseRules, kind: Kind = KIND, partitions = 1): TableSetup {
  const entries = rules.entriesMax ?? 1;
  const tables = Array.from({ length: partitions }, (_, i) =>
    randomTable({ ...kind, entries }, rules, `list ${i}`),
  );
  const numbers = tables.flatMap((table) => table.numbers.flat(2));
  const none = new BigInt64Array(numbers.length);
  return {
    shape: shapeOf(tables),
    rules,
    numbers,
    bases: {
      receiver: Uint32Array.from(tables.flatMap((table) => table.rowBases)),
      sender: Uint32Array.from(tables[0]!.categoryBases),
    },
    ...(rules.mode === "noise" ? { noise: { sender: none, receiver: none } } : {}),
    seed: "list",
  };
}

/** The list of a run, and the messages that each side sent. */
async function listOf(setup: TableSetup) {
  const lists: Partial<Record<Role, string>> = {};
  const variant = async (input: PartyInput) => {
    const outcome = await releaseTable(input);
    lists[input.role] = input.gates.list();
    return outcome;
  };
  const { sender: outcome, log } = await runTable({ ...setup, variant });
  expect(lists.receiver).toBe(lists.sender);
  return { list: lists.sender!, outcome, log };
}

/** LE32 or LE64 of all numbers, hashed as section 13.2 says. */
function listDigest(numbers: readonly (number | bigint)[]): string {
  const bytes = numbers.map((number) => {
    const piece = Buffer.alloc(typeof number === "bigint" ? 8 : 4);
    if (typeof number === "bigint") piece.writeBigInt64LE(number);
    else piece.writeUInt32LE(number);
    return piece;
  });
  return Buffer.from(hash256("release/list", SESSION, Buffer.concat(bytes))).toString("hex");
}

const words = (bits: number) => Math.ceil(bits / 32);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

/** Section 10.6, "at least". */
function comparisonLines(n: number): string[] {
  const w = words(n);
  const lines = ["exchange 64", ...range(0, 64).map((i) => `and x${i} y${i} g${i} ${w}`)];
  for (const h of [32, 16, 8, 4, 2, 1]) {
    lines.push(`exchange ${2 * h - 1}`);
    for (const i of range(0, h)) lines.push(`and p${h + i} g${i} g${i} ${w}`);
    for (const i of range(1, h)) lines.push(`and p${h + i} p${i} p${i} ${w}`);
  }
  return lines;
}

/** Section 10.6, "and of several". */
function andLines(vectors: number, bits: number): string[] {
  const lines: string[] = [];
  for (let left = vectors; left > 1; left = Math.ceil(left / 2)) {
    const h = Math.floor(left / 2);
    lines.push(`exchange ${h}`, ...range(0, h).map((i) => `and v${i} v${h + i} v${i} ${words(bits)}`));
  }
  return lines;
}

const ONE = 2 ** 32 - 1;

/** Section 13.3: all lines before the first publication, without `publish` itself, and the number of bits. */
function tableLines({ partitions, categories: G, columns }: TableShape, rules: ReleaseRules) {
  const { threshold: t, entriesMax: e = 1, pair } = rules;
  const exact = rules.mode === "exact";
  const measures = columns.filter(({ kind }) => kind === "sum").length;
  const lines: string[] = [];
  const bounds: bigint[] = [];
  const bits: number[][] = [];
  partitions.forEach((rows, P) => {
    const pairs = rows * G;
    const bases = rows + G + 2 + (e > 1 ? pairs : 0);
    const least = range(0, bases).map((base) => (base < rows || base >= rows + G + 2 ? t : t * BigInt(e)));
    const run = (kind: string, of: readonly bigint[]) => {
      const first = bounds.length;
      if (of.length > 0) lines.push(`tests ${kind} ${P} ${of.length}`);
      bounds.push(...of);
      return first;
    };
    const people = run(
      "people",
      Array.from({ length: pairs }, () => t),
    );
    const unmatched = run("unmatched", exact ? least : []);
    const contributors = run("contributors", exact ? Array.from({ length: pairs * measures }, () => t) : []);
    const within = run("within", pair ? least.map(() => 0n) : []);
    const over = run("over", pair ? least.map(() => 1n) : []);
    const matched = run("matched", pair ? least : []);
    const shared = range(0, pairs).map((at) => {
      const [row, category] = [Math.floor(at / G), at % G];
      const own = [row, rows + category, rows + G, rows + G + 1, ...(e > 1 ? [rows + G + 2 + at] : [])];
      return [
        people + at,
        ...(exact ? own.map((base) => unmatched + base) : []),
        ...(pair ? own.map((base) => within + base) : []),
      ];
    });
    bits.push(...shared);
    if (exact)
      for (const [at, tests] of shared.entries())
        for (const measure of range(0, measures))
          bits.push([...tests, contributors + at * measures + measure]);
    if (pair) for (const base of range(0, bases)) bits.push([over + base, matched + base]);
  });
  const own = e > 1 ? 5 : 4;
  const F = 1 + (exact ? own + 1 : 0) + (pair ? own : 0);
  lines.push(`compare ${bounds.length} 64 ${listDigest(bounds)}`, ...comparisonLines(bounds.length));
  for (const i of range(0, F))
    lines.push(`vector v${i} ${bits.length} ${listDigest(bits.map((tests) => tests[i] ?? ONE))}`);
  lines.push(...andLines(F, bits.length));
  return { lines, bits: bits.length };
}

describe("the list of a table", () => {
  test.each<[string, TableSetup]>([
    ["with noise", setup(NOISE)],
    ["with noise and pair, two partitions", setup({ ...NOISE, pair: true }, KIND, 2)],
    [
      "with noise and pair, several entries",
      setup({ ...NOISE, pair: true, entriesMax: 3 }, { ...KIND, entries: 3 }),
    ],
    ["exact, without measures", setup(EXACT, { ...KIND, measures: [] })],
    ["exact, with squares", setup(EXACT, { ...KIND, measures: [{ squares: true }, { squares: false }] })],
    ["exact, with pair", setup({ ...EXACT, pair: true })],
    [
      "exact, with pair, several entries",
      setup({ ...EXACT, pair: true, entriesMax: 2 }, { ...KIND, entries: 2 }),
    ],
  ])("%s is the specification's", async (_, table) => {
    const { list, outcome } = await listOf(table);
    const { lines, bits } = tableLines(table.shape, table.rules);
    const open = outcome.table.opened.reduce((sum, bit) => sum + bit, 0);
    expect(list.split("\n")).toEqual([...lines, `publish pass ${bits}`, `open ${open}`, ""]);
  });

  test("goes out as a digest, before anything that opens", async () => {
    const { list, log } = await listOf(setup(EXACT));
    const sent = log.sender.flatMap(({ direction, frame }) => {
      const { message } = decodeFrame(frame);
      return direction === "sent" && message.type === "transcript" ? [message] : [];
    });
    const published = list.slice(0, list.indexOf("open "));
    expect(sent.map(({ schedule }) => schedule)).toEqual(
      [published, list].map((lines) => new Uint8Array(hash256("release/schedule", SESSION, lines))),
    );
  });
});

describe("the list of a table with totals", () => {
  const vector = JSON.parse(
    readFileSync(new URL("../../../../test/vectors/release/gates.json", import.meta.url), "utf8"),
  ) as { session: string; list: string[]; schedules: string[] };

  test("is the one of the vector", async () => {
    const { list } = await listOf(setup({ ...EXACT, pair: true, totals: true }));
    expect(list.split("\n").slice(0, -1)).toEqual(vector.list);
    expect(vector.session).toBe(Buffer.from(SESSION).toString("hex"));
    const ends = vector.list.flatMap((line, i) => (/^(publish|open) /.test(line) ? [i + 1] : []));
    const digests = ends.map((end) => {
      const lines = vector.list.slice(0, end).map((line) => `${line}\n`);
      return Buffer.from(hash256("release/schedule", SESSION, lines.join(""))).toString("hex");
    });
    expect(digests).toEqual(vector.schedules);
  });
});

/** Exchanges the operands of one gate: what a reader does who takes the right one for the left one. */
class Exchanged extends Gates {
  #left: number;

  constructor(at: number, { ch, role, triples }: PartyInput) {
    super(ch, role, triples);
    this.#left = at;
  }

  override and(gates: readonly Gate[]): Promise<Wire[]> {
    const changed = gates.map((gate) =>
      this.#left-- === 0 ? { ...gate, left: gate.right, right: gate.left } : gate,
    );
    return super.and(changed);
  }
}

/** How both sides end when `change` is what `odd` makes of its input, and what they had sent by then. */
async function endsOf(table: TableSetup, odd: Role, change: (input: PartyInput) => PartyInput) {
  const ends: Partial<Record<Role, unknown>> = {};
  const sent: string[] = [];
  const variant = async (input: PartyInput) => {
    const send: PartyInput["ch"]["send"] = (message) => {
      sent.push(message.type);
      return input.ch.send(message);
    };
    const own = withGates({ ...input, ch: { send, recv: (type) => input.ch.recv(type) } });
    try {
      return await releaseTable(input.role === odd ? change(own) : own);
    } catch (error) {
      ends[input.role] = error;
      throw error;
    }
  };
  await runTable({ ...table, variant }).catch(() => {});
  return { ends, sent };
}

describe.each(ROLES)("a %s that runs other gates", (odd) => {
  const totals = setup({ ...EXACT, pair: true, totals: true });
  // Gates of the first comparison and its carry tree, of the table's ANDs; then of the totals' rounds.
  const gates: [string, number, number][] = [
    ["the first gate of a comparison", 0, 0],
    ["a gate that generates", 63, 0],
    ["a gate of the carry tree", 64 + 40, 0],
    ["the last gate of the carry tree", 183, 0],
    ["the first AND of tests", 184, 0],
    ["the last AND of tests", 184 + 8, 0],
    ["an OR of a total", 184 + 9 + 184 + 2, 1],
    ["the last OR of a total", 184 + 9 + 184 + 2 + 1 + 6 + 1, 1],
  ];
  test.each(gates)("for it exchanged the operands of %s is told by both", async (_, at, published) => {
    const { ends, sent } = await endsOf(totals, odd, (input) => ({
      ...input,
      gates: new Exchanged(at, input),
    }));
    for (const role of ROLES) expect(ends[role]).toMatchObject({ code: "agreement" });
    expect(sent.filter((type) => type === "passOpening")).toHaveLength(2 * published);
    expect(sent).not.toContain("cellOpening");
  });

  test("for it has a row and so a test more, in messages of the same length, is told by both", async () => {
    const table = setup(NOISE, { ...KIND, categories: 1 });
    const less = ({ shape, own, ...input }: PartyInput): PartyInput => {
      const rows = shape.partitions[0]! - 1;
      const numbers = rows * shape.columns.length;
      return {
        ...input,
        shape: { ...shape, partitions: [rows] },
        own: {
          shares: own.shares.slice(0, numbers * 2),
          noise: own.noise!.slice(0, numbers),
          bases: input.role === "receiver" ? own.bases.slice(0, rows) : own.bases,
        },
      };
    };
    const { ends, sent } = await endsOf(table, odd, less);
    for (const role of ROLES) expect(ends[role]).toMatchObject({ code: "agreement" });
    expect(sent).not.toContain("passCommitment");
  });

  test("for it tests against another bound is told by both", async () => {
    const { ends, sent } = await endsOf(setup(EXACT), odd, (input) => ({
      ...input,
      rules: { ...input.rules, threshold: 12n },
    }));
    for (const role of ROLES) expect(ends[role]).toMatchObject({ code: "agreement" });
    expect(sent).not.toContain("passCommitment");
  });
});
