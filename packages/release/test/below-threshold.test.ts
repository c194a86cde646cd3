// Of a cell below the threshold nothing is computable from a side's view of the release.
//
// The proof is by construction. Take a run, and another table that differs below the threshold only. One side, the partner,
// keeps its shares and its coins; the other, the hidden side, holds what is left of the new table. The test looks for coins
// of the hidden side with which the partner sees the first run again, byte for byte, both ways. It finds them by shifting
// the hidden side's triples by what its inputs changed, a one-to-one map between the coins of the two tables. So each view
// is equally likely under both, and the partner can tell them apart by nothing, whatever it computes.
import type { Role, Triples, TripleSource } from "@halfroom/mpc";
import { otherRole } from "@halfroom/mpc";
import { plainRelease, type PlainReleaseInput } from "@halfroom/testkit";
import { exchangeBulk } from "@halfroom/wire";
import { describe, expect, test } from "vitest";
import {
  completing,
  hexLog,
  randomMask,
  ROLES,
  runRelease,
  sentBy,
  setupOf,
  shareTable,
  type ReleaseRun,
  type ReleaseSetup,
  type Table,
} from "./release-parties.ts";
import { seededRng } from "@halfroom/testkit";

const THRESHOLD = 50n;
const TABLE: Table = [
  [50n, 1000n, -7n],
  [3n, 12n, 5n],
  [49n, 490n, 0n],
  [80n, -1n, 2n],
  [0n, 0n, 0n],
  [0n, 0n, 0n],
  [-4n, 9n, 1n],
  [1200n, 2n ** 61n, 3n],
  [7n, 7n, 7n],
];
/** The same where cells pass; all else is different. */
const OTHER: Table = TABLE.map((row, cell) => {
  if (row[0]! >= THRESHOLD) return row;
  return [[49n, 0n, 24n, 1n, -(2n ** 40n)][cell % 5]!, BigInt(cell) ** 9n, -(2n ** 50n) + BigInt(cell)];
});

type Variant = Pick<ReleaseSetup, "variant" | "sourceOf">;

function setup(table: Table, hidden: Role, variant: Variant = {}): ReleaseSetup {
  const shares = shareTable(table, hidden, randomMask(table, seededRng("masks")));
  return { ...setupOf(table, THRESHOLD, "triples", hidden), ...variant, shares };
}

/** The openings of the hidden side's gates as words; gate g takes half as many words of triples. */
function openings(run: ReleaseRun, hidden: Role): Uint32Array[] {
  return sentBy(run, hidden, "gateOpening").map(({ data }) => new Uint32Array(new Uint8Array(data).buffer));
}

/** Words of triples before each gate, if each word is used once. */
function offsetsOf(gates: readonly Uint32Array[]): number[] {
  let offset = 0;
  return gates.map(({ length }) => (offset += length / 2) - length / 2);
}

/**
 * The hidden side's triples for another table, such that its gates show the openings of `seen`: gate after gate, each
 * opening's change is taken back by the same change of a and b, and c completes the triple.
 */
async function shiftCoins(other: ReleaseSetup, hidden: Role, seen: ReleaseRun): Promise<ReleaseSetup> {
  const target = openings(seen, hidden);
  const offsets = other.sourceOf === undefined ? offsetsOf(target) : target.map(() => 0);
  let shifted = other;
  for (let gate = 0; gate < target.length; gate++) {
    const now = openings(await runRelease(shifted), hidden)[gate]!;
    const half = now.length / 2;
    const { a, b } = structuredClone(shifted.triples[hidden]);
    for (let i = 0; i < half; i++) {
      a[offsets[gate]! + i]! ^= now[i]! ^ target[gate]![i]!;
      b[offsets[gate]! + i]! ^= now[half + i]! ^ target[gate]![half + i]!;
    }
    const c = completing(shifted.triples[otherRole(hidden)], a, b);
    shifted = { ...shifted, triples: { ...shifted.triples, [hidden]: { a, b, c } } };
  }
  return shifted;
}

/** Both runs as the partner saw them: the first, and that on the other table with shifted coins. */
async function views(other: Table, hidden: Role, variant: Variant = {}) {
  const first = await runRelease(setup(TABLE, hidden, variant));
  const shifted = await shiftCoins(setup(other, hidden, variant), hidden, first);
  const second = await runRelease(shifted);
  return { first, second, shifted, seen: [first, second].map((run) => hexLog(run, otherRole(hidden))) };
}

describe.each(ROLES)("with the %s's share hidden", (hidden) => {
  test("coins exist with which the partner sees the same bytes for other people and sums below the threshold", async () => {
    const { first, second, shifted, seen } = await views(OTHER, hidden);
    expect(seen[1]).toEqual(seen[0]);
    expect(second[hidden]).toEqual(first[hidden]);
    // The other run is an honest one: its triples are triples, and the coins really had to change.
    const { sender, receiver } = shifted.triples;
    expect(completing(sender, receiver.a, receiver.b)).toEqual(receiver.c);
    expect(shifted.triples[hidden]).not.toEqual(setup(OTHER, hidden).triples[hidden]);
    expect(shifted.triples[otherRole(hidden)]).toEqual(setup(TABLE, hidden).triples[otherRole(hidden)]);
  });

  test("before coins are shifted, other people below the threshold change masked gate openings and what follows", async () => {
    const [first, second] = [await runRelease(setup(TABLE, hidden)), await runRelease(setup(OTHER, hidden))];
    expect(openings(second, hidden)).not.toEqual(openings(first, hidden));
    expect(second.log[hidden].map(({ frame }) => frame.length)).toEqual(
      first.log[hidden].map(({ frame }) => frame.length),
    );
    expect(sentBy(second, hidden, "cellOpening")).toEqual(sentBy(first, hidden, "cellOpening"));
  });

  describe("the search finds no such coins", () => {
    test("for a table in which one cell more passes, or a passing cell has another sum", async () => {
      const crosses = TABLE.map((row, cell) => (cell === 2 ? [50n, ...row.slice(1)] : row));
      const changed = TABLE.map((row, cell) => (cell === 3 ? [80n, -2n, 2n] : row));
      for (const other of [crosses, changed]) {
        const { seen } = await views(other, hidden);
        expect(seen[1]).not.toEqual(seen[0]);
      }
    });

    test("for a variant that also opens the total over all cells", async () => {
      const variant = async (input: PlainReleaseInput) => {
        const released = await plainRelease(input);
        const shares = new BigUint64Array(input.shares.slice().buffer);
        const total = shares.reduce((sum, share, i) => (i % input.columns === 0 ? sum + share : sum), 0n);
        await exchangeBulk(input.ch, "cellOpening", new Uint8Array(new BigUint64Array([total]).buffer));
        return released;
      };
      const { seen } = await views(OTHER, hidden, { variant });
      expect(seen[1]).not.toEqual(seen[0]);
      expect(seen[1]!.slice(0, -2)).toEqual(seen[0]!.slice(0, -2));
    });

    test("for a variant whose gates share their triples", async () => {
      const sourceOf = ({ a, b, c }: Triples): TripleSource => ({
        take: (words) => ({ a: a.subarray(0, words), b: b.subarray(0, words), c: c.subarray(0, words) }),
      });
      const { first, seen } = await views(OTHER, hidden, { sourceOf });
      // It computes the right table, and would pass for a release.
      expect(first[hidden]).toEqual((await runRelease(setup(TABLE, hidden)))[hidden]);
      expect(seen[1]).not.toEqual(seen[0]);
    });
  });
});
