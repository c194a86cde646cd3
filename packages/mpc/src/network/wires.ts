// A network of a grouping as it is worked on, at either side: this side's shares of what its wires carry, piece after piece of its gates.
import {
  addAt,
  BlockHash,
  BLOCK_WORDS,
  ringArray,
  slotKeys,
  type FixedKeyAes,
  type RingArray,
} from "@halfroom/crypto";
import type { SenderRows } from "../ot/source.ts";
import { receiveMoves, receiveSwitches, sendMoves, sendSwitches, type Gates } from "./gates.ts";
import { gateWires, isMove, networkSteps, type NetworkStep } from "./steps.ts";

export interface NetworkSizes {
  readonly bins: number;
  /** A power of two. */
  readonly cells: number;
  /** Numbers of each bin and cell. */
  readonly columns: number;
}

/** Gates of one step, which are worked on together. */
export interface NetworkPiece {
  /** The number of the step, and of the first gate in it. */
  readonly step: number;
  readonly start: number;
  readonly count: number;
}

/** Gates of a piece, at most. */
const PIECE_GATES = 1 << 15;
/** Gates whose leaves are made at a time: they stay in the cache. */
const GATES_AT_ONCE = 1 << 11;

/** All gates in order. */
export function networkPieces(
  bins: number,
  cells: number,
): (NetworkPiece & { readonly transfers: number })[] {
  return networkSteps(bins, cells).flatMap(({ gates, places }, step) =>
    Array.from({ length: Math.ceil(gates / PIECE_GATES) }, (_, i) => {
      const start = i * PIECE_GATES;
      const count = Math.min(PIECE_GATES, gates - start);
      return { step, start, count, transfers: count * (places - 1) };
    }),
  );
}

/** Shares of what the wires carry. Pieces come in order, each once. */
export class NetworkWires {
  readonly #sizes: NetworkSizes;
  readonly #steps: readonly NetworkStep[];
  /** The number of the first leaf of each step, those of the masks before them. */
  readonly #firstLeaves: readonly number[];
  readonly #hash: BlockHash;
  readonly #stretch: FixedKeyAes;
  #shares: RingArray;
  /** What moves of a step have brought so far. */
  #moved: RingArray;
  /** Of the step that is under way. */
  #gateWires: Uint32Array = new Uint32Array(0);

  /** `hash`: the permutation that makes leaves of keys; `stretch`: the one that makes numbers of a leaf. */
  constructor(sizes: NetworkSizes, hash: FixedKeyAes, stretch: FixedKeyAes) {
    const { bins, cells, columns } = sizes;
    this.#sizes = sizes;
    this.#steps = networkSteps(bins, cells);
    let leaves = bins;
    this.#firstLeaves = this.#steps.map(({ gates, places }) => (leaves += gates * places) - gates * places);
    this.#hash = new BlockHash(hash);
    this.#stretch = stretch;
    this.#shares = ringArray(bins * columns);
    this.#moved = this.#shares;
  }

