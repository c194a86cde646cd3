// The network of a grouping (protocol-spec.md, section 12.2): from public sizes its steps, each of gates side by side, and from the cells of the bins what
// each gate chooses. Behind the permutation (waksman.ts) are the layers that add up (layers.ts).
import { layersOf, moveCount, moveWires, routeMoves, type Layer } from "./layers.ts";
import { columnsOf, routePermutation, switchCount, switchWires, type Column } from "./waksman.ts";

export type NetworkStep = (Column | Layer) & {
  /** What a gate chooses from: a switch from 2. */
  readonly places: number;
  readonly gates: number;
};

/** `cells`: a power of two. Neither a step nor a gate without bins. */
export function networkSteps(bins: number, cells: number): NetworkStep[] {
  if (bins === 0) return [];
  return [
    ...columnsOf(bins).map((column) => ({ ...column, places: 2, gates: switchCount(bins, column) })),
    ...layersOf(bins, cells).map((layer) => ({ ...layer, gates: moveCount(bins, cells, layer) })),
  ];
}

/** The wire of each gate of a step, in order; of a switch the lower one. */
export function gateWires(bins: number, cells: number, step: NetworkStep): Uint32Array {
  return isMove(step) ? moveWires(bins, cells, step) : switchWires(bins, step);
}

export function isMove(step: Column | Layer): step is Layer {
  return step.kind === "close" || step.kind === "spread";
}

/** What each gate of each step chooses, so that every bin ends in its cell. */
export function routeNetwork(cellOf: Uint32Array, cells: number): Uint8Array[] {
  if (cellOf.length === 0) return [];
  const source = binsByCell(cellOf, cells);
  const sorted = source.map((bin) => cellOf[bin]!);
  return [...routePermutation(source), ...routeMoves(sorted, cells)];
}

/** All bins, in the order of their cells. */
function binsByCell(cellOf: Uint32Array, cells: number): Uint32Array {
  const next = new Uint32Array(cells + 1);
  for (let bin = 0; bin < cellOf.length; bin++) next[cellOf[bin]! + 1]!++;
  for (let cell = 0; cell < cells; cell++) next[cell + 1]! += next[cell]!;
  const source = new Uint32Array(cellOf.length);
  for (let bin = 0; bin < cellOf.length; bin++) source[next[cellOf[bin]!]!++] = bin;
  return source;
}
