// A receiver that puts into its bins what acts as no one pseudonym (protocol-spec.md, section 11.3). One place more in a bin's
// row breaks the bin's key just where the sender's secret s has that place: nobody matches in such bins, which a noisy count
// shows. With all 512 places, spread over the cells of one column of its own, the receiver reads s, and then tries each of its
// pseudonyms in each bin: two that decode to the same target both match.
import { getBit, setBit } from "@halfroom/crypto";
import { binOprf, binOprfWith, type BinOprf } from "@halfroom/match";
import { drawNoise, planNoise } from "@halfroom/release";
import { runParties, seededRng, testSession, testTransfers } from "@halfroom/testkit";
import { describe, expect, test } from "vitest";
import {
  decodeBins,
  pairsByBin,
  SECRET_BITS,
  traced,
  unchecked,
  type OprfTrace,
} from "../../packages/match/test/decode-attack.ts";
import { allRows, hex, randomCase, runMembership } from "../../packages/match/test/membership-parties.ts";
import type { MembershipRun } from "../../packages/match/test/membership-parties.ts";

const PEOPLE = 12_288;
const SHARED = 11_000;
const CODE_WORDS = SECRET_BITS / 32;
const session = testSession("mixed bins");
const people = randomCase(
  { sender: PEOPLE, receiver: PEOPLE, shared: SHARED, measures: 0 },
  seededRng("mixed bins"),
);

/** Bin j is in cell j mod 512, and its row is its codeword with place j mod 512 flipped. */
const mixing = binOprfWith({
  rowsOf: (codewords, firstBin) => {
    for (let row = 0; row < codewords.length / CODE_WORDS; row++) {
      const place = (firstBin + row) % SECRET_BITS;
      codewords[row * CODE_WORDS + (place >>> 5)]! ^= 1 << (place & 31);
    }
    return codewords;
  },
});

async function runMixed(sender: BinOprf, shard: number) {
  const trace: OprfTrace = { seeds: undefined, secret: undefined };
  const transfers = await testTransfers(session);
  const oprf = traced({ receiver: mixing.receiver, sender: sender.sender }, trace);
  const run = await runMembership(people, { session, transfers, shard, seed: "mixed", binOprf: oprf });
  return { run, trace };
}

/** People of each cell as released: the bins that match, with both sides' noise at epsilon 1. */
function noisyCounts({ senderShares, receiverShares }: MembershipRun): number[] {
  const noise = planNoise({
    mechanism: "laplace",
    microEpsilon: 1_000_000,
    columns: [{ sensitivity: 1n, weight: 1 }],
    partitionWeights: [1],
  }).noise;
  const shape = { partitions: [SECRET_BITS], categories: 1, columns: [{ kind: "people" as const }] };
  const counts = drawNoise(shape, noise, seededRng("sender's noise"));
  drawNoise(shape, noise, seededRng("receiver's noise")).forEach((each, cell) => (counts[cell]! += each));
  senderShares.forEach((share, bin) => {
    counts[bin % SECRET_BITS]! += BigInt.asIntN(64, share + receiverShares[bin]!);
  });
  return Array.from(counts, Number);
}

describe("a receiver that mixes a unit vector into each bin's row", () => {
  test("without the check: reads the sender's secret from 512 noisy counts at epsilon 1 and names over 80 % of the matches", async () => {
    const { run, trace } = await runMixed(unchecked, 1);
    // An honest cell has 21 matching bins on average, a cell of a place in s none.
    const guess = new Uint32Array(CODE_WORDS);
    noisyCounts(run).forEach((count, place) => setBit(guess, place, count < 9 ? 1 : 0));
    const places = Array.from({ length: SECRET_BITS }, (_, i) => i);
    const wrongBits = places.filter((i) => getBit(guess, i) !== getBit(trace.secret!, i)).length;
    expect(wrongBits).toBeLessThanOrEqual(1);

    const view = { session, shard: 1, people, run, trace, oprf: unchecked };
    const pairs = pairsByBin(await decodeBins(view, guess));
    const named = new Set(
      pairs.filter(({ a, b }) => a.target === b.target).flatMap(({ a, b }) => [a.person, b.person]),
    );
    const senderRows = new Set(allRows(people.sender).map(hex));
    const shared = allRows(people.receiver).map((row) => senderRows.has(hex(row)));
    const right = [...named].filter((person) => shared[person]).length;
    expect(named.size).toBe(right);
    expect(right).toBeGreaterThan(0.8 * SHARED);
  });

  test("with the check: `check` before the sender computes the key of any bin", async () => {
    await expect(runMixed(binOprf, 2)).rejects.toMatchObject({ code: "check" });
  });
});

describe("a receiver that mixes c unit vectors into the row of one bin, and so guesses c bits of the secret", () => {
  const RUNS = 48;
  const people = seededRng("one bin").bytes(64);

  /** True if the check passes; both ends get what ideal transfers give for this secret. */
  async function passes(secret: Uint32Array, places: number[], run: string): Promise<boolean> {
    const [zero, one] = ["zero", "one"].map(
      (string) => new Uint32Array(seededRng(`${run} ${string}`).bytes(8192).buffer),
    );
    const chosen = zero!.map((word, i) => (getBit(secret, i >>> 2) === 1 ? one![i]! : word));
    const columns = { receiver: { zero: zero!, one: one! }, sender: { choices: secret, chosen } };
    const guessing = binOprfWith({
      rowsOf: (codewords) => {
        for (const place of places) codewords[place >>> 5]! ^= 1 << (place & 31);
        return codewords;
      },
    });
    const context = { session, shard: 0 };
    return runParties<unknown>((ch, role) =>
      role === "sender"
        ? binOprf.sender(ch, context, 1, columns.sender)
        : guessing.receiver(ch, context, people, columns.receiver, seededRng(run)),
    ).then(
      () => true,
      (error: unknown) => {
        expect(error).toMatchObject({ code: "check" });
        return false;
      },
    );
  }

  test.each([1, 2, 3])("c = %i: passes just when it guessed right, with 2^-c", async (c) => {
    let passed = 0;
    for (let i = 0; i < RUNS; i++) {
      const run = `guess ${c} ${i}`;
      const secret = new Uint32Array(seededRng(run).bytes(64).buffer);
      const places = Array.from({ length: c }, (_, n) => (7 + 31 * i + 101 * n) % SECRET_BITS);
      const pass = await passes(secret, places, run);
      expect(pass).toBe(places.every((place) => getBit(secret, place) === 0));
      if (pass) passed++;
    }
    const expected = RUNS / 2 ** c;
    expect(Math.abs(passed - expected)).toBeLessThan(3.5 * Math.sqrt(expected));
  });
});
