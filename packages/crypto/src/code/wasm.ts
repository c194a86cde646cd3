// The moves of the code in WebAssembly SIMD. Blocks stay in linear memory from the first to the last, in an instance of their own.
import { readFileSync } from "node:fs";
import { bytesOf } from "../bits.ts";
import { BLOCK_WORDS } from "../block.ts";
import type { CodeEngine } from "./engine.ts";

const MODULE = new URL("../../assembly/build/kernels.wasm", import.meta.url);
const PAGE_BYTES = 1 << 16;
const BLOCK_BYTES = BLOCK_WORDS * 4;

/** What is used of the engine's interface (WebAssembly JavaScript Interface, W3C), which is not part of lib.es2023. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
};

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  scratchStart(): number;
  codeScatter(
    from: number,
    to: number,
    first: number,
    draws: number,
    count: number,
    cursors: number,
    mask: number,
    sum: number,
  ): void;
  codeShuffle(blocks: number, draws: number, count: number): void;
  codeFold(from: number, out: number, words: number): void;
}

/** Undefined where the module was not built, is older than these functions, or this engine has no SIMD. */
export function wasmCode(module = MODULE): CodeEngine | undefined {
  try {
    const compiled = new WebAssembly.Module(readFileSync(module));
    const open = () => new WebAssembly.Instance(compiled).exports as Exports;
    return typeof open().codeFold === "function" ? (vector) => memoryIn(open(), vector) : undefined;
  } catch {
    // There is no module, or no SIMD: plain TypeScript does the same, at its speed.
    return undefined;
  }
}

function memoryIn(wasm: Exports, vector: Uint32Array): ReturnType<CodeEngine> {
  let from = wasm.scratchStart();
  let to = from + vector.byteLength;
  const sum = to + vector.byteLength;
  const rest = sum + BLOCK_BYTES;
  /** Copies arrays behind everything else; their addresses. */
  const lay = (...arrays: readonly (Uint16Array | Uint32Array)[]): readonly number[] => {
    let end = rest;
    const places = arrays.map(({ byteLength }) => {
      const at = end;
      end += (byteLength + BLOCK_BYTES - 1) & ~(BLOCK_BYTES - 1);
      return at;
    });
    const missing = end - wasm.memory.buffer.byteLength;
    if (missing > 0) wasm.memory.grow(Math.ceil(missing / PAGE_BYTES));
    for (const [i, { buffer, byteOffset, byteLength }] of arrays.entries())
      new Uint8Array(wasm.memory.buffer).set(new Uint8Array(buffer, byteOffset, byteLength), places[i]!);
    return places;
  };
  lay();
  new Uint8Array(wasm.memory.buffer).set(bytesOf(vector), from);
  return {
    scatter(first, draws, cursors) {
      const [drawn, next] = lay(draws, cursors) as [number, number];
      wasm.codeScatter(from, to, first, drawn, draws.length, next, cursors.length - 1, sum);
      cursors.set(new Uint32Array(wasm.memory.buffer, next, cursors.length));
    },
    shuffle(start, draws) {
      const [drawn] = lay(draws) as [number];
      wasm.codeShuffle(to + start * BLOCK_BYTES, drawn, draws.length / 2);
    },
    turn() {
      [from, to] = [to, from];
      new Uint8Array(wasm.memory.buffer, sum, BLOCK_BYTES).fill(0);
    },
    fold() {
      wasm.codeFold(from, to, vector.length / (64 * BLOCK_WORDS));
      return new Uint32Array(wasm.memory.buffer, to, vector.length / 2).slice();
    },
  };
}
