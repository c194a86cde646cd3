// One acceptance suite for every kernel.
import { describe, expect, it } from "vitest";
import { nativePaths } from "@halfroom/crypto-native";
import {
  loadNativeKernel,
  loadSodium,
  loadSodiumAlone,
  measureMultiplicationsPerSecond,
  nobleKernel,
  randomScalars,
} from "@halfroom/crypto";
import {
  bytesOf,
  fromHex,
  hex,
  littleEndian,
  ORDER,
  rfc9496,
  scalar,
  scriptedRng,
} from "./group-fixtures.ts";

const sodium = await loadSodium();
const sodiumAlone = await loadSodiumAlone();
/** Each path of the native kernel that runs here: none where it could not be built. */
const natives = nativePaths().map((path) => loadNativeKernel(path)!);
const { multiplesOfGenerator, invalidEncodings, oneWayMap } = rfc9496;
const generator = fromHex(multiplesOfGenerator[1]!);
const identity = new Uint8Array(32);
const allPoints = fromHex(multiplesOfGenerator.slice(1).join(""));
const oneToFifteen = Array.from({ length: 15 }, (_, i) => scalar(BigInt(i + 1)));
const refused = [identity, ...invalidEncodings.map(fromHex)];

/** Points with `bad` put at `index`. */
function spoiled(bad: Uint8Array, index: number): Uint8Array {
  const points = allPoints.slice();
  points.set(bad, index * 32);
  return points;
}

