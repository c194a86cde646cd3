// The moves of the code in WebAssembly SIMD.
import { BLOCK_WORDS } from "../block.ts";
import { layOut, newInstance, wordsAt, type Instance } from "../wasm-module.ts";
import type { CodeEngine } from "./engine.ts";
import { plainCode } from "./plain.ts";

const WORD_BLOCKS = 64;
/** Scratch of `codeFold`. */
const FOLD_BYTES = 16 * 83 * 16;

interface Exports extends Instance {
  codeSum(blocks: number, count: number): void;
  codeGather(from: number, to: number, order: number, count: number): void;
  codeFold(from: number, out: number, order: number, words: number, room: number): void;
}

/** Undefined where the module is not to be had: see `newInstance`. `module`: a parameter for tests alone. */
export function wasmCode(module?: URL): CodeEngine | undefined {
  const wasm = newInstance<Exports>(["codeSum", "codeGather", "codeFold"], module);
  return wasm && engineOf(wasm);
}

function engineOf(wasm: Exports): CodeEngine {
  return {
    compress(vector, room, [first, second], out) {
      const n = vector.length / BLOCK_WORDS;
      const sizes = [vector.byteLength, room.byteLength, first.byteLength, FOLD_BYTES];
      const [from, to, order, word] = layOut(wasm, ...sizes) as [number, number, number, number];
      const at = (address: number, { length }: Uint32Array) => wordsAt(wasm, address, length);
      at(from, vector).set(vector);
      wasm.codeSum(from, n);
      at(order, first).set(first);
      wasm.codeGather(from, to, order, n);
      at(order, second).set(second);
      wasm.codeFold(to, from, order, n / WORD_BLOCKS, word);
      out.set(at(from, out));
    },
    // A copy there and back would take longer.
    takeLowBits: plainCode.takeLowBits,
  };
}
