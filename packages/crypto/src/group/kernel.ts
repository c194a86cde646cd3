// The suite of the protocol, ristretto255-SHA512 (RFC 9496, RFC 9497 section 4.1), in batches of packed elements.
import type { ByteRows } from "../rows.ts";

/** An encoded element of the group. */
export const POINT_BYTES = 32;
/** A scalar, little-endian, reduced modulo the group order 2^252 + 27742317777372353535851937790883648493. */
export const SCALAR_BYTES = 32;
/** A uniform string that the one-way map or the reduction of a scalar takes. */
export const UNIFORM_BYTES = 64;
/** The generator's encoding: RFC 9496, A.1, B[1]. */
export const GENERATOR: Uint8Array<ArrayBuffer> = new Uint8Array(
  Buffer.from("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76", "hex"),
);
/** A digest of SHA-512. */
export const DIGEST_BYTES = 64;

/**
 * Batch arithmetic: n points are n x 32 bytes, n scalars n x 32 bytes. This is the one place where untrusted points
 * are decoded. A point is valid if it is a canonical encoding and not the identity; every operation checks that
 * before a scalar touches the point, and answers `undefined` for the whole batch if a point is not valid or a
 * result is the identity. Arrays of a wrong length, and scalars that are zero where none may be, are defects of the
 * caller: RangeError. No operation keeps a scalar after it returns.
 */
export interface GroupKernel {
  readonly name: string;

  /** Index of the first of n points that is not valid, -1 if there is none. */
  firstInvalid(points: Uint8Array): number;

  /** One-way map of RFC 9496, section 4.3.4: n x 64 uniform bytes to n points, for which no logarithm is known. */
  mapToGroup(uniform: Uint8Array): Uint8Array<ArrayBuffer>;

  /** Sums of n points with n points. */
  add(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> | undefined;

  /** Differences: n points minus n points. */
  subtract(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> | undefined;

  /** n points, each multiplied by its own scalar. */
  multiply(points: Uint8Array, scalars: Uint8Array): Uint8Array<ArrayBuffer> | undefined;

  /** n points, all multiplied by one scalar. */
  multiplyByOne(points: Uint8Array, scalar: Uint8Array): Uint8Array<ArrayBuffer> | undefined;

  /** `mapToGroup` and then `multiplyByOne`, which some kernels do without an encoding in between. */
  mapAndMultiplyByOne(uniform: Uint8Array, scalar: Uint8Array): Uint8Array<ArrayBuffer> | undefined;

  /** The generator multiplied by n scalars, none of them zero. */
  multiplyBase(scalars: Uint8Array): Uint8Array<ArrayBuffer>;

  /**
   * `mapToGroup`, and to each point added the product of one point, `base`, with a scalar of its own, which may be zero. By a
   * table of the multiples of `base`, where the kernel can have one: several times faster than products of many points.
   */
  mapAndAddMultiples(
    uniform: Uint8Array,
    base: Uint8Array,
    scalars: Uint8Array,
  ): Uint8Array<ArrayBuffer> | undefined;

  /** n points, from each of which the product of one point, `base`, with a scalar of its own is subtracted; as above. */
  subtractMultiples(
    points: Uint8Array,
    base: Uint8Array,
    scalars: Uint8Array,
  ): Uint8Array<ArrayBuffer> | undefined;

  /**
   * One point: the sum of n points, each multiplied by its own scalar. Points and scalars must be public, for the time may
   * depend on them. `undefined` as everywhere, also for no points at all.
   */
  sumOfProducts(points: Uint8Array, scalars: Uint8Array): Uint8Array<ArrayBuffer> | undefined;

  /** n x 64 uniform bytes, little-endian, modulo the group order. */
  reduceScalars(uniform: Uint8Array): Uint8Array<ArrayBuffer>;

  /** Scalars: n minuends, from each of which a product of two scalars is subtracted. */
  subtractProducts(minuends: Uint8Array, left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer>;

  /** SHA-512 of each row between `prefix` and `suffix`: n x 64 bytes. */
  hashRows(prefix: Uint8Array, rows: ByteRows, suffix: Uint8Array): Uint8Array<ArrayBuffer>;
}

/** How many elements of `size` bytes an array holds; RangeError if it ends within one. */
export function elementCount(packed: Uint8Array, size: number): number {
  if (packed.length % size !== 0)
    throw new RangeError(`packed elements of ${size} bytes, got ${packed.length} bytes`);
  return packed.length / size;
}

/** As `elementCount`, for two arrays that must hold equally many elements. */
export function pairCount(left: Uint8Array, right: Uint8Array, size: number): number {
  if (left.length !== right.length) throw new RangeError("two operands of different lengths");
  return elementCount(left, size);
}

/** How many uniform strings there are; RangeError unless there are equally many scalars. */
export function mappedCount(uniform: Uint8Array, scalars: Uint8Array): number {
  const count = elementCount(uniform, UNIFORM_BYTES);
  if (scalars.length !== count * SCALAR_BYTES) throw new RangeError("two operands of different lengths");
  return count;
}

/** As `elementCount`, for three arrays of scalars. */
export function tripleCount(first: Uint8Array, second: Uint8Array, third: Uint8Array): number {
  pairCount(second, third, SCALAR_BYTES);
  return pairCount(first, second, SCALAR_BYTES);
}

/** RangeError unless the array holds exactly one element. */
export function assertOne(packed: Uint8Array, size: number): void {
  if (packed.length !== size)
    throw new RangeError(`one element of ${size} bytes, got ${packed.length} bytes`);
}
