// The field of each path at its edges, limb by limb, against integers.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { FIELD_OPERATIONS, loadNative, nativePaths } from "@halfroom/crypto-native";
import type { FieldOperation, NativeGroup } from "@halfroom/crypto-native";

const P = 2n ** 255n - 19n;

/** Bits of limb `i`, in radix 2^51 or 2^25.5. */
const limbBits = (limbs: number, i: number): bigint => (limbs === 5 ? 51n : i % 2 === 0 ? 26n : 25n);

/** By how much a carried element's limb may exceed its bits, as the comments of the fields promise. */
const excess = (limbs: number): bigint => 2n ** (limbs === 5 ? 18n : 17n) - 1n;

const ones = (bits: bigint): bigint => 2n ** bits - 1n;

/** Limb `i` of an element: `max` is the largest that it may be, `offset` the place of its lowest bit. */
type Pattern = (limb: { i: number; bits: bigint; max: bigint; offset: bigint }) => bigint;

const integer =
  (value: bigint): Pattern =>
  ({ bits, offset }) =>
    (value >> offset) & ones(bits);

const random =
  (seed: string): Pattern =>
  ({ i, max }) =>
    BigInt(`0x${createHash("sha256").update(`${seed} ${i}`).digest("hex")}`) % (max + 1n);

const PATTERNS: readonly Pattern[] = [
  ...[0n, 1n, 2n, 18n, 19n, 20n, P - 20n, P - 2n, P - 1n, P, P + 1n, P + 17n, 2n ** 255n - 1n].map(integer),
  ...[2n ** 51n - 1n, 2n ** 51n, 2n ** 254n, (P + 1n) / 2n].map(integer),
  ({ max }) => max,
  ({ i, max }) => (i % 2 === 0 ? max : 0n),
  ({ i, max }) => (i % 2 === 0 ? 0n : max),
  ({ i, max }) => (i === 0 ? max : 0n),
  ({ bits }) => ones(bits) - 1n,
  ({ i, bits }) => (i === 4 ? ones(bits) + 1n : ones(bits)),
  ...Array.from({ length: 14 }, (_, k) => random(`element ${k}`)),
];

/** Elements by pattern, one a lane, and the integers that they stand for. */
function elements({ limbs }: NativeGroup, patterns: readonly Pattern[]) {
  const words = new BigUint64Array(patterns.length * limbs);
  const values = patterns.map((pattern, lane) => {
    let [value, offset] = [0n, 0n];
    for (let i = 0; i < limbs; i++) {
      const bits = limbBits(limbs, i);
      const limb = pattern({ i, bits, max: ones(bits) + excess(limbs), offset });
      words[lane * limbs + i] = limb;
      value += limb << offset;
      offset += bits;
    }
    return value;
  });
  return { words, values };
}

const modulo = (value: bigint): bigint => ((value % P) + P) % P;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let b = modulo(base), e = exponent; e > 0n; e >>= 1n, b = modulo(b * b)) {
    if (e & 1n) result = modulo(result * b);
  }
  return result;
}

const EXPECTED: Readonly<Record<FieldOperation, (a: bigint, b: bigint) => bigint>> = {
  multiply: (a, b) => a * b,
  square: (a) => a * a,
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  negate: (a) => -a,
  invert: (a) => power(a, P - 2n),
  isZero: (a) => (modulo(a) === 0n ? 1n : 0n),
  isNegative: (a) => modulo(a) & 1n,
  lazyProduct: (a, b) => (a - b) * b,
  lazySquare: (a, b) => (a + b) * (a + b),
  negatedProduct: (a, b) => -a * b,
  wideNegation: (a, b) => -(a + b) * (a + b),
  wideSum: (a, b) => 2n * a * a + (b * b - a * b),
};

const littleEndian = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);

/** Each pattern with each, `lanes` of them at a time. */
function* pairs(lanes: number) {
  const count = PATTERNS.length;
  for (let shift = 0; shift < count; shift++) {
    for (let first = 0; first < count; first += lanes) {
      const from = (start: number) => Array.from({ length: lanes }, (_, k) => PATTERNS[(start + k) % count]!);
      yield [from(first), from(first + shift)] as const;
    }
  }
}

describe.each(nativePaths().map((path) => loadNative(path)!))("the field of path $path", (group) => {
  it.each(FIELD_OPERATIONS)("%s is what integers modulo p give, whatever the limbs", (operation) => {
    for (const [left, right] of pairs(group.lanes)) {
      const [a, b] = [elements(group, left), elements(group, right)];
      const bytes = group.field(operation, a.words, b.words);
      const results = left.map((_, lane) => littleEndian(bytes.subarray(lane * 32, (lane + 1) * 32)));
      expect(results).toEqual(
        a.values.map((value, lane) => modulo(EXPECTED[operation](value, b.values[lane]!))),
      );
    }
  });
});

it("loads just the paths that run here", () => {
  for (const path of ["ifma", "avx2", "portable"] as const) {
    expect(loadNative(path)?.path).toBe(nativePaths().includes(path) ? path : undefined);
  }
  expect(loadNative()?.path).toBe(nativePaths()[0]);
});
