import { describe, expect, test } from "vitest";
import { randomWords, type Rng } from "@halfroom/crypto";
import { decode, deriveRows, encode, storeSize, type StoreRows, type StoreSize } from "../src/index.ts";
import { peel } from "../src/okvs/peel.ts";
import { seededRng } from "@halfroom/testkit";

const randomRows = (rng: Rng, count: number, size: StoreSize) =>
  deriveRows(randomWords(rng, count * 8), size);

/** A row of the definition, summed slot by slot and bit by bit. */
function decodeByDefinition(
  rows: StoreRows,
  row: number,
  store: Uint32Array,
  width: number,
  size: StoreSize,
) {
  const slots = [...rows.columns.subarray(row * 3, row * 3 + 3)];
  const bits = BigInt(rows.dense[row * 2]!) | (BigInt(rows.dense[row * 2 + 1]!) << 32n);
  for (let d = 0; d < 64; d++) if ((bits >> BigInt(d)) & 1n) slots.push(size.sparse + d);
  const value = new Uint32Array(width);
  for (const slot of slots) for (let w = 0; w < width; w++) value[w]! ^= store[slot * width + w]!;
  return value;
}

/** Rows with the given columns and dense bits, in a store of 3,072 entries. */
function rowsOf(list: readonly (readonly [columns: readonly number[], bits: bigint])[]): StoreRows {
  return {
    columns: Uint32Array.from(list.flatMap(([columns]) => columns)),
    dense: Uint32Array.from(list.flatMap(([, bits]) => [Number(bits & 0xffffffffn), Number(bits >> 32n)])),
  };
}

/** Pearson's statistic of byte frequencies against the uniform distribution: 255 degrees of freedom. */
function chiSquare(words: Uint32Array): number {
  const counts = new Float64Array(256);
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  for (const byte of bytes) counts[byte]!++;
  const mean = bytes.length / 256;
  return counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
}
/** Above this with probability 10^-6 if the bytes are uniform (mean 255, standard deviation 22.6). */
const CHI_SQUARE_MAX = 377;

describe("storeSize", () => {
  test.each([40, 43, 50])(
    "is at least the paper's fit for weight 3 and failure probability 2^-%d",
    (lambda) => {
      const logW = Math.log2(3);
      const fit = (entries: number) => {
        const logLambdaVsE =
          0.555 * Math.log2(entries) + 0.093 * logW ** 3 - 1.01 * logW ** 2 + 2.925 * logW - 0.133;
        const lambdaVsE = 2 ** logLambdaVsE;
        const expansion = (lambda + 9.2 + lambdaVsE * 1.223) / lambdaVsE;
        const gap = Math.floor(lambda / Math.log2(expansion * entries));
        return { sparse: expansion * entries, dense: lambda + gap };
      };
      for (let k = 12; k <= 26; k++) {
        // The class runs from its smallest number of entries, where the table is exact but for rounding, to 2^k.
        const smallest = Math.max(3072, 2 ** (k - 1) + 1);
        for (const entries of [smallest, smallest + 1, Math.floor(1.5 * 2 ** (k - 1)), 2 ** k - 1, 2 ** k]) {
          const size = storeSize(entries, lambda);
          expect(size.sparse).toBeGreaterThanOrEqual(fit(Math.max(entries, 3072)).sparse);
          expect(size.dense).toBeGreaterThanOrEqual(fit(Math.max(entries, 3072)).dense);
          expect(size.slots).toBe(size.sparse + size.dense);
        }
        expect(storeSize(smallest, lambda).sparse).toBeLessThan(fit(smallest).sparse + smallest / 500 + 1);
        expect(storeSize(smallest, lambda).dense).toBeLessThanOrEqual(fit(smallest).dense + 1);
      }
    },
  );

  test("is that of 3,072 entries below and ends at 2^26", () => {
    for (const entries of [0, 1, 3071]) expect(storeSize(entries)).toEqual(storeSize(3072));
    expect(storeSize(3073).slots).toBeGreaterThan(storeSize(3072).slots);
    expect(() => storeSize(2 ** 26 + 1)).toThrow(RangeError);
  });
});

