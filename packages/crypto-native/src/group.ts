// ristretto255 (RFC 9496) and SHA-512 in batches, on one of the add-on's paths.
import { FIELD_OPERATIONS, loadAddon, type Addon, type FieldOperation, type NativePath } from "./addon.ts";

/**
 * The group on one path. Points and scalars are packed, 32 bytes each, uniform strings 64; scalars are taken modulo
 * the group order. `out` has the results' length. A function that answers false met a point that is not valid or
 * made the identity, and `out` is of no use. RangeError if lengths do not fit each other. Nothing is kept of the
 * operands: `scratch`, which every function works in, holds only zeros between calls.
 */
export class NativeGroup {
  readonly path: NativePath;
  /** Points worked on at once. */
  readonly lanes: number;
  /** Limbs of a field element: five of 51 bits, or ten of 26 and 25 bits in turn. */
  readonly limbs: number;
  readonly scratch: Uint8Array<ArrayBuffer>;
  readonly #addon: Addon;
  readonly #index: number;
  readonly #sumBytes: number;
  /** Taken with the first sum; what is in it is public. */
  #sumMemory: Uint8Array | undefined;

  constructor(addon: Addon, index: number) {
    const { name, lanes, limbs, scratchBytes, sumBytes } = addon.paths[index]!;
    this.path = name;
    this.lanes = lanes;
    this.limbs = limbs;
    this.scratch = new Uint8Array(scratchBytes);
    this.#sumBytes = sumBytes;
    this.#addon = addon;
    this.#index = index;
  }

  /** Index of the first point that is not valid, -1 if there is none. */
  firstInvalid(points: Uint8Array): number {
    return this.#addon.firstInvalid(this.#index, this.scratch, points);
  }

  mapToGroup(out: Uint8Array, uniform: Uint8Array): void {
    this.#addon.mapToGroup(this.#index, this.scratch, out, uniform);
  }

  add(out: Uint8Array, left: Uint8Array, right: Uint8Array): boolean {
    return this.#addon.add(this.#index, this.scratch, out, left, right);
  }

  subtract(out: Uint8Array, left: Uint8Array, right: Uint8Array): boolean {
    return this.#addon.subtract(this.#index, this.scratch, out, left, right);
  }

  /** `scalars`: one for each point, or one for all. */
  multiply(out: Uint8Array, points: Uint8Array, scalars: Uint8Array): boolean {
    return this.#addon.multiply(this.#index, this.scratch, out, points, scalars);
  }

  /** `mapToGroup` and then `multiply` with one scalar, without an encoding in between. */
  mapAndMultiply(out: Uint8Array, uniform: Uint8Array, scalar: Uint8Array): boolean {
    return this.#addon.mapAndMultiply(this.#index, this.scratch, out, uniform, scalar);
  }

  multiplyBase(out: Uint8Array, scalars: Uint8Array): boolean {
    return this.#addon.multiplyBase(this.#index, this.scratch, out, scalars);
  }

  /** `mapToGroup` plus, point by point, the product of one point, `base`, with each scalar. */
  mapAndAddMultiples(out: Uint8Array, uniform: Uint8Array, base: Uint8Array, scalars: Uint8Array): boolean {
    return this.#addon.mapAndAddMultiples(this.#index, this.scratch, out, uniform, base, scalars);
  }

  /** Points minus such products. */
  subtractMultiples(out: Uint8Array, points: Uint8Array, base: Uint8Array, scalars: Uint8Array): boolean {
    return this.#addon.subtractMultiples(this.#index, this.scratch, out, points, base, scalars);
  }

  /** The sum of the products of points with scalars, one point; both are public, the time depends on them. */
  sumOfProducts(out: Uint8Array, points: Uint8Array, scalars: Uint8Array): boolean {
    this.#sumMemory ??= new Uint8Array(this.#sumBytes);
    return this.#addon.sumOfProducts(this.#index, this.scratch, this.#sumMemory, out, points, scalars);
  }

  /** Scalars: minuends - left x right. */
  subtractProducts(out: Uint8Array, minuends: Uint8Array, left: Uint8Array, right: Uint8Array): void {
    this.#addon.subtractProducts(this.#index, this.scratch, out, minuends, left, right);
  }

  reduceScalars(out: Uint8Array, uniform: Uint8Array): void {
    this.#addon.reduceScalars(this.#index, this.scratch, out, uniform);
  }

  /** SHA-512 of rows `bytes[offsets[i] .. offsets[i + 1])`, each between prefix and suffix: 64 bytes each. */
  hashRows(
    out: Uint8Array,
    prefix: Uint8Array,
    bytes: Uint8Array,
    suffix: Uint8Array,
    offsets: Uint32Array,
  ): void {
    this.#addon.hashRows(this.#index, this.scratch, out, prefix, bytes, suffix, offsets);
  }

  /** For tests. Operands: lanes x limbs words; the result: lanes x 32 bytes, below p. */
  field(operation: FieldOperation, left: BigUint64Array, right: BigUint64Array): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(this.lanes * 32);
    const number = FIELD_OPERATIONS.indexOf(operation);
    this.#addon.field(this.#index, this.scratch, out, bytesOf(left), bytesOf(right), number);
    return out;
  }
}

const bytesOf = (words: BigUint64Array) => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

/** Paths that run on this machine, fastest first; none if the add-on was not built. */
export function nativePaths(): NativePath[] {
  return (loadAddon()?.paths ?? []).filter((path) => path.runsHere).map((path) => path.name);
}

/** The group on `path`, by default the fastest one; undefined if it does not run here. */
export function loadNative(path: NativePath | undefined = nativePaths()[0]): NativeGroup | undefined {
  const addon = loadAddon();
  if (!addon || !path || !nativePaths().includes(path)) return undefined;
  return new NativeGroup(
    addon,
    addon.paths.findIndex(({ name }) => name === path),
  );
}
