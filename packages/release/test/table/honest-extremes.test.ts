// Widths and tests of ranges (protocol-spec.md, section 13.3): whatever an honest run can reach, also at its extremes, no number
// leaves its width, no test leaves the bits it is compared in, and every range holds. Reaches of the noise are included.
import type { Role } from "@halfroom/mpc";
import { tableColumns, type ReleaseRules, type TableShape } from "@halfroom/release";
import { asRing } from "@halfroom/crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { packNumbers, openPacked } from "../../src/packed.ts";
import { refusedShape } from "../../src/table/refused.ts";
import { layoutOf } from "../../src/table/layout.ts";
import { reachesOf } from "../../src/table/limits.ts";
import { runsOf } from "../../src/table/runs.ts";
import { tableTests, type OwnNumbers, type Tests } from "../../src/table/tests.ts";
import { hiddenTests, segmentsOf } from "../../src/table/totals.ts";
import { openedWidths } from "../../src/table/widths.ts";
import { totalAddends } from "../../src/table/opened-totals.ts";

const ROLES: readonly Role[] = ["sender", "receiver"];
/** Where a number lies between its least and its most: at an end more often than not. */
const place = fc.constantFrom(0n, 0n, 1n, 2n, 3n, 4n, 4n);
const between = (low: bigint, high: bigint, quarters: bigint) => low + ((high - low) * quarters) / 4n;

/** An honest run's table and what both sides bring. */
const run = fc
  .record({
    keys: fc.integer({ min: 1, max: 3 }),
    sender: fc.constantFrom(1, 2, 1000, 2 ** 20, 2 ** 26),
    receiver: fc.constantFrom(1, 3, 1000, 2 ** 20, 2 ** 26),
    entries: fc.integer({ min: 1, max: 4 }),
    isEvents: fc.boolean(),
    rows: fc.integer({ min: 1, max: 4 }),
    categories: fc.integer({ min: 1, max: 3 }),
    bounds: fc.array(
      fc.record({
        low: fc.constantFrom(-70_000n, -1n, 0n, 1n, 5n),
        width: fc.constantFrom(0n, 1n, 3n, 69_999n),
        squares: fc.boolean(),
      }),
      { maxLength: 3 },
    ),
    mode: fc.constantFrom("exact" as const, "noise" as const),
    pair: fc.boolean(),
    threshold: fc.constantFrom(1n, 11n, 100n, 2n ** 20n),
    scale: fc.constantFrom(1n, 10n, 1000n, 10n ** 9n),
    places: fc.array(place, { minLength: 200, maxLength: 200 }),
  })
  .map((drawn) => {
    const { keys, sender, receiver, entries, rows, categories, mode, pair, threshold } = drawn;
    let at = 0;
    const next = () => drawn.places[at++ % drawn.places.length]!;
    const events = drawn.isEvents;
    const measures = drawn.bounds.map(({ low, width, squares }) => {
      return { low, high: low + width, squares: squares && !events };
    });
    const limits = {
      keys: BigInt(keys),
      peopleMax: BigInt(keys * Math.min(sender, receiver)),
      baseMax: BigInt(entries * Math.max(sender, receiver)),
      measures: measures.map(({ low, high }) => {
        return { low: low < 0n ? low : 0n, high: high > 0n ? high : 0n };
      }),
      sumsFollowPeople: !events,
    };
    const columns = tableColumns(
      measures.map(({ squares }) => ({ squares })),
      mode,
    );
    const shape: TableShape = { partitions: [rows], categories, columns };
    const noise =
      mode === "noise"
        ? [
            columns.map(() => ({
              mechanism: "laplace" as const,
              scale: { numerator: drawn.scale, denominator: 1n },
            })),
          ]
        : undefined;
    const entriesOfRules = events ? 1 : entries;
    const rules: ReleaseRules = {
      mode,
      noise,
      limits,
      threshold: threshold * BigInt(keys),
      pair,
      totals: mode === "exact",
      entriesMax: entriesOfRules,
      opensTo: "both",
    };
    // A person counts in as many rows as it has entries, once in each; where events are credited, in one.
    const perRow = limits.peopleMax;
    let left = perRow * BigInt(entriesOfRules);
    const numbers: bigint[] = [];
    const sumsLeft = limits.measures.map(({ low, high }) => ({ low: low * perRow, high: high * perRow }));
    for (let row = 0; row < rows; row++) {
      let ofRow = left < perRow ? left : perRow;
      for (let category = 0; category < categories; category++) {
        const people = between(0n, ofRow, next());
        ofRow -= people;
        left -= people;
        for (const column of columns) {
          if (column.kind === "people") numbers.push(people);
          else if (column.kind === "contributors") numbers.push(between(0n, people, next()));
          else {
            const { low, high } = limits.measures[column.measure]!;
            const { low: clipLow, high: clipHigh } = measures[column.measure]!;
            const most = clipHigh > -clipLow ? clipHigh : -clipLow;
            if (column.kind === "squares") numbers.push(between(0n, most * most * people, next()));
            else if (!events) numbers.push(between(low * people, high * people, next()));
            else {
              const open = sumsLeft[column.measure]!;
              const sum = between(open.low, open.high, next());
              if (sum < 0n) open.low -= sum;
              else open.high -= sum;
              numbers.push(sum);
            }
          }
        }
      }
    }
    const reaches = reachesOf(shape, rules)[0]!;
    const noises = numbers.map((_, i) => {
      const reach = reaches[i % columns.length]!;
      return between(-reach, reach, next());
    });
    // Also where events are credited a person may be in several rows.
    let receivers = BigInt(receiver * entries);
    const rowSizes = Uint32Array.from({ length: rows }, () => {
      const size = between(0n, receivers < BigInt(receiver) ? receivers : BigInt(receiver), next());
      receivers -= size;
      return Number(size);
    });
    let senders = BigInt(sender);
    const categorySizes = Uint32Array.from({ length: categories }, () => {
      const size = between(0n, senders, next());
      senders -= size;
      return Number(size);
    });
    const share = 0x1234_5678_9abc_def0n;
    const own = (role: Role): OwnNumbers => ({
      role,
      numbers: new Uint32Array(
        asRing(
          BigInt64Array.from(numbers, (number, i) =>
            role === "sender" ? share : number + noises[i]! - share,
          ),
        ),
      ),
      bases: role === "sender" ? categorySizes : rowSizes,
    });
    const owns = { sender: own("sender"), receiver: own("receiver") };
    const opens = Uint8Array.from(numbers, (_, i) =>
      columns[i % columns.length]!.kind === "contributors" ? 0 : Number(next() > 0n),
    );
    return { shape, rules, owns, values: numbers.map((number, i) => number + noises[i]!), opens };
  });