describe("deriveRows", () => {
  test("follows the documented rule, for dense parts of one and of two words", () => {
    const count = 200;
    const blocks = randomWords(seededRng("derive"), count * 8);
    for (const dense of [0, 7, 32, 44, 64]) {
      const size = { sparse: 50, dense, slots: 50 + dense };
      const rows = deriveRows(blocks, size);
      for (let row = 0; row < count; row++) {
        const words = blocks.subarray(row * 8, row * 8 + 8);
        const left = Array.from({ length: 50 }, (_, column) => column);
        const columns = [0, 1, 2].map((i) => left.splice(words[i]! % (50 - i), 1)[0]!);
        expect([...rows.columns.subarray(row * 3, row * 3 + 3)]).toEqual(columns);
        const bits = (BigInt(words[5]!) << 32n) | BigInt(words[4]!);
        const found = (BigInt(rows.dense[row * 2 + 1]!) << 32n) | BigInt(rows.dense[row * 2]!);
        expect(found).toBe(BigInt.asUintN(dense, bits));
      }
    }
  });

  test("refuses blocks of a broken length", () => {
    expect(() => deriveRows(new Uint32Array(9), storeSize(1))).toThrow(RangeError);
  });
});

describe("encode and decode", () => {
  const counts = [0, 1, 2, 1000, 3072, 5000, 100_003];
  test.each(counts.flatMap((count) => [2, 4, 6].map((width) => [count, width] as const)))(
    "give back the values of %d entries of %d words",
    (count, width) => {
      const rng = seededRng(`round trip ${count} ${width}`);
      const size = storeSize(count);
      const rows = randomRows(rng, count, size);
      const values = randomWords(rng, count * width);
      const store = encode(rows, values, width, size, rng);
      expect(store.length).toBe(size.slots * width);
      const decoded = decode(rows, store, width, size);
      expect(Buffer.compare(Buffer.from(decoded.buffer), Buffer.from(values.buffer))).toBe(0);
      for (let row = 0; row < count; row += 97) {
        expect(decodeByDefinition(rows, row, store, width, size)).toEqual(
          values.slice(row * width, row * width + width),
        );
      }
    },
  );

  test("refuse values or a store of another length", () => {
    const rng = seededRng("lengths");
    const size = storeSize(2);
    const rows = randomRows(rng, 2, size);
    expect(() => encode(rows, new Uint32Array(7), 4, size, rng)).toThrow(RangeError);
    expect(() => decode(rows, new Uint32Array(size.slots * 4 - 1), 4, size)).toThrow(RangeError);
  });

  test("the store's length follows from the number of entries, gap rows or not", () => {
    const rng = seededRng("length");
    const size = storeSize(2);
    const apart = rowsOf([
      [[1, 2, 3], 1n],
      [[4, 5, 6], 2n],
    ]);
    const stuck = rowsOf([
      [[1, 2, 3], 1n],
      [[1, 2, 3], 2n],
    ]);
    const lengths = [apart, stuck].map((rows) => encode(rows, randomWords(rng, 8), 4, size, rng).length);
    expect(lengths).toEqual([size.slots * 4, size.slots * 4]);
  });
});