  /**
   * The sender's masks, bins x columns numbers, which are random to the receiver; its wires now carry what takes them off. `delta`: of the
   * transfers.
   */
  mask(delta: Uint32Array): RingArray<ArrayBuffer> {
    const { bins, columns } = this.#sizes;
    const masks = ringArray(bins * columns);
    for (let start = 0; start < bins; start += GATES_AT_ONCE) {
      const keys = new Uint32Array(Math.min(GATES_AT_ONCE, bins - start) * BLOCK_WORDS);
      for (let at = 0; at < keys.length; at += BLOCK_WORDS) keys.set(delta, at);
      masks.set(this.#numbers(keys, start), start * columns * 2);
    }
    this.#shares = negated(masks);
    return masks;
  }

  /** At the sender: `rows` of the piece's transfers, and a flip for each. Returns the corrections, gates x columns numbers. */
  correct(piece: NetworkPiece, { rows, delta }: SenderRows, flips: Uint32Array): RingArray<ArrayBuffer> {
    const corrections = ringArray(piece.count * this.#sizes.columns);
    this.#work(piece, corrections, (step, gates, start) => {
      const keys = slotKeys(rows, start, gates.wires.length, step.places, { flips, delta });
      const leaves = this.#leaves(keys, piece, start);
      if (isMove(step)) sendMoves(this.#shares, this.#moved, step, { ...gates, leaves });
      else sendSwitches(this.#shares, step.distance, { ...gates, leaves });
    });
    return corrections;
  }

  /** At the receiver: the chosen strings of the piece's transfers, the choice of each gate, and the sender's corrections, which it uses up. */
  follow(piece: NetworkPiece, rows: Uint32Array, choices: Uint32Array, corrections: RingArray): void {
    this.#work(piece, corrections, (step, gates, start) => {
      const leaves = this.#leaves(slotKeys(rows, start, gates.wires.length, step.places), piece, start);
      const own = choices.subarray(start, start + gates.wires.length);
      if (isMove(step)) receiveMoves(this.#shares, this.#moved, step, { ...gates, leaves }, own);
      else receiveSwitches(this.#shares, step.distance, { ...gates, leaves }, own);
    });
  }

  /** Cells x columns numbers, when all pieces are done: shares of minus the masks, each in the cell of its bin. */
  get table(): RingArray {
    const { cells, columns } = this.#sizes;
    return this.#shares.length === 0 ? ringArray(cells * columns) : this.#shares;
  }

  /** Calls `use` with so many gates at a time, and the number of the first one in the piece. */
  #work(
    { step: number, start: first, count }: NetworkPiece,
    corrections: RingArray,
    use: (step: NetworkStep, gates: Omit<Gates, "leaves">, start: number) => void,
  ): void {
    const { columns } = this.#sizes;
    const step = this.#steps[number]!;
    if (first === 0) this.#begin(step);
    for (let start = 0; start < count; start += GATES_AT_ONCE) {
      const end = Math.min(count, start + GATES_AT_ONCE);
      const gates = {
        columns,
        wires: this.#gateWires.subarray(first + start, first + end),
        corrections: corrections.subarray(start * columns * 2, end * columns * 2),
      };
      use(step, gates, start);
    }
    if (isMove(step) && first + count === step.gates) this.#shares = this.#moved;
  }

  #begin(step: NetworkStep): void {
    const { bins, cells, columns } = this.#sizes;
    this.#gateWires = gateWires(bins, cells, step);
    if (!isMove(step)) return;
    const count = cells * columns;
    if (step.kind === "spread" && this.#shares.length !== count * 2)
      this.#shares = folded(this.#shares, count);
    this.#moved = ringArray(this.#shares.length / 2);
  }

  /** The numbers of the gates from number `start` of a piece on. */
  #leaves(keys: Uint32Array, { step, start: first }: NetworkPiece, start: number): RingArray {
    return this.#numbers(keys, this.#firstLeaves[step]! + (first + start) * this.#steps[step]!.places);
  }

  /** The tweak of a leaf is its number among all. */
  #numbers(keys: Uint32Array, first: number): RingArray {
    return this.#stretch.columnWords(this.#hash.strings(keys, first).zero, this.#sizes.columns);
  }
}

/** `count` numbers, of which number i is the sum of numbers i, i + count, i + 2 count and so on. */
function folded(numbers: RingArray, count: number): RingArray {
  const sums = ringArray(count);
  for (let at = 0, to = 0; at < numbers.length; at += 2, to += 2) {
    if (to === sums.length) to = 0;
    addAt(sums, to, numbers, at);
  }
  return sums;
}

function negated(numbers: RingArray): RingArray {
  const negative = ringArray(numbers.length / 2);
  for (let at = 0; at < numbers.length; at += 2) {
    negative[at] = -numbers[at]!;
    negative[at + 1] = -numbers[at + 1]! - (numbers[at] === 0 ? 0 : 1);
  }
  return negative;
}
