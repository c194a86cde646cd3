// What gates do to shares (protocol-spec.md, section 12.2). A gate is a slot with a leaf for each place that it chooses from: the sender knows all leaves, the
// receiver all but the one of its choice. With one correction, a number plus the sum of all leaves, the two have shares of that number in the
// place of the choice and of zero in all others: the sender minus each leaf, the receiver each leaf that it knows, and in the place of its choice the
// correction minus these.
//
// `leaves`: gates x places x columns numbers. `corrections`: gates x columns numbers, which the sender writes and the receiver uses up.
import { addAt, subtractAt, type RingArray } from "@halfroom/crypto";
import { movedTo, type Layer } from "./layers.ts";

/** Gates side by side that choose from as many places each. */
export interface Gates {
  /** Numbers of a wire. */
  readonly columns: number;
  /** The wire of each; of a switch the lower one. */
  readonly wires: Uint32Array;
  readonly leaves: RingArray;
  readonly corrections: RingArray;
}

/** Switches at the sender: the number is the upper wire minus the lower one, and place 1 exchanges them. */
export function sendSwitches(
  shares: RingArray,
  distance: number,
  { columns, wires, leaves, corrections }: Gates,
): void {
  const width = columns * 2;
  for (let i = 0, gate = 0; gate < wires.length; gate++) {
    let lower = wires[gate]! * width;
    let upper = lower + distance * width;
    let stay = 2 * i;
    for (let c = 0; c < columns; c++, i += 2, lower += 2, upper += 2, stay += 2) {
      const exchange = stay + width;
      corrections[i] = shares[upper]!;
      corrections[i + 1] = shares[upper + 1]!;
      subtractAt(corrections, i, shares, lower);
      addAt(corrections, i, leaves, stay);
      addAt(corrections, i, leaves, exchange);
      subtractAt(shares, lower, leaves, exchange);
      addAt(shares, upper, leaves, exchange);
    }
  }
}

/** Switches at the receiver. `choices`: 1 to exchange. */
export function receiveSwitches(
  shares: RingArray,
  distance: number,
  { columns, wires, leaves, corrections }: Gates,
  choices: Uint32Array,
): void {
  const width = columns * 2;
  for (let i = 0, gate = 0; gate < wires.length; gate++) {
    let lower = wires[gate]! * width;
    let upper = lower + distance * width;
    let stay = 2 * i;
    const isExchanged = choices[gate] === 1;
    for (let c = 0; c < columns; c++, i += 2, lower += 2, upper += 2, stay += 2) {
      if (isExchanged) {
        addAt(corrections, i, shares, upper);
        subtractAt(corrections, i, shares, lower);
        subtractAt(corrections, i, leaves, stay);
        addAt(shares, lower, corrections, i);
        subtractAt(shares, upper, corrections, i);
      } else {
        addAt(shares, lower, leaves, stay + width);
        subtractAt(shares, upper, leaves, stay + width);
      }
    }
  }
}

/** Moves at the sender, from the wires of `shares` to those of `moved`: the number is what the wire carries. */
export function sendMoves(
  shares: RingArray,
  moved: RingArray,
  layer: Layer,
  { columns, wires, leaves, corrections }: Gates,
): void {
  const width = columns * 2;
  for (let gate = 0, leaf = 0; gate < wires.length; gate++) {
    const [from, own] = [wires[gate]! * width, gate * width];
    for (let c = 0; c < width; c++) corrections[own + c] = shares[from + c]!;
    for (let place = 0; place < layer.places; place++, leaf += width) {
      const to = movedTo(layer, wires[gate]!, place) * width;
      const isThere = to >= 0 && to < moved.length;
      for (let c = 0; c < width; c += 2) {
        addAt(corrections, own + c, leaves, leaf + c);
        if (isThere) subtractAt(moved, to + c, leaves, leaf + c);
      }
    }
  }
}

/** Moves at the receiver. `choices`: how often the layer's distance; all end at a wire. */
export function receiveMoves(
  shares: RingArray,
  moved: RingArray,
  layer: Layer,
  { columns, wires, leaves, corrections }: Gates,
  choices: Uint32Array,
): void {
  const width = columns * 2;
  for (let gate = 0, leaf = 0; gate < wires.length; gate++) {
    const [from, own, choice] = [wires[gate]! * width, gate * width, choices[gate]!];
    for (let c = 0; c < width; c += 2) addAt(corrections, own + c, shares, from + c);
    for (let place = 0; place < layer.places; place++, leaf += width) {
      if (place === choice) continue;
      const to = movedTo(layer, wires[gate]!, place) * width;
      const isThere = to >= 0 && to < moved.length;
      for (let c = 0; c < width; c += 2) {
        subtractAt(corrections, own + c, leaves, leaf + c);
        if (isThere) addAt(moved, to + c, leaves, leaf + c);
      }
    }
    const to = movedTo(layer, wires[gate]!, choice) * width;
    for (let c = 0; c < width; c += 2) addAt(moved, to + c, corrections, own + c);
  }
}