describe("rows that cannot be peeled", () => {
  const size = storeSize(0);
  const width = 2;
  const roundTrip = (rows: StoreRows, values: Uint32Array, rng: Rng) =>
    decode(rows, encode(rows, values, width, size, rng), width, size);

  test("are carried by the dense part, up to one for each dense slot", () => {
    const rng = seededRng("equal columns");
    // All rows share their columns; row i differs from row 0 in dense slot i - 1 alone.
    const rows = rowsOf(
      Array.from({ length: size.dense + 1 }, (_, i) => [[10, 20, 30], i === 0 ? 0n : 1n << BigInt(i - 1)]),
    );
    expect(peel(rows.columns, size.sparse).gapRows.length).toBe(size.dense);
    const values = randomWords(rng, (size.dense + 1) * width);
    expect(roundTrip(rows, values, rng)).toEqual(values);
  });

  test("are carried among thousands of others that they share columns with", () => {
    const rng = seededRng("planted");
    const count = 3000;
    const rows = randomRows(rng, count, size);
    // Ten pairs and one triple with equal columns, a cycle of four rows over six columns, and all four rows over four
    // columns: of the last, two are set aside and their equations meet a sparse column that stays free.
    for (let pair = 0; pair < 10; pair++) rows.columns.copyWithin(pair * 6, pair * 6 + 3, pair * 6 + 6);
    rows.columns.copyWithin(300, 303, 306);
    rows.columns.copyWithin(306, 303, 306);
    rows.columns.set([1, 2, 3, 1, 4, 5, 2, 4, 6, 3, 5, 6], 600);
    rows.columns.set([11, 12, 13, 11, 12, 14, 11, 13, 14, 12, 13, 14], 900);
    expect(peel(rows.columns, size.sparse).gapRows.length).toBeGreaterThanOrEqual(15);
    const values = randomWords(rng, count * width);
    expect(roundTrip(rows, values, rng)).toEqual(values);
  });

  test("are refused where equal rows have different values, and taken where they have the same", () => {
    const rng = seededRng("twins");
    const rows = rowsOf([
      [[7, 8, 9], 5n],
      [[1, 2, 3], 6n],
      [[7, 8, 9], 5n],
    ]);
    const values = Uint32Array.from([1, 2, 3, 4, 1, 2]);
    expect(roundTrip(rows, values, rng)).toEqual(values);
    expect(() => encode(rows, Uint32Array.from([1, 2, 3, 4, 1, 6]), width, size, rng)).toThrow(
      expect.objectContaining({ code: "okvs" }),
    );
  });

  test("are refused where their dense bits are dependent and their values are not", () => {
    const rng = seededRng("dependent");
    const high = 1n << 40n;
    const dependent = rowsOf([
      [[7, 8, 9], 1n],
      [[7, 8, 9], 2n],
      [[7, 8, 9], high],
      [[7, 8, 9], high | 3n],
    ]);
    const independent = rowsOf([
      [[7, 8, 9], 1n],
      [[7, 8, 9], 2n],
      [[7, 8, 9], high],
      [[7, 8, 9], high | 7n],
    ]);
    const values = randomWords(rng, 4 * width);
    expect(() => encode(dependent, values, width, size, rng)).toThrow(
      expect.objectContaining({ code: "okvs" }),
    );
    expect(roundTrip(independent, values, rng)).toEqual(values);
  });

  test("are refused if they are more than the dense slots", () => {
    const rng = seededRng("too many");
    const rows = randomRows(rng, 2 * size.sparse, size);
    expect(() => encode(rows, randomWords(rng, 4 * size.sparse), width, size, rng)).toThrow(
      expect.objectContaining({ code: "okvs" }),
    );
  });

  test("are as rare as the table's gap assumes in 300 random instances", () => {
    // Two rows with equal columns, the likeliest cause, occur once in about 2,500 instances.
    const rng = seededRng("gap");
    let gapRows = 0;
    for (let instance = 0; instance < 300; instance++) {
      gapRows += peel(randomRows(rng, 3072, size).columns, size.sparse).gapRows.length;
    }
    expect(gapRows).toBeLessThanOrEqual(size.dense - 40);
  });
});

// Fixed seeds; 16 bytes in each of 4,152 slots. Power: one slot in 200 left zero raises the statistic of a whole store by
// about 400, eighteen standard deviations. The last test is the positive control: every free slot left zero.
describe("a store looks random", () => {
  const width = 4;
  const count = 3072;
  const size = storeSize(count);
  const zeros: Rng = { bytes: (length) => new Uint8Array(length), fork: () => zeros };

  test("in every slot, even if all values are zero", () => {
    const rng = seededRng("zero values");
    const store = encode(randomRows(rng, count, size), new Uint32Array(count * width), width, size, rng);
    expect(chiSquare(store)).toBeLessThan(CHI_SQUARE_MAX);
  });

  test("under rows that are not stored", () => {
    const rng = seededRng("foreign rows");
    const store = encode(randomRows(rng, count, size), new Uint32Array(count * width), width, size, rng);
    const foreign = decode(randomRows(rng, count, size), store, width, size);
    expect(chiSquare(foreign)).toBeLessThan(CHI_SQUARE_MAX);
  });

  test("in its free slots, which are drawn anew each time", () => {
    const rng = seededRng("free slots");
    const rows = randomRows(rng, count, size);
    const values = randomWords(rng, count * width);
    const [one, two] = [encode(rows, values, width, size, rng), encode(rows, values, width, size, rng)];
    const pivots = new Set(peel(rows.columns, size.sparse).pivots);
    const free = Array.from({ length: size.slots }, (_, slot) => slot).filter((slot) => !pivots.has(slot));
    expect(free.length).toBeGreaterThanOrEqual(size.slots - count);
    const freeWords = Uint32Array.from(
      free.flatMap((slot) => [...one.subarray(slot * width, slot * width + width)]),
    );
    expect(chiSquare(freeWords)).toBeLessThan(CHI_SQUARE_MAX);
    expect(chiSquare(one.map((word, i) => word ^ two[i]!))).toBeLessThan(CHI_SQUARE_MAX);
  });

  test("and the statistic finds free slots left zero", () => {
    const rng = seededRng("control");
    const rows = randomRows(rng, count, size);
    const values = randomWords(rng, count * width);
    expect(chiSquare(encode(rows, values, width, size, zeros))).toBeGreaterThan(2 * CHI_SQUARE_MAX);
    expect(
      chiSquare(decode(randomRows(rng, count, size), encode(rows, values, width, size, zeros), width, size)),
    ).toBeGreaterThan(CHI_SQUARE_MAX);
  });
});