const fits = (value: bigint, width: number) => BigInt.asIntN(width, value) === value;

/** What each test compares with 0, from both sides' addends. */
function compared({ sender, receiver }: Record<Role, Tests>): bigint[] {
  const [left, right] = [sender, receiver].map(({ shares }) => new BigInt64Array(shares.buffer));
  return Array.from(left!, (share, i) => BigInt.asIntN(64, share + right![i]! - sender.bounds[i]!));
}

function assertRuns(values: readonly bigint[], runs: readonly { count: number; width: number }[]) {
  let at = 0;
  for (const { count, width } of runs)
    for (let i = 0; i < count; i++) expect(fits(values[at++]!, width)).toBe(true);
  expect(at).toBe(values.length);
}

const both = <T>(of: (role: Role) => T) =>
  Object.fromEntries(ROLES.map((role) => [role, of(role)])) as Record<Role, T>;

test("no honest number or test leaves its width, and every range holds", () => {
  fc.assert(
    fc.property(run, ({ shape, rules, owns, values, opens }) => {
      fc.pre(refusedShape(shape, rules) === undefined);
      const layout = layoutOf(shape, rules);
      const runs = runsOf(layout, shape, rules);
      const tests = compared(both((role) => tableTests(layout, shape, rules, owns[role], runs)));
      assertRuns(tests, runs);
      for (const { kind, first, count } of runs)
        if (typeof kind === "object")
          for (const value of tests.slice(first, first + count)) expect(value >= 0n).toBe(true);
      // Opened as by the release: each number's width in bits and no more.
      const totals = both((role) => totalAddends(shape, owns[role].numbers));
      const wholes = Uint8Array.from({ length: shape.categories * shape.columns.length }, (_, i) =>
        Number(rules.totals && shape.columns[i % shape.columns.length]!.kind !== "contributors"),
      );
      const widths = openedWidths(shape, rules, opens, wholes);
      const picked = (role: Role) => {
        const table = new BigInt64Array(owns[role].numbers.slice().buffer).filter((_, i) => opens[i] === 1);
        const ofAll = new BigInt64Array(totals[role].slice().buffer).filter((_, i) => wholes[i] === 1);
        return new Uint32Array(BigInt64Array.from([...table, ...ofAll]).buffer);
      };
      const opened = openPacked(picked("receiver"), packNumbers(picked("sender"), widths), widths);
      const columns = shape.columns.length;
      const width = shape.categories * columns;
      const expected = [
        ...values.filter((_, i) => opens[i] === 1),
        ...Array.from({ length: width }, (_, i) =>
          values.reduce((sum, value, at) => (at % width === i ? sum + value : sum), 0n),
        ).filter((_, i) => wholes[i] === 1),
      ];
      expect(Array.from(new BigInt64Array(opened.buffer))).toEqual(expected);
      if (!rules.totals) return;
      const part = layout.partitions[0]!;
      for (const open of [undefined, Uint8Array.from({ length: shape.categories }, () => 1)]) {
        const segments = segmentsOf(part, shape, opens, open);
        if (segments.length === 0) continue;
        const hidden = both((role) => hiddenTests(part, shape, rules, owns[role], segments));
        assertRuns(compared(hidden), hidden.sender.runs);
      }
    }),
    { numRuns: 300 },
  );
});
