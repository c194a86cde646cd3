// The rows that peeling set aside: a small system over the dense slots, solved by Gaussian elimination (eprint 2022/320).
import { ProtocolError } from "@halfroom/wire";
import type { Peeling } from "./peel.ts";
import type { StoreRows } from "./rows.ts";
import type { StoreSize } from "./size.ts";

/** An equation over the dense slots: two words of coefficient bits, then the sum that they must give, width words. */
type Equation = Uint32Array;
const BIT_WORDS = 2;

/**
 * Sets dense slots so that the rows set aside can hold; the other dense slots and the free sparse ones keep what `store`
 * has there.
 * @throws ProtocolError "okvs" if the equations contradict each other
 */
export function solveGap(
  rows: StoreRows,
  values: Uint32Array,
  width: number,
  size: StoreSize,
  peeling: Peeling,
  store: Uint32Array,
): void {
  const equations = peeling.gapRows.map((gapRow) =>
    eliminate(gapRow, rows, values, width, size, peeling, store),
  );
  const pivots = equations.map((equation) => reduce(equation, equations));
  equations.forEach((equation, i) => {
    const pivot = pivots[i]!;
    if (pivot === NONE) return;
    const slot = (size.sparse + pivot) * width;
    store.set(equation.subarray(BIT_WORDS), slot);
    // The pivot is the equation's lowest bit and the only pivot left in it: the bits above select free slots.
    for (let d = pivot + 1; d < size.dense; d++) {
      if (hasBit(equation, d)) xorInto(store, slot, store, (size.sparse + d) * width, width);
    }
  });
}

/**
 * What a gap row demands of the dense slots: adding peeled rows in their order clears every pivot column, since no later
 * row has it; the sparse columns that remain are free and already filled.
 */
function eliminate(
  gapRow: number,
  rows: StoreRows,
  values: Uint32Array,
  width: number,
  size: StoreSize,
  peeling: Peeling,
  store: Uint32Array,
): Equation {
  const { order, pivots } = peeling;
  const equation = new Uint32Array(BIT_WORDS + width);
  const support = new Uint8Array(size.sparse);
  const add = (row: number) => {
    for (let at = row * 3; at < row * 3 + 3; at++) support[rows.columns[at]!]! ^= 1;
    xorInto(equation, 0, rows.dense, row * BIT_WORDS, BIT_WORDS);
    xorInto(equation, BIT_WORDS, values, row * width, width);
  };
  add(gapRow);
  for (let i = 0; i < order.length; i++) if (support[pivots[i]!] === 1) add(order[i]!);
  for (let column = 0; column < size.sparse; column++) {
    if (support[column] === 1) xorInto(equation, BIT_WORDS, store, column * width, width);
  }
  return equation;
}

const NONE = -1;

/** Clears the equation's lowest coefficient from all others and returns it (Gauss-Jordan), or -1 if it reads 0 = 0. */
function reduce(equation: Equation, equations: readonly Equation[]): number {
  const pivot = lowestBit(equation);
  if (pivot === NONE && equation.some((word) => word !== 0)) throw new ProtocolError("okvs");
  if (pivot === NONE) return NONE;
  for (const other of equations) {
    if (other !== equation && hasBit(other, pivot)) xorInto(other, 0, equation, 0, equation.length);
  }
  return pivot;
}

function lowestBit([low = 0, high = 0]: Equation): number {
  if (low !== 0) return 31 - Math.clz32(low & -low);
  return high === 0 ? NONE : 63 - Math.clz32(high & -high);
}

function hasBit(equation: Equation, bit: number): boolean {
  return ((equation[bit >>> 5]! >>> (bit & 31)) & 1) === 1;
}

function xorInto(to: Uint32Array, toAt: number, from: Uint32Array, fromAt: number, words: number): void {
  for (let w = 0; w < words; w++) to[toAt + w]! ^= from[fromAt + w]!;
}
