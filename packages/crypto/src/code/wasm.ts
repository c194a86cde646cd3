// The moves of the code in WebAssembly SIMD, in linear memory of an instance of its own.
import { readFileSync } from "node:fs";
import { BLOCK_WORDS } from "../block.ts";
import type { CodeEngine } from "./engine.ts";
import { plainCode } from "./plain.ts";

const MODULE = new URL("../../assembly/build/kernels.wasm", import.meta.url);
const PAGE_BYTES = 1 << 16;
const WORD_BLOCKS = 64;

/** What is used of the engine's interface (WebAssembly JavaScript Interface, W3C), which is not part of lib.es2023. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
};

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  scratchStart(): number;
  codeSum(blocks: number, count: number): void;
  codeGather(from: number, to: number, order: number, count: number): void;
  codeFold(from: number, out: number, order: number, words: number): void;
}

/** Undefined where the module was not built, is older than these functions, or this engine has no SIMD. */
export function wasmCode(module = MODULE): CodeEngine | undefined {
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(module)));
    const wasm = exports as Exports;
    return typeof wasm.codeGather === "function" ? engineOf(wasm) : undefined;
  } catch {
    // There is no module, or no SIMD: plain TypeScript does the same, at its speed.
    return undefined;
  }
}

function engineOf(wasm: Exports): CodeEngine {
  return {
    compress(vector, room, [first, second], out) {
      const n = vector.length / BLOCK_WORDS;
      const from = wasm.scratchStart();
      const to = from + vector.byteLength;
      const order = to + room.byteLength;
      const missing = order + first.byteLength - wasm.memory.buffer.byteLength;
      if (missing > 0) wasm.memory.grow(Math.ceil(missing / PAGE_BYTES));
      const at = (address: number, { length }: Uint32Array) =>
        new Uint32Array(wasm.memory.buffer, address, length);
      at(from, vector).set(vector);
      wasm.codeSum(from, n);
      at(order, first).set(first);
      wasm.codeGather(from, to, order, n);
      at(order, second).set(second);
      wasm.codeFold(to, from, order, n / WORD_BLOCKS);
      out.set(at(from, out));
    },
    // A copy there and back would take longer.
    takeLowBits: plainCode.takeLowBits,
  };
}
