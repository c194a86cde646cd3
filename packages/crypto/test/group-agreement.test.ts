// Every kernel against noble, element by element.
import { describe, expect, it } from "vitest";
import { nativePaths } from "@halfroom/crypto-native";
import { loadNativeKernel, loadSodium, loadSodiumAlone, nobleKernel } from "@halfroom/crypto";
import { bytesOf, fromHex, hex, ORDER, rfc9496, scalar } from "./group-fixtures.ts";

const natives = nativePaths().map((path) => loadNativeKernel(path)!);
const sodium = await loadSodium();
const sodiumAlone = await loadSodiumAlone();
const generator = fromHex(rfc9496.multiplesOfGenerator[1]!);
const P = 2n ** 255n - 19n;

/** 32 bytes, little-endian. */
const integer = scalar;

/** The string with one bit changed. */
function flipped(bytes: Uint8Array, bit: number): Uint8Array<ArrayBuffer> {
  const other = new Uint8Array(bytes);
  other[bit >> 3]! ^= 1 << (bit & 7);
  return other;
}

describe.each([...natives, sodium, sodiumAlone])("$name against noble", (kernel) => {
  const COUNT = 60;
  const uniform = bytesOf("points", COUNT * 64);
  const points = nobleKernel.mapToGroup(uniform);
  const others = nobleKernel.mapToGroup(bytesOf("others", COUNT * 64));
  const scalars = nobleKernel.reduceScalars(bytesOf("scalars", COUNT * 64));
  const one = scalars.subarray(0, 32);
  const nobleProducts = nobleKernel.multiply(points, scalars)!;

  it("agrees on every element of every operation", () => {
    expect(hex(kernel.mapToGroup(uniform))).toBe(hex(points));
    expect(hex(kernel.reduceScalars(uniform))).toBe(hex(nobleKernel.reduceScalars(uniform)));
    expect(hex(kernel.multiplyBase(scalars))).toBe(hex(nobleKernel.multiplyBase(scalars)));
    const products = hex(nobleProducts);
    expect(hex(kernel.multiply(points, scalars)!)).toBe(products);
    const productsByOne = hex(nobleKernel.multiplyByOne(points, one)!);
    expect(hex(kernel.multiplyByOne(points, one)!)).toBe(productsByOne);
    expect(hex(kernel.mapAndMultiplyByOne(uniform, one)!)).toBe(productsByOne);
    for (const base of [generator, others.subarray(0, 32)]) {
      expect(hex(kernel.mapAndAddMultiples(uniform, base, scalars)!)).toBe(
        hex(nobleKernel.mapAndAddMultiples(uniform, base, scalars)!),
      );
      expect(hex(kernel.subtractMultiples(points, base, scalars)!)).toBe(
        hex(nobleKernel.subtractMultiples(points, base, scalars)!),
      );
    }
    expect(hex(kernel.add(points, others)!)).toBe(hex(nobleKernel.add(points, others)!));
    expect(hex(kernel.subtract(points, others)!)).toBe(hex(nobleKernel.subtract(points, others)!));
  });

  it("agrees on multiples of one point of every number up to a block of the lanes, and past a chunk", () => {
    const base = others.subarray(0, 32);
    const expected = hex(nobleKernel.subtractMultiples(points, base, scalars)!);
    for (let count = 1; count <= 34; count++) {
      const [some, factors] = [points.subarray(0, count * 32), scalars.subarray(0, count * 32)];
      expect(hex(kernel.subtractMultiples(some, base, factors)!)).toBe(expected.slice(0, count * 64));
    }
    const count = 1024 + 5;
    const many = kernel.mapToGroup(bytesOf("many", count * 64));
    const factors = kernel.reduceScalars(bytesOf("factors", count * 64));
    const [some, last] = [many.subarray(-10 * 32), factors.subarray(-10 * 32)];
    const sums = kernel.mapAndAddMultiples(bytesOf("many", count * 64), generator, factors)!;
    expect(hex(kernel.subtractMultiples(sums, generator, factors)!)).toBe(hex(many));
    expect(hex(kernel.subtractMultiples(many, base, factors)!.subarray(-10 * 32))).toBe(
      hex(nobleKernel.subtractMultiples(some, base, last)!),
    );
  });

  it("agrees on multiples by scalars at the edges of the digits, and by zero", () => {
    const nibbles = [0n, 1n, 7n, 8n, 9n, 15n];
    const values = nibbles.flatMap((low) => nibbles.map((high) => low | (high << 4n) | (high << 248n)));
    const edges = [...values, ORDER - 1n, ORDER - 8n, (ORDER - 1n) / 2n, BigInt(`0x${"88".repeat(31)}`)];
    const factors = Buffer.concat(edges.map((value) => scalar(value % ORDER)));
    const some = points.subarray(0, factors.length);
    for (const base of [generator, others.subarray(32, 64)])
      expect(hex(kernel.subtractMultiples(some, base, factors)!)).toBe(
        hex(nobleKernel.subtractMultiples(some, base, factors)!),
      );
  });

  it("refuses multiples of what is no point, and results that are the identity", () => {
    const [zero, invalid] = [new Uint8Array(32), flipped(generator, 0)];
    for (const base of [zero, invalid]) {
      expect(kernel.mapAndAddMultiples(uniform, base, scalars)).toBeUndefined();
      expect(kernel.subtractMultiples(points, base, scalars)).toBeUndefined();
    }
    const spoiled = points.slice();
    spoiled.set(invalid, 32 * 35);
    expect(kernel.subtractMultiples(spoiled, generator, scalars)).toBeUndefined();
    expect(kernel.subtractMultiples(generator, generator, scalar(1n))).toBeUndefined();
    expect(() => kernel.subtractMultiples(points, points, scalars)).toThrow(RangeError);
    expect(() => kernel.mapAndAddMultiples(uniform, generator, scalars.subarray(32))).toThrow(RangeError);
    expect(kernel.subtractMultiples(new Uint8Array(0), generator, new Uint8Array(0))).toEqual(
      new Uint8Array(0),
    );
  });

  it("agrees on sums of products of every length up to a block of the lanes and more, and past a chunk", () => {
    for (let count = 1; count <= 34; count++) {
      const [some, factors] = [points.subarray(0, count * 32), scalars.subarray(0, count * 32)];
      expect(hex(kernel.sumOfProducts(some, factors)!)).toBe(hex(nobleKernel.sumOfProducts(some, factors)!));
    }
    const count = 512 + 5;
    const many = kernel.mapToGroup(bytesOf("many", count * 64));
    const factors = kernel.reduceScalars(bytesOf("factors", count * 64));
    expect(hex(kernel.sumOfProducts(many, factors)!)).toBe(hex(nobleKernel.sumOfProducts(many, factors)!));
  });

  it("agrees on sums with scalars at the edges of the windows, zeros, and terms that cancel out", () => {
    const digits = [0n, 1n, 127n, 128n, 129n, 255n];
    const values = digits.flatMap((low) => digits.map((next) => low | (next << 8n) | (low << 240n)));
    const edges = [...values, ORDER - 1n, ORDER - 128n, (ORDER - 1n) / 2n, BigInt(`0x${"80".repeat(31)}`)];
    const packed = Buffer.concat(edges.map(scalar));
    const some = points.subarray(0, packed.length);
    expect(hex(kernel.sumOfProducts(some, packed)!)).toBe(hex(nobleKernel.sumOfProducts(some, packed)!));
    const [first, second] = [points.subarray(0, 32), points.subarray(32, 64)];
    const factors = Buffer.concat([scalar(5n), scalar(ORDER - 5n), scalar(3n)]);
    const cancelled = kernel.sumOfProducts(Buffer.concat([first, first, second]), factors)!;
    expect(hex(cancelled)).toBe(hex(nobleKernel.multiplyByOne(second, scalar(3n))!));
  });

  it("agrees on differences of scalars and products", () => {
    const [left, right] = [scalars.toSorted(), scalars.toReversed()].map((packed) =>
      nobleKernel.reduceScalars(Buffer.concat([packed, packed])),
    ) as [Uint8Array, Uint8Array];
    const minuends = Buffer.concat([scalar(0n), scalar(ORDER - 1n), scalars.subarray(0, left.length - 64)]);
    const differences = kernel.subtractProducts(minuends, left, right);
    expect(hex(differences)).toBe(hex(nobleKernel.subtractProducts(minuends, left, right)));
    expect(hex(kernel.subtractProducts(scalar(6n), scalar(2n), scalar(3n)))).toBe(hex(scalar(0n)));
    expect(hex(kernel.subtractProducts(scalar(5n), scalar(2n), scalar(3n)))).toBe(hex(scalar(ORDER - 1n)));
  });

  it("agrees on scalars at the edges of digits, windows and the order", () => {
    const edges = [
      1n,
      2n,
      7n,
      8n,
      9n,
      15n,
      16n,
      ORDER - 1n,
      ORDER - 2n,
      (ORDER - 1n) / 2n,
      (ORDER + 1n) / 2n,
    ];
    const patterns = ["7", "8", "9", "f", "78", "87"].map((nibbles) => BigInt(`0x${nibbles.repeat(31)}`));
    const values = [...edges, ...patterns];
    const packed = Buffer.concat(values.map(scalar));
    const some = points.subarray(0, packed.length);
    expect(hex(kernel.multiply(some, packed)!)).toBe(hex(nobleKernel.multiply(some, packed)!));
    for (const value of values) {
      const [point, factor] = [points.subarray(0, 32), scalar(value)];
      expect(hex(kernel.multiplyByOne(point, factor)!)).toBe(hex(nobleKernel.multiplyByOne(point, factor)!));
    }
  });

  it("agrees on every length of a batch up to a block of the lanes and more", () => {
    for (let count = 1; count <= 34; count++) {
      const products = kernel.multiply(points.subarray(0, count * 32), scalars.subarray(0, count * 32))!;
      expect(hex(products)).toBe(hex(nobleProducts.subarray(0, count * 32)));
      const mapped = kernel.mapToGroup(uniform.subarray(0, count * 64));
      expect(hex(mapped)).toBe(hex(points.subarray(0, count * 32)));
    }
  });

  it("agrees on the uniform strings at the edges of the field", () => {
    const edges = [0n, 1n, P - 1n, P, P + 1n, 2n ** 255n - 1n, 2n ** 255n, 2n ** 256n - 1n];
    const strings = edges.flatMap((a) => edges.map((b) => Buffer.concat([integer(a), integer(b)])));
    const packed = Buffer.concat(strings);
    expect(hex(kernel.mapToGroup(packed))).toBe(hex(nobleKernel.mapToGroup(packed)));
  });

  it("agrees on which strings are points: random ones and those around the bounds", () => {
    const bounds = [
      0n,
      1n,
      2n,
      3n,
      P - 2n,
      P - 1n,
      P,
      P + 1n,
      P + 3n,
      2n ** 255n - 2n,
      2n ** 255n,
      2n ** 256n - 2n,
    ];
    const candidates = bounds.map(integer);
    for (let i = 0; i < 300; i++) {
      const candidate = bytesOf(`candidate ${i}`, 32);
      candidate[0]! &= 0xfe; // or half of them would fail for their sign alone
      candidate[31]! &= 0x7f;
      candidates.push(candidate);
    }
    for (let i = 0; i < 20; i++)
      candidates.push(flipped(points.subarray(i * 32, (i + 1) * 32), 255 - 13 * i));
    for (const candidate of candidates) {
      expect(kernel.firstInvalid(candidate)).toBe(nobleKernel.firstInvalid(candidate));
    }
  });

  it("agrees past the slices in which it works off a long batch", () => {
    const count = 2 * 2048 + 3;
    const long = kernel.reduceScalars(bytesOf("long", count * 64));
    const base = kernel.multiplyBase(long);
    const others = kernel.reduceScalars(bytesOf("others", count * 64));
    const negated = kernel.subtractProducts(new Uint8Array(count * 32), long, others);
    const sums = kernel.add(base, kernel.multiplyBase(negated))!;
    expect(hex(kernel.subtract(base, sums)!)).toBe(hex(kernel.multiply(base, others)!));
    const last = long.subarray(-32);
    expect(hex(base.subarray(-32))).toBe(hex(nobleKernel.multiplyBase(last)));
  });
});
