// The module in WebAssembly SIMD that ../assembly is compiled to. Each user has an instance, and so linear memory, of its own.
import { readFileSync } from "node:fs";

const MODULE = new URL("../assembly/build/kernels.wasm", import.meta.url);
const PAGE_BYTES = 1 << 16;

/** What is used of the engine's interface (WebAssembly JavaScript Interface, W3C), which is not part of lib.es2023. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
};

/** What every user of the module needs of it. */
export interface Instance {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  scratchStart(): number;
}

/**
 * A new instance; undefined where the module was not built, this engine has no SIMD, or a function of `names` is missing: then it was
 * built from an older source, which a warning says. `module`: a parameter for tests alone.
 */
export function newInstance<Exports extends Instance>(
  names: readonly (keyof Exports)[],
  module = MODULE,
): Exports | undefined {
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(module)));
    const wasm = exports as Partial<Exports>;
    if (names.every((name) => typeof wasm[name] === "function")) return wasm as Exports;
    warnOnce();
  } catch {
    // There is no module, or no SIMD: plain TypeScript does the same, at its speed.
  }
  return undefined;
}

let warned = false;

function warnOnce(): void {
  if (warned) return;
  warned = true;
  process.emitWarning("kernels.wasm is older than its source, so it is not used: npm run prepare");
}

/** Addresses of arrays of these sizes, 64-byte aligned; the memory grows to hold them, and earlier views of it end. */
export function layOut({ memory, scratchStart }: Instance, ...bytes: readonly number[]): number[] {
  let end = scratchStart();
  const addresses = bytes.map((size) => {
    const at = end;
    end += (size + 63) & ~63;
    return at;
  });
  const missing = end - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
  return addresses;
}

/** Words of linear memory. */
export function wordsAt({ memory }: Instance, address: number, words: number): Uint32Array<ArrayBuffer> {
  return new Uint32Array(memory.buffer, address, words);
}