describe.each([...natives, sodium, sodiumAlone, nobleKernel])("kernel $name", (kernel) => {
  it("multiplies the generator as RFC 9496, A.1", () => {
    const scalars = Buffer.concat(oneToFifteen);
    const repeated = Buffer.concat(oneToFifteen.map(() => generator));
    expect(hex(kernel.multiplyBase(scalars))).toBe(hex(allPoints));
    expect(hex(kernel.multiply(repeated, scalars)!)).toBe(hex(allPoints));
  });

  it("adds and subtracts along the multiples of RFC 9496, A.1", () => {
    const [lower, upper] = [allPoints.slice(0, -32), allPoints.slice(32)];
    const generators = Buffer.concat(oneToFifteen.slice(1).map(() => generator));
    expect(hex(kernel.add(lower, generators)!)).toBe(hex(upper));
    expect(hex(kernel.subtract(upper, generators)!)).toBe(hex(lower));
  });

  it("maps to the group as RFC 9496, A.3", () => {
    const uniform = fromHex(oneWayMap.map((vector) => vector.uniform).join(""));
    expect(hex(kernel.mapToGroup(uniform))).toBe(oneWayMap.map((vector) => vector.point).join(""));
  });

  it("sums products: 1 + 4 + 9 + ... + 225 times the generator", () => {
    const sum = kernel.sumOfProducts(allPoints, Buffer.concat(oneToFifteen))!;
    expect(hex(sum)).toBe(hex(kernel.multiplyBase(scalar(1240n))));
  });

  it("subtracts products of scalars as plain integer arithmetic does", () => {
    const [a, b, c] = ["a", "b", "c"].map((name) => kernel.reduceScalars(bytesOf(name, 64)));
    const difference = littleEndian(a!) - littleEndian(b!) * littleEndian(c!);
    const expected = ((difference % ORDER) + ORDER) % ORDER;
    expect(littleEndian(kernel.subtractProducts(a!, b!, c!))).toBe(expected);
  });

  it("finds the first encoding that RFC 9496, A.2 calls invalid, and the identity", () => {
    expect(kernel.firstInvalid(allPoints)).toBe(-1);
    for (const bad of refused) {
      expect(kernel.firstInvalid(bad)).toBe(0);
      expect(kernel.firstInvalid(spoiled(bad, 9))).toBe(9);
    }
  });

  it("refuses a whole batch for one invalid point, in every operation", () => {
    const scalars = Buffer.concat(oneToFifteen);
    for (const bad of refused) {
      for (const index of [0, 14]) {
        const points = spoiled(bad, index);
        expect(kernel.multiply(points, scalars)).toBeUndefined();
        expect(kernel.multiplyByOne(points, scalar(7n))).toBeUndefined();
        expect(kernel.sumOfProducts(points, scalars)).toBeUndefined();
        expect(kernel.sumOfProducts(points, new Uint8Array(scalars.length))).toBeUndefined();
        expect(kernel.add(points, allPoints)).toBeUndefined();
        expect(kernel.add(allPoints, points)).toBeUndefined();
        expect(kernel.subtract(points, allPoints)).toBeUndefined();
        expect(kernel.subtract(allPoints, points)).toBeUndefined();
      }
    }
  });

  it("never returns the identity", () => {
    const negated = kernel.multiplyByOne(generator, scalar(ORDER - 1n))!;
    expect(kernel.multiplyByOne(generator, scalar(0n))).toBeUndefined();
    expect(kernel.multiply(generator, scalar(0n))).toBeUndefined();
    expect(kernel.add(generator, negated)).toBeUndefined();
    expect(kernel.subtract(generator, generator)).toBeUndefined();
    expect(kernel.sumOfProducts(generator, scalar(0n))).toBeUndefined();
    const both = Buffer.concat([generator, negated]);
    expect(kernel.sumOfProducts(both, Buffer.concat([scalar(3n), scalar(3n)]))).toBeUndefined();
    expect(kernel.mapAndMultiplyByOne(fromHex(oneWayMap[0]!.uniform), scalar(0n))).toBeUndefined();
    expect(() => kernel.multiplyBase(scalar(0n))).toThrow(RangeError);
  });

  it("finds the one result of a long batch that is the identity", () => {
    const scalars = Buffer.concat(Array.from({ length: 41 }, (_, i) => scalar(BigInt(i + 1))));
    const points = kernel.multiplyBase(scalars);
    const negated = kernel.multiplyByOne(points, scalar(ORDER - 1n))!;
    for (const index of [0, 7, 8, 31, 40]) {
      const others = points.slice();
      others.set(negated.subarray(index * 32, (index + 1) * 32), index * 32);
      expect(kernel.add(others, points)).toBeUndefined();
      const factors = new Uint8Array(scalars);
      factors.fill(0, index * 32, (index + 1) * 32);
      expect(kernel.multiply(points, factors)).toBeUndefined();
      expect(() => kernel.multiplyBase(factors)).toThrow(RangeError);
    }
    expect(kernel.add(points, points)).toBeDefined();
  });

  it("reduces scalars as plain integer arithmetic does", () => {
    const uniform = Buffer.concat([bytesOf("uniform", 30 * 64), Buffer.alloc(64, 0xff), Buffer.alloc(64)]);
    const reduced = kernel.reduceScalars(uniform);
    for (let i = 0; i < 32; i++) {
      const value = littleEndian(uniform.subarray(i * 64, (i + 1) * 64));
      expect(littleEndian(reduced.subarray(i * 32, (i + 1) * 32))).toBe(value % ORDER);
    }
  });

  it("takes empty batches", () => {
    const none = new Uint8Array(0);
    expect(kernel.firstInvalid(none)).toBe(-1);
    expect(kernel.mapToGroup(none)).toEqual(none);
    expect(kernel.add(none, none)).toEqual(none);
    expect(kernel.multiply(none, none)).toEqual(none);
    expect(kernel.multiplyByOne(none, scalar(2n))).toEqual(none);
    expect(kernel.mapAndMultiplyByOne(none, scalar(2n))).toEqual(none);
    expect(kernel.multiplyBase(none)).toEqual(none);
    expect(kernel.mapAndAddMultiples(none, generator, none)).toEqual(none);
    expect(kernel.sumOfProducts(none, none)).toBeUndefined();
    expect(kernel.subtractProducts(none, none, none)).toEqual(none);
    expect(kernel.reduceScalars(none)).toEqual(none);
  });

  it("throws on arrays of a wrong length", () => {
    const broken = new Uint8Array(33);
    expect(() => kernel.firstInvalid(broken)).toThrow(RangeError);
    expect(() => kernel.mapToGroup(broken)).toThrow(RangeError);
    expect(() => kernel.add(broken, broken)).toThrow(RangeError);
    expect(() => kernel.add(allPoints, generator)).toThrow(RangeError);
    expect(() => kernel.multiply(allPoints, scalar(1n))).toThrow(RangeError);
    expect(() => kernel.multiplyByOne(broken, scalar(1n))).toThrow(RangeError);
    expect(() => kernel.multiplyByOne(generator, allPoints)).toThrow(RangeError);
    expect(() => kernel.mapAndMultiplyByOne(broken, scalar(1n))).toThrow(RangeError);
    expect(() => kernel.multiplyBase(broken)).toThrow(RangeError);
    expect(() => kernel.sumOfProducts(allPoints, scalar(1n))).toThrow(RangeError);
    expect(() => kernel.sumOfProducts(broken, broken)).toThrow(RangeError);
    expect(() => kernel.subtractProducts(scalar(1n), scalar(1n), allPoints)).toThrow(RangeError);
    expect(() => kernel.subtractProducts(broken, broken, broken)).toThrow(RangeError);
    expect(() => kernel.reduceScalars(broken)).toThrow(RangeError);
  });

  it("measures a speed", () => {
    expect(measureMultiplicationsPerSecond(kernel, 1)).toBeGreaterThan(0);
  });
});

describe("randomScalars", () => {
  it("reduces 64 bytes for each scalar", () => {
    const bytes = bytesOf("random", 3 * 64);
    const drawn = randomScalars(sodium, scriptedRng(bytes), 3);
    expect(hex(drawn)).toBe(hex(nobleKernel.reduceScalars(bytes)));
  });

  it("draws again where a scalar is zero, be it as the group order", () => {
    const orderTwice = new Uint8Array(64);
    orderTwice.set(scalar(2n * ORDER));
    const fresh = bytesOf("fresh", 64);
    const rng = scriptedRng(Buffer.concat([bytesOf("first", 64), new Uint8Array(64)]), orderTwice, fresh);
    expect(hex(randomScalars(sodium, rng, 2).subarray(32))).toBe(hex(nobleKernel.reduceScalars(fresh)));
  });
});
