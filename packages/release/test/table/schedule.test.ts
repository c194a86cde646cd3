// The list of tests and gates that both sides compare before anything is published or opened: written once more from the
// specification (sections 10.6, 13.3, 13.4), and what becomes of a side that runs anything else.
import { readFileSync } from "node:fs";
import { hash256 } from "@halfroom/crypto";
import { Gates, type Gate, type Role, type Wire } from "@halfroom/mpc";
import { releaseTable, type ReleaseRules, type TableShape } from "@halfroom/release";
import { decodeFrame } from "@halfroom/wire";
import { describe, expect, test } from "vitest";
import { noiseReach } from "../../src/accounting/tail.ts";
import { ROLES, SESSION } from "../release-parties.ts";
import { EXACT, KIND, listOf, NOISE, setup } from "./lists.ts";
import { runTable, withGates, type PartyInput, type TableSetup } from "./table-parties.ts";

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

/** Section 10.6, "signs", of lists of [numbers, width]. */
function comparisonLines(lists: readonly (readonly [n: number, width: number])[]): string[] {
  const gate = (left: string, right: string, output: string, n: number) =>
    `and ${left} ${right} ${output} ${words(n)}`;
  const first = lists.flatMap(([n, width], l) =>
    range(0, width - 1).map((i) => gate(`x${l}.${i}`, `y${l}.${i}`, `g${l}.${i}`, n)),
  );
  const lines = [`exchange ${first.length}`, ...first];
  let pairs = lists.map(([, width]) => width - 1);
  while (Math.max(...pairs) > 1) {
    const gates = lists.flatMap(([n], l) => {
      const h = Math.floor(pairs[l]! / 2);
      return [
        ...range(0, h).map((i) => gate(`p${l}.${2 * i + 1}`, `g${l}.${2 * i}`, `g${l}.${i}`, n)),
        ...range(1, h).map((i) => gate(`p${l}.${2 * i + 1}`, `p${l}.${2 * i}`, `p${l}.${i}`, n)),
      ];
    });
    lines.push(`exchange ${gates.length}`, ...gates);
    pairs = pairs.map((count) => Math.ceil(count / 2));
  }
  return lines;
}

/** Section 13.3: the least width, 2 at least, of signed numbers from low to high. */
function widthOf(low: bigint, high: bigint): number {
  for (let width = 2; ; width++)
    if (high < 2n ** BigInt(width - 1) && low >= -(2n ** BigInt(width - 1))) return width;
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
  const { threshold: t, entriesMax: e = 1, pair, limits } = rules;
  const exact = rules.mode === "exact";
  const measures = columns.filter(({ kind }) => kind === "sum").length;
  const lines: string[] = [];
  const runs: { bounds: readonly bigint[]; width: number }[] = [];
  const bits: number[][] = [];
  const numbers = partitions.reduce((sum, rows) => sum + rows * G * columns.length, 0);
  // The test's tables give sums and people no relation, and their bounds are symmetric.
  const N = limits.peopleMax;
  const perPerson = columns.map(({ kind }) => {
    if (kind === "sum") return [-(2n ** 20n), 2n ** 20n] as const;
    return [0n, kind === "squares" ? 2n ** 40n : 1n] as const;
  });
  partitions.forEach((rows, P) => {
    const reach = columns.map((_, c) =>
      rules.noise === undefined ? 0n : noiseReach(rules.noise[P]![c]!, 2 ** -40 / (2 * numbers)),
    );
    const r = reach[0]!;
    const pairs = rows * G;
    const bases = rows + G + 2 + (e > 1 ? pairs : 0);
    const te = t * BigInt(e);
    const least = range(0, bases).map((base) => (base < rows || base >= rows + G + 2 ? t : te));
    const run = (kind: string, of: readonly bigint[], low: bigint, high: bigint) => {
      const first = runs.reduce((sum, { bounds }) => sum + bounds.length, 0);
      if (of.length === 0) return first;
      lines.push(`tests ${P} ${of.length} ${kind}`);
      runs.push({ bounds: of, width: widthOf(low, high) });
      return first;
    };
    const same = (count: number, bound: bigint) => Array.from({ length: count }, () => bound);
    const over = BigInt(pairs) * r;
    const matchedMost = N * BigInt(e) + over;
    const base = limits.baseMax;
    const people = run("people", same(pairs, t), -r - te, N + r);
    const unmatched = run("unmatched", exact ? least : [], -matchedMost - te, base + over);
    const contributors = run("contributors", exact ? same(pairs * measures, t) : [], -te, N);
    const rule = (bounds: readonly bigint[]) => (pair ? bounds : []);
    const within = run("within", rule(least.map(() => 0n)), -20n * matchedMost - 1n, 17n * base + 20n * over);
    const isOver = run("over", rule(least.map(() => 1n)), -20n * over - 17n * base - 1n, 20n * matchedMost);
    const matched = run("matched", rule(least), -over - te, matchedMost);
    const ranges = columns.map(({ kind }, c) => {
      const [low, high] = [perPerson[c]![0] * N, perPerson[c]![1] * N];
      const whole = high - low + 2n * reach[c]!;
      const tests: number[] = [];
      if (kind === "sum" || kind === "squares")
        tests.push(run(`least ${c}`, same(pairs, low - reach[c]!), 0n, whole));
      if (kind !== "contributors") tests.push(run(`most ${c}`, same(pairs, -high - reach[c]!), 0n, whole));
      return tests;
    });
    const shared = range(0, pairs).map((at) => {
      const [row, category] = [Math.floor(at / G), at % G];
      const own = [row, rows + category, rows + G, rows + G + 1, ...(e > 1 ? [rows + G + 2 + at] : [])];
      return [
        people + at,
        ...ranges[0]!.map((first) => first + at),
        ...(exact ? own.map((each) => unmatched + each) : []),
        ...(pair ? own.map((each) => within + each) : []),
      ];
    });
    for (const [at, tests] of shared.entries())
      bits.push(
        exact ? tests : [...tests, ...ranges.slice(1).flatMap((own) => own.map((first) => first + at))],
      );
    if (exact)
      for (const [at, tests] of shared.entries())
        for (const measure of range(0, measures)) {
          const own = columns.flatMap((column, c) =>
            column.kind !== "people" && column.measure === measure ? ranges[c]! : [],
          );
          bits.push([...tests, contributors + at * measures + measure, ...own.map((first) => first + at)]);
        }
    if (pair) for (const each of range(0, bases)) bits.push([isOver + each, matched + each]);
  });
  for (const { bounds, width } of runs) lines.push(`compare ${bounds.length} ${width} ${listDigest(bounds)}`);
  lines.push(...comparisonLines(runs.map(({ bounds, width }) => [bounds.length, width])));
  const F = Math.max(...bits.map((tests) => tests.length));
  for (const i of range(0, F))
    lines.push(`vector v${i} ${bits.length} ${listDigest(bits.map((tests) => tests[i] ?? ONE))}`);
  lines.push(`vector v${F} ${bits.length} filled`);
  lines.push(...andLines(F + 1, bits.length));
  return { lines, bits: bits.length };
}

