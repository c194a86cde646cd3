// The kernel that is always there: libsodium compiled to WebAssembly, called below its JavaScript wrappers, which allocate,
// copy and free for every element. Here a batch is copied into the module's memory once and processed in place. What libsodium has no fast
// way for, WebAssembly of our own does, where it is to be had: see wasm.ts.
import sodium from "libsodium-wrappers-sumo";
import {
  assertOne,
  elementCount,
  GENERATOR,
  mappedCount,
  pairCount,
  POINT_BYTES,
  SCALAR_BYTES,
  tripleCount,
  UNIFORM_BYTES,
} from "./kernel.ts";
import { hashRows } from "./hash-rows.ts";
import { isZero } from "./scalars.ts";
import { loadWasmGroup, type WasmGroup } from "./wasm.ts";
import type { ByteRows } from "../rows.ts";
import type { GroupKernel } from "./kernel.ts";

/** What this file uses of the compiled module: addresses are offsets into HEAPU8; calls return 0 or -1 or nothing. */
interface SodiumModule {
  /** Replaced when the memory grows: read it again for every batch. */
  readonly HEAPU8: Uint8Array;
  readonly _malloc: (length: number) => number;
  readonly _crypto_core_ristretto255_is_valid_point: (point: number) => number;
  readonly _crypto_core_ristretto255_from_hash: (out: number, uniform: number) => number;
  readonly _crypto_core_ristretto255_add: (out: number, left: number, right: number) => number;
  readonly _crypto_core_ristretto255_sub: (out: number, left: number, right: number) => number;
  readonly _crypto_core_ristretto255_scalar_mul: (out: number, left: number, right: number) => void;
  readonly _crypto_core_ristretto255_scalar_sub: (out: number, left: number, right: number) => void;
  readonly _crypto_core_ristretto255_scalar_reduce: (out: number, uniform: number) => void;
  readonly _crypto_scalarmult_ristretto255: (out: number, scalar: number, point: number) => number;
  readonly _crypto_scalarmult_ristretto255_base: (out: number, scalar: number) => number;
}

/** Elements that the scratch memory holds; longer batches go through it slice by slice. */
const SLICE = 2048;
/** Results of every operation: a point or a scalar. */
const RESULT_BYTES = 32;
const SCRATCH_BYTES = SLICE * (RESULT_BYTES + UNIFORM_BYTES + SCALAR_BYTES);

/** One operand of a batch; the step from element to element is 0 where all share one. */
interface Operand {
  readonly packed: Uint8Array;
  readonly step: number;
}

const NONE: Operand = { packed: new Uint8Array(0), step: 0 };

class SodiumKernel implements GroupKernel {
  readonly name: string;
  readonly #module: SodiumModule;
  readonly #own: WasmGroup | undefined;
  /** Addresses: results first, then the two operands. */
  readonly #scratch: number;
  readonly #left: number;
  readonly #right: number;

  /** `own`: what is faster than libsodium, where it is to be had. */
  constructor(module: SodiumModule, own: WasmGroup | undefined) {
    this.#module = module;
    this.#own = own;
    this.name = own ? "libsodium WebAssembly" : "libsodium WebAssembly alone";
    this.#scratch = module._malloc(SCRATCH_BYTES);
    this.#left = this.#scratch + SLICE * RESULT_BYTES;
    this.#right = this.#left + SLICE * UNIFORM_BYTES;
  }

  firstInvalid(points: Uint8Array): number {
    const module = this.#module;
    const count = elementCount(points, POINT_BYTES);
    for (let i = 0; i < count; i++) {
      module.HEAPU8.set(points.subarray(i * POINT_BYTES, (i + 1) * POINT_BYTES), this.#left);
      if (this.#isIdentity(this.#left) || !module._crypto_core_ristretto255_is_valid_point(this.#left))
        return i;
    }
    return -1;
  }

  mapToGroup(uniform: Uint8Array): Uint8Array<ArrayBuffer> {
    const count = elementCount(uniform, UNIFORM_BYTES);
    return this.#batch(count, { packed: uniform, step: UNIFORM_BYTES }, NONE, (out, left) => {
      this.#module._crypto_core_ristretto255_from_hash(out, left);
      return true;
    })!;
  }

  add(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    return this.#combine(left, right, this.#module._crypto_core_ristretto255_add);
  }

  subtract(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    return this.#combine(left, right, this.#module._crypto_core_ristretto255_sub);
  }

