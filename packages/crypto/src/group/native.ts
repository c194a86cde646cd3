// The fast kernel: ristretto255 in C, where this machine could build it (packages/crypto-native).
import { loadNative } from "@halfroom/crypto-native";
import {
  assertOne,
  DIGEST_BYTES,
  elementCount,
  mappedCount,
  pairCount,
  POINT_BYTES,
  SCALAR_BYTES,
  tripleCount,
  UNIFORM_BYTES,
} from "./kernel.ts";
import { rowCount } from "../rows.ts";
import type { NativeGroup, NativePath } from "@halfroom/crypto-native";
import type { ByteRows } from "../rows.ts";
import type { GroupKernel } from "./kernel.ts";

class NativeKernel implements GroupKernel {
  readonly name: string;
  readonly #group: NativeGroup;

  constructor(group: NativeGroup) {
    this.name = `native ${group.path}`;
    this.#group = group;
  }

  firstInvalid(points: Uint8Array): number {
    elementCount(points, POINT_BYTES);
    return this.#group.firstInvalid(points);
  }

  mapToGroup(uniform: Uint8Array): Uint8Array<ArrayBuffer> {
    const points = new Uint8Array(elementCount(uniform, UNIFORM_BYTES) * POINT_BYTES);
    this.#group.mapToGroup(points, uniform);
    return points;
  }

  add(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    const sums = new Uint8Array(pairCount(left, right, POINT_BYTES) * POINT_BYTES);
    return this.#group.add(sums, left, right) ? sums : undefined;
  }

  subtract(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    const differences = new Uint8Array(pairCount(left, right, POINT_BYTES) * POINT_BYTES);
    return this.#group.subtract(differences, left, right) ? differences : undefined;
  }

  multiply(points: Uint8Array, scalars: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    const products = new Uint8Array(pairCount(points, scalars, POINT_BYTES) * POINT_BYTES);
    return this.#group.multiply(products, points, scalars) ? products : undefined;
  }

  multiplyByOne(points: Uint8Array, scalar: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    assertOne(scalar, SCALAR_BYTES);
    const products = new Uint8Array(elementCount(points, POINT_BYTES) * POINT_BYTES);
    return this.#group.multiply(products, points, scalar) ? products : undefined;
  }

  mapAndMultiplyByOne(uniform: Uint8Array, scalar: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    assertOne(scalar, SCALAR_BYTES);
    const products = new Uint8Array(elementCount(uniform, UNIFORM_BYTES) * POINT_BYTES);
    return this.#group.mapAndMultiply(products, uniform, scalar) ? products : undefined;
  }

  multiplyBase(scalars: Uint8Array): Uint8Array<ArrayBuffer> {
    const products = new Uint8Array(elementCount(scalars, SCALAR_BYTES) * POINT_BYTES);
    if (!this.#group.multiplyBase(products, scalars)) throw new RangeError("a scalar is zero");
    return products;
  }

  mapAndAddMultiples(
    uniform: Uint8Array,
    base: Uint8Array,
    scalars: Uint8Array,
  ): Uint8Array<ArrayBuffer> | undefined {
    assertOne(base, POINT_BYTES);
    const sums = new Uint8Array(mappedCount(uniform, scalars) * POINT_BYTES);
    return this.#group.mapAndAddMultiples(sums, uniform, base, scalars) ? sums : undefined;
  }

  subtractMultiples(
    points: Uint8Array,
    base: Uint8Array,
    scalars: Uint8Array,
  ): Uint8Array<ArrayBuffer> | undefined {
    assertOne(base, POINT_BYTES);
    const differences = new Uint8Array(pairCount(points, scalars, POINT_BYTES) * POINT_BYTES);
    return this.#group.subtractMultiples(differences, points, base, scalars) ? differences : undefined;
  }

  sumOfProducts(points: Uint8Array, scalars: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    pairCount(points, scalars, POINT_BYTES);
    const sum = new Uint8Array(POINT_BYTES);
    return this.#group.sumOfProducts(sum, points, scalars) ? sum : undefined;
  }

  reduceScalars(uniform: Uint8Array): Uint8Array<ArrayBuffer> {
    const scalars = new Uint8Array(elementCount(uniform, UNIFORM_BYTES) * SCALAR_BYTES);
    this.#group.reduceScalars(scalars, uniform);
    return scalars;
  }

  subtractProducts(minuends: Uint8Array, left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
    const differences = new Uint8Array(tripleCount(minuends, left, right) * SCALAR_BYTES);
    this.#group.subtractProducts(differences, minuends, left, right);
    return differences;
  }

  hashRows(prefix: Uint8Array, rows: ByteRows, suffix: Uint8Array): Uint8Array<ArrayBuffer> {
    const digests = new Uint8Array(rowCount(rows) * DIGEST_BYTES);
    this.#group.hashRows(digests, prefix, rows.bytes, suffix, rows.offsets);
    return digests;
  }
}

/** The kernel on `path`, by default the fastest one of this machine; undefined where it does not run. */
export function loadNativeKernel(path?: NativePath): GroupKernel | undefined {
  const group = loadNative(path);
  return group && new NativeKernel(group);
}