/** Section 13.3: the width of each number of the table, in its order. */
function numberWidths({ shape: { partitions, categories, columns }, rules }: TableSetup): number[] {
  const numbers = partitions.reduce((sum, rows) => sum + rows * categories * columns.length, 0);
  return partitions.flatMap((rows, P) => {
    const block = columns.map(({ kind }, c) => {
      const reach =
        rules.noise === undefined ? 0n : noiseReach(rules.noise[P]![c]!, 2 ** -40 / (2 * numbers));
      if (kind === "people") return widthOf(-reach, 2n ** 20n + reach);
      return kind === "sum"
        ? widthOf(-(2n ** 40n) - reach, 2n ** 40n + reach)
        : widthOf(-reach, 2n ** 60n + reach);
    });
    return range(0, rows * categories).flatMap(() => block);
  });
}

test("the list with a blind sender is the specification's", async () => {
  const table = setup({ ...NOISE, opensTo: "receiver", blindSender: true }, { ...KIND, categories: 1 }, 2);
  const { list } = await listOf(table);
  const { lines, bits } = tableLines(table.shape, table.rules);
  const widths = numberWidths(table);
  const opening = [
    `multiply ${bits} ${table.shape.columns.length}`,
    `publish pass ${bits}`,
    `open ${widths.length} ${listDigest(widths)}`,
  ];
  expect(list.split("\n")).toEqual([...lines, ...opening, ""]);
});

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
    const open = numberWidths(table).filter((_, i) => outcome.table.opened[i] === 1);
    const opening = `open ${open.length} ${listDigest(open)}`;
    expect(list.split("\n")).toEqual([...lines, `publish pass ${bits}`, opening, ""]);
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

const vector = JSON.parse(
  readFileSync(new URL("../../../../test/vectors/release/gates.json", import.meta.url), "utf8"),
) as { session: string; list: string[]; schedules: string[] };

describe("the list of a table with totals", () => {
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

const ANDS = vector.list.filter((line) => line.startsWith("and "));
/** The number of a gate among all, given how its line begins. */
const gateAt = (start: string) => ANDS.findIndex((line) => line.startsWith(start));

describe.each(ROLES)("a %s that runs other gates", (odd) => {
  const totals = setup({ ...EXACT, pair: true, totals: true });
  // Gates of the first comparison and its carry tree, of the table's ANDs; then of the totals' rounds.
  const gates: [string, number, number][] = [
    ["the first gate of a comparison", 0, 0],
    ["a gate that generates", gateAt("and x3.7 "), 0],
    ["a gate of the carry tree", gateAt("and p2.5 g2.4 "), 0],
    ["the last gate of the carry tree", gateAt("and v0 ") - 1, 0],
    ["the first AND of tests", gateAt("and v0 "), 0],
    ["an OR of a total", gateAt("and enough "), 1],
    ["the last OR of a total", ANDS.length - 1, 2],
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
    expect(sent).not.toContain("passOpening");
  });

  test("for it tests against another bound is told by both", async () => {
    const { ends, sent } = await endsOf(setup(EXACT), odd, (input) => ({
      ...input,
      rules: { ...input.rules, threshold: 12n },
    }));
    for (const role of ROLES) expect(ends[role]).toMatchObject({ code: "agreement" });
    expect(sent).not.toContain("passOpening");
  });
});
