// The passes by WebAssembly SIMD and Node's OpenSSL. AES is OpenSSL's, by the processor's instructions, and all else WebAssembly's, in linear
// memory, where a group of leaves stays in the second cache from the first node to the sum.
import type { PassEngine } from "./engine.ts";
import { growHalfRows, HALF_FUNCTIONS, type HalfFunctions } from "./wasm-half-trees.ts";
import { SLOT_FUNCTIONS, WasmSlots, type SlotFunctions } from "./wasm-slots.ts";
import { LEAF_FUNCTIONS, type LeafFunctions } from "./wasm-leaves.ts";
import { TREE_FUNCTIONS, WasmTrees, type TreeFunctions } from "./wasm-trees.ts";
import { newInstance } from "../wasm-module.ts";

type Functions = LeafFunctions & TreeFunctions & SlotFunctions & HalfFunctions;
const FUNCTIONS = [...LEAF_FUNCTIONS, ...TREE_FUNCTIONS, ...SLOT_FUNCTIONS, ...HALF_FUNCTIONS];

/** Undefined where the module is not to be had: see `newInstance`. */
export function wasmPasses(): PassEngine | undefined {
  const wasm = newInstance<Functions>(FUNCTIONS);
  if (wasm === undefined) return undefined;
  return {
    name: "wasm",
    trees: (keys) => new WasmTrees(wasm, keys),
    slots: (keys) => new WasmSlots(wasm, keys),
    growHalf: (pi, nodes, width, trees, sums) => growHalfRows(wasm, pi, nodes, width, trees, sums),
  };
}
