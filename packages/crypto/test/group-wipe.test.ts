// The kernel's memory outlives a batch, its secrets must not.
import { expect, it } from "vitest";
import sodium from "libsodium-wrappers-sumo";
import { GENERATOR, loadSodiumAlone, nobleKernel } from "@halfroom/crypto";
import { GROUP_FUNCTIONS, loadWasmGroup, type GroupFunctions } from "../src/group/wasm.ts";
import { newInstance } from "../src/wasm-module.ts";
import { bytesOf, fromHex, rfc9496 } from "./group-fixtures.ts";

const kernel = await loadSodiumAlone();
const memory = () =>
  Buffer.from((sodium as unknown as { libsodium: { HEAPU8: Uint8Array } }).libsodium.HEAPU8);
const points = fromHex(rfc9496.multiplesOfGenerator.slice(1, 9).join(""));
const uniform = bytesOf("wiped", 8 * 64);
const scalars = nobleKernel.reduceScalars(uniform);
const others = nobleKernel.reduceScalars(bytesOf("others", 8 * 64));

it.each([
  ["multiply", () => kernel.multiply(points, scalars)],
  ["multiplyByOne", () => kernel.multiplyByOne(points, scalars.subarray(0, 32))],
  [
    "multiply that fails",
    () => kernel.multiply(Buffer.concat([new Uint8Array(32), points.slice(32)]), scalars),
  ],
  ["multiplyBase", () => kernel.multiplyBase(scalars)],
  ["mapAndAddMultiples", () => kernel.mapAndAddMultiples(uniform, points.subarray(0, 32), scalars)],
  ["subtractMultiples", () => kernel.subtractMultiples(points, points.subarray(32, 64), scalars)],
  ["subtractProducts", () => kernel.subtractProducts(scalars, others, scalars)],
  ["reduceScalars", () => kernel.reduceScalars(uniform)],
])("leaves no scalar behind: %s", (_, operation) => {
  operation();
  const left = memory();
  const slice = (packed: Uint8Array, i: number, size: number) =>
    Buffer.from(packed.subarray(i * size, (i + 1) * size));
  for (let i = 0; i < 8; i++) {
    expect(left.includes(slice(scalars, i, 32))).toBe(false);
    expect(left.includes(slice(others, i, 32))).toBe(false);
    expect(left.includes(slice(uniform, i, 64))).toBe(false);
  }
});

it.each([
  ["sums", false],
  ["differences", true],
])("our own WebAssembly leaves nothing of %s with multiples behind", (_, negative) => {
  const wasm = newInstance<GroupFunctions>(GROUP_FUNCTIONS)!;
  const group = loadWasmGroup(wasm)!;
  const results = group.addMultiples(points, GENERATOR, scalars, negative)!;
  const spoiled = Buffer.concat([points, points.slice().fill(255, 32, 64)]);
  expect(group.addMultiples(spoiled, GENERATOR, Buffer.concat([scalars, others]), true)).toBeUndefined();
  const left = Buffer.from(wasm.memory.buffer);
  for (let at = 0; at < scalars.length; at += 32) {
    for (const secret of [scalars, others, results])
      expect(left.includes(Buffer.from(secret.subarray(at, at + 16)))).toBe(false);
  }
});
