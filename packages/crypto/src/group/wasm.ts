// What our own WebAssembly does faster than libsodium: sums of many products (../../assembly/sums.ts), and multiples of one point by a table
// (../../assembly/multiples.ts), which libsodium has for the generator alone.
import { layOut, newInstance, type Instance } from "../wasm-module.ts";
import { POINT_BYTES, SCALAR_BYTES, type GroupKernel } from "./kernel.ts";

/** Elements that are worked on at a time. */
const CHUNK = 512;

export interface GroupFunctions extends Instance {
  sumBytes(count: number): number;
  emptySum(sums: number): void;
  addToSum(sums: number, points: number, scalars: number, count: number): number;
  finishSum(sums: number, out: number): number;
  tableBytes(): number;
  makeTable(table: number, base: number): number;
  addMultiples(
    table: number,
    points: number,
    scalars: number,
    count: number,
    negative: number,
    out: number,
  ): number;
}

/** See `GroupKernel`; the lengths fit each other. */
export interface WasmGroup {
  readonly sumOfProducts: GroupKernel["sumOfProducts"];
  /** Adds to each point the product of `base` with its scalar, or subtracts it. */
  addMultiples(
    points: Uint8Array,
    base: Uint8Array,
    scalars: Uint8Array,
    negative: boolean,
  ): Uint8Array<ArrayBuffer> | undefined;
}

export const GROUP_FUNCTIONS = [
  "sumBytes",
  "emptySum",
  "addToSum",
  "finishSum",
  "tableBytes",
  "makeTable",
  "addMultiples",
] as const;

/** Undefined where the module is not to be had: see `newInstance`. `wasm`: a parameter for tests alone. */
export function loadWasmGroup(wasm = newInstance<GroupFunctions>(GROUP_FUNCTIONS)): WasmGroup | undefined {
  return wasm && { sumOfProducts: sumOfProducts(wasm), addMultiples: addMultiples(wasm) };
}

/** Calls `use` for each chunk of `count` elements. */
function chunksOf(count: number, use: (first: number, end: number) => boolean): boolean {
  for (let first = 0; first < count; first += CHUNK)
    if (!use(first, Math.min(count, first + CHUNK))) return false;
  return true;
}

function sumOfProducts(wasm: GroupFunctions): WasmGroup["sumOfProducts"] {
  return (points, scalars) => {
    const sizes = [CHUNK * POINT_BYTES, CHUNK * SCALAR_BYTES, POINT_BYTES, wasm.sumBytes(CHUNK)];
    const [left, right, out, sums] = layOut(wasm, ...sizes) as [number, number, number, number];
    const memory = new Uint8Array(wasm.memory.buffer);
    wasm.emptySum(sums);
    const valid = chunksOf(points.length / POINT_BYTES, (first, end) => {
      memory.set(points.subarray(first * POINT_BYTES, end * POINT_BYTES), left);
      memory.set(scalars.subarray(first * SCALAR_BYTES, end * SCALAR_BYTES), right);
      return wasm.addToSum(sums, left, right, end - first) !== 0;
    });
    return valid && wasm.finishSum(sums, out) !== 0 ? memory.slice(out, out + POINT_BYTES) : undefined;
  };
}

function addMultiples(wasm: GroupFunctions): WasmGroup["addMultiples"] {
  return (points, base, scalars, negative) => {
    const sizes = [wasm.tableBytes(), CHUNK * POINT_BYTES, CHUNK * SCALAR_BYTES, CHUNK * POINT_BYTES];
    const [table, left, right, out] = layOut(wasm, ...sizes) as [number, number, number, number];
    const memory = new Uint8Array(wasm.memory.buffer);
    memory.set(base, left);
    if (wasm.makeTable(table, left) === 0) return undefined;
    const results = new Uint8Array(points.length);
    try {
      const valid = chunksOf(points.length / POINT_BYTES, (first, end) => {
        memory.set(points.subarray(first * POINT_BYTES, end * POINT_BYTES), left);
        memory.set(scalars.subarray(first * SCALAR_BYTES, end * SCALAR_BYTES), right);
        const done = wasm.addMultiples(table, left, right, end - first, negative ? 1 : 0, out);
        results.set(memory.subarray(out, out + done * POINT_BYTES), first * POINT_BYTES);
        return done === end - first;
      });
      return valid ? results : undefined;
    } finally {
      // Scalars are secret, and so may the rest be.
      memory.fill(0, left, out + CHUNK * POINT_BYTES);
    }
  };
}