  #combine(
    left: Uint8Array,
    right: Uint8Array,
    operation: (out: number, left: number, right: number) => number,
  ): Uint8Array<ArrayBuffer> | undefined {
    const count = pairCount(left, right, POINT_BYTES);
    const step = POINT_BYTES;
    return this.#batch(count, { packed: left, step }, { packed: right, step }, (out, a, b) => {
      if (this.#isIdentity(a) || this.#isIdentity(b)) return false;
      return operation(out, a, b) === 0 && !this.#isIdentity(out);
    });
  }

  multiply(points: Uint8Array, scalars: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    pairCount(points, scalars, POINT_BYTES);
    return this.#multiply(points, { packed: scalars, step: SCALAR_BYTES });
  }

  multiplyByOne(points: Uint8Array, scalar: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    assertOne(scalar, SCALAR_BYTES);
    return this.#multiply(points, { packed: scalar, step: 0 });
  }

  /** libsodium decodes the point, and refuses it, before it reads the scalar; it refuses the identity as a result. */
  #multiply(points: Uint8Array, scalars: Operand): Uint8Array<ArrayBuffer> | undefined {
    const count = elementCount(points, POINT_BYTES);
    return this.#batch(count, { packed: points, step: POINT_BYTES }, scalars, (out, point, scalar) => {
      return (
        !this.#isIdentity(point) && this.#module._crypto_scalarmult_ristretto255(out, scalar, point) === 0
      );
    });
  }

  mapAndMultiplyByOne(uniform: Uint8Array, scalar: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    assertOne(scalar, SCALAR_BYTES);
    return this.multiplyByOne(this.mapToGroup(uniform), scalar);
  }

  multiplyBase(scalars: Uint8Array): Uint8Array<ArrayBuffer> {
    const count = elementCount(scalars, SCALAR_BYTES);
    const points = this.#batch(count, { packed: scalars, step: SCALAR_BYTES }, NONE, (out, scalar) => {
      return this.#module._crypto_scalarmult_ristretto255_base(out, scalar) === 0;
    });
    if (!points) throw new RangeError("a scalar is zero");
    return points;
  }

  mapAndAddMultiples(
    uniform: Uint8Array,
    base: Uint8Array,
    scalars: Uint8Array,
  ): Uint8Array<ArrayBuffer> | undefined {
    mappedCount(uniform, scalars);
    assertOne(base, POINT_BYTES);
    if (this.#own) return this.#own.addMultiples(this.mapToGroup(uniform), base, scalars, false);
    const multiples = this.#multiples(base, scalars);
    const add = this.#module._crypto_core_ristretto255_add;
    return multiples && this.#combineMultiples(this.mapToGroup(uniform), multiples, add);
  }

  subtractMultiples(
    points: Uint8Array,
    base: Uint8Array,
    scalars: Uint8Array,
  ): Uint8Array<ArrayBuffer> | undefined {
    pairCount(points, scalars, POINT_BYTES);
    assertOne(base, POINT_BYTES);
    if (this.#own) return this.#own.addMultiples(points, base, scalars, true);
    const multiples = this.#multiples(base, scalars);
    return multiples && this.#combineMultiples(points, multiples, this.#module._crypto_core_ristretto255_sub);
  }

  /** Products of one point, the identity for zero; libsodium has a table for the generator alone. `undefined` if it is not valid. */
  #multiples(base: Uint8Array, scalars: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    if (this.firstInvalid(base) !== -1) return undefined;
    const { _crypto_scalarmult_ristretto255: multiply, _crypto_scalarmult_ristretto255_base: multiplyBase } =
      this.#module;
    const isGenerator = Buffer.compare(base, GENERATOR) === 0;
    const count = elementCount(scalars, SCALAR_BYTES);
    const left = { packed: scalars, step: SCALAR_BYTES };
    return this.#batch(count, left, { packed: base, step: 0 }, (out, scalar, point) => {
      // What they return tells the identity from other products.
      if (isGenerator) multiplyBase(out, scalar);
      else multiply(out, scalar, point);
      return true;
    });
  }

  /** A multiple, unlike a point, may be the identity. */
  #combineMultiples(
    points: Uint8Array,
    multiples: Uint8Array,
    operation: (out: number, left: number, right: number) => number,
  ): Uint8Array<ArrayBuffer> | undefined {
    const count = elementCount(points, POINT_BYTES);
    const step = POINT_BYTES;
    const result = this.#batch(
      count,
      { packed: points, step },
      { packed: multiples, step },
      (out, a, b) => !this.#isIdentity(a) && operation(out, a, b) === 0 && !this.#isIdentity(out),
    );
    multiples.fill(0);
    return result;
  }

  sumOfProducts(points: Uint8Array, scalars: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    const count = pairCount(points, scalars, POINT_BYTES);
    return this.#own ? this.#own.sumOfProducts(points, scalars) : this.#sumOfEach(points, scalars, count);
  }

  /** Product by product: libsodium shows nothing of its points but their encodings, with which no sum of many is faster. */
  #sumOfEach(points: Uint8Array, scalars: Uint8Array, count: number): Uint8Array<ArrayBuffer> | undefined {
    const step = POINT_BYTES;
    const module = this.#module;
    const products = this.#batch(
      count,
      { packed: points, step },
      { packed: scalars, step },
      (out, point, scalar) => {
        if (module._crypto_scalarmult_ristretto255(out, scalar, point) === 0) return true;
        // The point is not valid, or the product is the identity, which may be a term.
        module.HEAPU8.fill(0, out, out + RESULT_BYTES);
        return !this.#isIdentity(point) && module._crypto_core_ristretto255_is_valid_point(point) === 1;
      },
    );
    if (!products) return undefined;
    const sum = this.#sum(products);
    return isZero(sum) ? undefined : sum;
  }

  /** Any of the terms, and the sum, may be the identity. */
  #sum(points: Uint8Array): Uint8Array<ArrayBuffer> {
    const module = this.#module;
    const sum = this.#scratch;
    module.HEAPU8.fill(0, sum, sum + RESULT_BYTES);
    for (let start = 0; start < points.length; start += SLICE * POINT_BYTES) {
      const slice = points.subarray(start, start + SLICE * POINT_BYTES);
      module.HEAPU8.set(slice, this.#left);
      for (let at = 0; at < slice.length; at += POINT_BYTES)
        module._crypto_core_ristretto255_add(sum, sum, this.#left + at);
    }
    const result = this.#results(RESULT_BYTES).slice() as Uint8Array<ArrayBuffer>;
    this.#wipe();
    return result;
  }

  reduceScalars(uniform: Uint8Array): Uint8Array<ArrayBuffer> {
    const count = elementCount(uniform, UNIFORM_BYTES);
    return this.#batch(count, { packed: uniform, step: UNIFORM_BYTES }, NONE, (out, left) => {
      this.#module._crypto_core_ristretto255_scalar_reduce(out, left);
      return true;
    })!;
  }

  subtractProducts(minuends: Uint8Array, left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
    const count = tripleCount(minuends, left, right);
    const { _crypto_core_ristretto255_scalar_mul: multiply, _crypto_core_ristretto255_scalar_sub: subtract } =
      this.#module;
    const step = SCALAR_BYTES;
    const products = this.#batch(count, { packed: left, step }, { packed: right, step }, (out, a, b) => {
      multiply(out, a, b);
      return true;
    })!;
    const differences = this.#batch(
      count,
      { packed: minuends, step },
      { packed: products, step },
      (out, a, b) => {
        subtract(out, a, b);
        return true;
      },
    )!;
    products.fill(0);
    return differences;
  }

  hashRows(prefix: Uint8Array, rows: ByteRows, suffix: Uint8Array): Uint8Array<ArrayBuffer> {
    return hashRows(prefix, rows, suffix);
  }

  /** Processes `count` elements; `undefined` as soon as `operation` refuses one. */
  #batch(
    count: number,
    left: Operand,
    right: Operand,
    operation: (out: number, left: number, right: number) => boolean,
  ): Uint8Array<ArrayBuffer> | undefined {
    const results = new Uint8Array(count * RESULT_BYTES);
    try {
      for (let start = 0; start < count; start += SLICE) {
        const length = Math.min(SLICE, count - start);
        this.#load(this.#left, left, start, length);
        this.#load(this.#right, right, start, length);
        for (let i = 0; i < length; i++) {
          const out = this.#scratch + i * RESULT_BYTES;
          if (!operation(out, this.#left + i * left.step, this.#right + i * right.step)) return undefined;
        }
        results.set(this.#results(length * RESULT_BYTES), start * RESULT_BYTES);
      }
    } finally {
      this.#wipe();
    }
    return results;
  }

  #load(address: number, operand: Operand, start: number, length: number): void {
    const { packed, step } = operand;
    const slice = step === 0 ? packed : packed.subarray(start * step, (start + length) * step);
    this.#module.HEAPU8.set(slice, address);
  }

  #results(length: number): Uint8Array {
    return this.#module.HEAPU8.subarray(this.#scratch, this.#scratch + length);
  }

  /** The identity has one canonical encoding: 32 zero bytes. */
  #isIdentity(address: number): boolean {
    const memory = this.#module.HEAPU8;
    for (let i = 0; i < POINT_BYTES; i++) if (memory[address + i] !== 0) return false;
    return true;
  }

  /** Operands and results may be secret: none of them stays in the module's memory. */
  #wipe(): void {
    this.#module.HEAPU8.fill(0, this.#scratch, this.#scratch + SCRATCH_BYTES);
  }
}

const module = sodium.ready.then(() => (sodium as unknown as { libsodium: SodiumModule }).libsodium);
let loaded: Promise<GroupKernel> | undefined;

/** The kernel of this thread: libsodium is loaded, and its scratch memory taken, once. */
export function loadSodium(): Promise<GroupKernel> {
  loaded ??= module.then((ready) => new SodiumKernel(ready, loadWasmGroup()));
  return loaded;
}

/** What it is where our own WebAssembly is not to be had. */
export async function loadSodiumAlone(): Promise<GroupKernel> {
  return new SodiumKernel(await module, undefined);
}
