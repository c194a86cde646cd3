// The kernel of reference: @noble/curves, an implementation independent of libsodium and several times slower.
import { pippenger } from "@noble/curves/abstract/curve.js";
import { ristretto255, ristretto255_hasher } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
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
import { rowAt, rowCount } from "../rows.ts";
import type { GroupKernel } from "./kernel.ts";

const { Point } = ristretto255;
type Point = InstanceType<typeof Point>;
const { Fn } = Point;

function* elements(packed: Uint8Array, size: number): Generator<Uint8Array> {
  for (let start = 0; start < packed.length; start += size) yield packed.subarray(start, start + size);
}

/** The point, or undefined if it is not valid. */
function decode(encoded: Uint8Array): Point | undefined {
  try {
    const point = Point.fromBytes(encoded);
    return point.is0() ? undefined : point;
  } catch {
    return undefined;
  }
}

function decodeAll(packed: Uint8Array): Point[] | undefined {
  const points = [...elements(packed, POINT_BYTES)].map(decode);
  return points.includes(undefined) ? undefined : (points as Point[]);
}

function encodeAll(points: readonly Point[]): Uint8Array<ArrayBuffer> | undefined {
  if (points.some((point) => point.is0())) return undefined;
  return pack(points.map((point) => point.toBytes()));
}

function pack(encoded: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const packed = new Uint8Array(encoded.length * POINT_BYTES);
  encoded.forEach((bytes, i) => packed.set(bytes, i * POINT_BYTES));
  return packed;
}

const scalarsOf = (packed: Uint8Array): bigint[] =>
  [...elements(packed, SCALAR_BYTES)].map((s) => Fn.fromBytes(s));

function combine(left: Uint8Array, right: Uint8Array, operation: (a: Point, b: Point) => Point) {
  pairCount(left, right, POINT_BYTES);
  const [a, b] = [decodeAll(left), decodeAll(right)];
  return a && b && encodeAll(a.map((point, i) => operation(point, b[i]!)));
}

function combineMultiples(
  points: Uint8Array,
  base: Uint8Array,
  scalars: Uint8Array,
  operation: (point: Point, multiple: Point) => Point,
) {
  assertOne(base, POINT_BYTES);
  const [decoded, shared] = [decodeAll(points), decode(base)];
  const factors = scalarsOf(scalars);
  return (
    decoded && shared && encodeAll(decoded.map((point, i) => operation(point, product(shared, factors[i]!))))
  );
}

/** The point by the scalar; noble's own `multiply` takes no zero. */
const product = (point: Point, scalar: bigint): Point =>
  scalar === 0n ? Point.ZERO : point.multiply(scalar);

/** The kernel that tests hold every other one against. */
export const nobleKernel: GroupKernel = {
  name: "noble",
  firstInvalid(points) {
    elementCount(points, POINT_BYTES);
    return [...elements(points, POINT_BYTES)].findIndex((point) => !decode(point));
  },
  mapToGroup(uniform) {
    elementCount(uniform, UNIFORM_BYTES);
    return pack(
      [...elements(uniform, UNIFORM_BYTES)].map((u) => ristretto255_hasher.deriveToCurve!(u).toBytes()),
    );
  },
  add: (left, right) => combine(left, right, (a, b) => a.add(b)),
  subtract: (left, right) => combine(left, right, (a, b) => a.subtract(b)),
  multiply(points, scalars) {
    pairCount(points, scalars, POINT_BYTES);
    const factors = scalarsOf(scalars);
    const decoded = decodeAll(points);
    return decoded && encodeAll(decoded.map((point, i) => product(point, factors[i]!)));
  },
  multiplyByOne(points, scalar) {
    assertOne(scalar, SCALAR_BYTES);
    elementCount(points, POINT_BYTES);
    const factor = Fn.fromBytes(scalar);
    const decoded = decodeAll(points);
    return decoded && encodeAll(decoded.map((point) => product(point, factor)));
  },
  mapAndMultiplyByOne(uniform, scalar) {
    return this.multiplyByOne(this.mapToGroup(uniform), scalar);
  },
  multiplyBase(scalars) {
    elementCount(scalars, SCALAR_BYTES);
    const points = encodeAll(scalarsOf(scalars).map((scalar) => product(Point.BASE, scalar)));
    if (!points) throw new RangeError("a scalar is zero");
    return points;
  },
  mapAndAddMultiples(uniform, base, scalars) {
    mappedCount(uniform, scalars);
    return combineMultiples(this.mapToGroup(uniform), base, scalars, (point, multiple) =>
      point.add(multiple),
    );
  },
  subtractMultiples(points, base, scalars) {
    pairCount(points, scalars, POINT_BYTES);
    return combineMultiples(points, base, scalars, (point, multiple) => point.subtract(multiple));
  },
  sumOfProducts(points, scalars) {
    pairCount(points, scalars, POINT_BYTES);
    const decoded = decodeAll(points);
    if (!decoded || decoded.length === 0) return undefined;
    return encodeAll([pippenger(Point, decoded, scalarsOf(scalars))]);
  },
  reduceScalars(uniform) {
    elementCount(uniform, UNIFORM_BYTES);
    return pack([...elements(uniform, UNIFORM_BYTES)].map((u) => Fn.toBytes(Fn.create(littleEndian(u)))));
  },
  subtractProducts(minuends, left, right) {
    tripleCount(minuends, left, right);
    const [a, b, c] = [scalarsOf(minuends), scalarsOf(left), scalarsOf(right)];
    return pack(a.map((minuend, i) => Fn.toBytes(Fn.sub(minuend, Fn.mul(b[i]!, c[i]!)))));
  },
  hashRows(prefix, rows, suffix) {
    const digests = new Uint8Array(rowCount(rows) * DIGEST_BYTES);
    for (let i = 0; i < rowCount(rows); i++) {
      digests.set(sha512(Buffer.concat([prefix, rowAt(rows, i), suffix])), i * DIGEST_BYTES);
    }
    return digests;
  },
};

const littleEndian = (bytes: Uint8Array): bigint =>
  BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
