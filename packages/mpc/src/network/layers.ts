// Layers of moves that add up the wires of each cell and take the sums to their places (protocol-spec.md, section 12.2), once a permutation has
// put the wires in the order of their cells:
//
// - `close`: wire i of the cell that is number r among those with wires goes down to r, by the digits of i - r from the lowest up. What meets
//   is of one cell, and is added up. (Let wires i < j of the numbers r < s meet when digits below d are done. Their places are congruent to r
//   and s mod d, so s - r is d at least, and so is j - i, since every number between has a wire. But it is the difference of what they have moved, below
//   d.) Digits below the number of cells do: what is left then is a multiple of it, and wire i is added to wire i mod cells.
// - `spread`: number r goes up to its cell g, by the digits of g - r from the highest down: the same in reverse, so that nothing meets.

/** Bits of a digit, so places that a move chooses from: 4, or 2 where one bit is left over. */
const DIGIT_BITS = 2;

export interface Layer {
  readonly kind: "close" | "spread";
  /** A move of h is by h times this. */
  readonly distance: number;
  /** How many moves there are to choose from, that of 0 included. */
  readonly places: number;
}

/** All layers, in order. `cells`: a power of two. */
export function layersOf(bins: number, cells: number): Layer[] {
  const close = digitsOf("close", Math.ceil(Math.log2(Math.max(1, Math.min(bins, cells)))));
  return [...close, ...digitsOf("spread", Math.log2(cells)).reverse()];
}

/** From the lowest digit up. */
function digitsOf(kind: Layer["kind"], bits: number): Layer[] {
  return Array.from({ length: Math.ceil(bits / DIGIT_BITS) }, (_, digit) => {
    const low = digit * DIGIT_BITS;
    return { kind, distance: 2 ** low, places: 2 ** Math.min(DIGIT_BITS, bits - low) };
  });
}

/** How many moves a layer has: in `close` of every wire, in `spread` of those that can hold anything yet. */
export function moveCount(bins: number, cells: number, { kind, distance, places }: Layer): number {
  if (kind === "close") return bins;
  const span = distance * places;
  return (cells / span) * Math.min(bins, span);
}

/** The wire of each move of a layer, in order. */
export function moveWires(bins: number, cells: number, layer: Layer): Uint32Array {
  const wires = new Uint32Array(moveCount(bins, cells, layer));
  const span = layer.kind === "close" ? bins : layer.distance * layer.places;
  const each = Math.min(bins, span);
  for (let to = 0; to < wires.length; to++) wires[to] = Math.floor(to / each) * span + (to % each);
  return wires;
}

/** Where a move takes its wire; what is outside of the wires is nowhere. */
export function movedTo({ kind, distance }: Layer, wire: number, move: number): number {
  return kind === "close" ? wire - move * distance : wire + move * distance;
}

/** The moves of each layer, in order. `sorted`: the cells of the wires, which are in this order. */
export function routeMoves(sorted: Uint32Array, cells: number): Uint8Array[] {
  const numbers = numbersOf(sorted);
  const layers = layersOf(sorted.length, cells);
  /** Where what is on each wire goes. */
  const goals = { close: numbers, spread: cellsOfNumbers(sorted, numbers, cells) };
  return layers.map((layer) => {
    const { moves, moved } = movesTo(goals[layer.kind], layer, moveWires(sorted.length, cells, layer));
    goals[layer.kind] = moved;
    return moves;
  });
}

/** The moves of one layer, by the goal of what is on each wire, and the goals behind it. A wire with nothing stays. */
function movesTo(
  goals: Int32Array,
  layer: Layer,
  wires: Uint32Array,
): { moves: Uint8Array; moved: Int32Array } {
  const moved = new Int32Array(goals.length).fill(NOTHING);
  const moves = new Uint8Array(wires.length);
  for (let i = 0; i < wires.length; i++) {
    const wire = wires[i]!;
    const goal = goals[wire]!;
    if (goal === NOTHING) continue;
    const move = Math.floor(Math.abs(wire - goal) / layer.distance) % layer.places;
    moves[i] = move;
    moved[movedTo(layer, wire, move)] = goal;
  }
  return { moves, moved };
}
const NOTHING = -1;

/** The number of each wire's cell among those with wires. */
function numbersOf(sorted: Uint32Array): Int32Array {
  const numbers = new Int32Array(sorted.length);
  for (let i = 1; i < sorted.length; i++)
    numbers[i] = numbers[i - 1]! + (sorted[i] === sorted[i - 1] ? 0 : 1);
  return numbers;
}

/** The cell of each number, at the place of the number. */
function cellsOfNumbers(sorted: Uint32Array, numbers: Int32Array, cells: number): Int32Array {
  const goals = new Int32Array(cells).fill(NOTHING);
  for (let i = 0; i < sorted.length; i++) goals[numbers[i]!] = sorted[i]!;
  return goals;
}
