// No operation leaves anything in the memory that it worked in.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { loadNative, nativePaths } from "@halfroom/crypto-native";

const COUNT = 37;

/** Bytes that look random and follow from a label. */
function bytesOf(label: string, length: number): Uint8Array {
  return createHash("shake256", { outputLength: length }).update(label).digest();
}

const groups = nativePaths().map((path) => loadNative(path)!);

describe.each(groups)("the scratch memory of path $path", (group) => {
  const out = new Uint8Array(COUNT * 32);
  const uniform = bytesOf("uniform", COUNT * 64);
  const [points, scalars] = [new Uint8Array(COUNT * 32), new Uint8Array(COUNT * 32)];
  group.mapToGroup(points, uniform);
  group.reduceScalars(scalars, bytesOf("scalars", COUNT * 64));
  const spoiled = points.slice().fill(0, 32 * 35, 32 * 36);

  it.each<[string, () => unknown, unknown]>([
    ["firstInvalid", () => group.firstInvalid(points), -1],
    ["firstInvalid that finds one", () => group.firstInvalid(spoiled), 35],
    ["mapToGroup", () => group.mapToGroup(out, uniform), undefined],
    ["add", () => group.add(out, points, points), true],
    ["add that fails", () => group.add(out, points, spoiled), false],
    ["multiply", () => group.multiply(out, points, scalars), true],
    ["multiply that fails", () => group.multiply(out, spoiled, scalars), false],
    ["multiply by one scalar", () => group.multiply(out, points, scalars.subarray(0, 32)), true],
    ["mapAndMultiply", () => group.mapAndMultiply(out, uniform, scalars.subarray(0, 32)), true],
    ["multiplyBase", () => group.multiplyBase(out, scalars), true],
    [
      "mapAndAddMultiples",
      () => group.mapAndAddMultiples(out, uniform, points.subarray(0, 32), scalars),
      true,
    ],
    ["subtractMultiples", () => group.subtractMultiples(out, points, points.subarray(64, 96), scalars), true],
    [
      "subtractMultiples that fails",
      () => group.subtractMultiples(out, spoiled, points.subarray(0, 32), scalars),
      false,
    ],
    ["sumOfProducts", () => group.sumOfProducts(out.subarray(0, 32), points, scalars), true],
    ["sumOfProducts that fails", () => group.sumOfProducts(out.subarray(0, 32), spoiled, scalars), false],
    ["subtractProducts", () => group.subtractProducts(out, scalars, scalars, scalars), undefined],
    ["reduceScalars", () => group.reduceScalars(out, uniform), undefined],
  ])("holds only zeros after %s", (_, operation, result) => {
    expect(operation()).toBe(result);
    expect(group.scratch.every((byte) => byte === 0)).toBe(true);
  });

  it("is not reached by operands of lengths that do not fit each other", () => {
    expect(() => group.multiply(out.subarray(32), points, scalars)).toThrow(RangeError);
    expect(() => group.mapToGroup(out, uniform.subarray(1))).toThrow(RangeError);
    expect(() => group.reduceScalars(out, scalars)).toThrow(RangeError);
    expect(group.scratch.every((byte) => byte === 0)).toBe(true);
  });
});

it("is a scratch memory of its own for every load", () => {
  for (const group of groups) expect(loadNative(group.path)!.scratch).not.toBe(group.scratch);
});
