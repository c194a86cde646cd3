// The array kernels in WebAssembly SIMD. Arrays are copied into linear memory and out again, which costs little beside the
// work; nothing stays there between two calls that a later call would read.
import { readFileSync } from "node:fs";
import type { ArrayKernels } from "./kernels.ts";
import { typescriptKernels } from "./typescript.ts";

const MODULE = new URL("../../assembly/build/kernels.wasm", import.meta.url);
const PAGE_BYTES = 1 << 16;
const BLOCK_BYTES = 16;
/** Scratch of `addProducts`. */
const BUCKET_BYTES = 32 * 16 * BLOCK_BYTES;
/** Rows of a matrix in scratch lie this much further apart than they are long, so that they share no cache set. */
const SKEW_BYTES = 64;

/** What is used of the engine's interface (WebAssembly JavaScript Interface, W3C), which is not part of lib.es2023. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
};

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  scratchStart(): number;
  xorInto(target: number, source: number, bytes: number): void;
  xorTweaks(out: number, blocks: number, count: number, first: number): void;
  hashRows(
    wide: number,
    template: number,
    bytes: number,
    offset: number,
    width: number,
    rows: number,
    count: number,
    lanes: number,
    midstate: number,
    out: number,
  ): void;
  addProducts(
    coefficients: number,
    count: number,
    rows: number,
    rowCount: number,
    buckets: number,
    sums: number,
  ): void;
  packLowBits(blocks: number, out: number, count: number): void;
  foldStreams(streams: number, k: number, bytes: number, rows: number): void;
  transposeBits(
    from: number,
    stride: number,
    rows: number,
    columns: number,
    out: number,
    block: number,
  ): void;
  interleaveChildren(left: number, right: number, nodes: number, count: number, children: number): void;
  branchSums(nodes: number, trees: number, width: number, sums: number): void;
  sumLeaves(leaves: number, trees: number, cells: number, columns: number, table: number, out: number): void;
  addPuncturedLeaves(
    leaves: number,
    holes: number,
    trees: number,
    cells: number,
    columns: number,
    others: number,
    table: number,
  ): void;
}

/** What the kernels below call; a module that lacks one was built from an older source. */
const FUNCTIONS: readonly (keyof Exports)[] = [
  "scratchStart",
  "xorInto",
  "xorTweaks",
  "hashRows",
  "addProducts",
  "packLowBits",
  "foldStreams",
  "transposeBits",
  "interleaveChildren",
  "branchSums",
  "sumLeaves",
  "addPuncturedLeaves",
];

/**
 * The kernels, or undefined where the module was not built, was built from an older source (with a warning), or this engine
 * has no SIMD.
 */
export function loadWasmKernels(module = MODULE): ArrayKernels | undefined {
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(module)));
    const wasm = exports as Partial<Exports>;
    if (FUNCTIONS.every((name) => typeof wasm[name] === "function")) return wasmKernels(wasm as Exports);
    process.emitWarning("kernels.wasm is older than its source, so it is not used: npm run prepare");
  } catch {
    // There is no module, or no SIMD: the kernels in TypeScript do the same, at their speed.
  }
  return undefined;
}

function wasmKernels(wasm: Exports): ArrayKernels {
  const start = wasm.scratchStart();

  /** Addresses of arrays of these sizes, 64-byte aligned, the memory grown to hold them. */
  const lay = (...bytes: readonly number[]): number[] => {
    let end = start;
    const addresses = bytes.map((size) => {
      const at = end;
      end += (size + 63) & ~63;
      return at;
    });
    const missing = end - wasm.memory.buffer.byteLength;
    if (missing > 0) wasm.memory.grow(Math.ceil(missing / PAGE_BYTES));
    return addresses;
  };
  const view = (at: number, words: number) => new Uint32Array(wasm.memory.buffer, at, words);

  return {
    name: "wasm-simd",

    transposeBits(matrix, rows, columns, rowWords = columns >>> 5, firstWord = 0) {
      if (rows % 128 !== 0 || columns % 128 !== 0) {
        return typescriptKernels.transposeBits(matrix, rows, columns, rowWords, firstWord);
      }
      const words = columns >>> 5;
      const stride = words * 4 + SKEW_BYTES;
      const sizes = [rows * stride, rows * words * 4, 128 * BLOCK_BYTES];
      const [from, out, block] = lay(...sizes) as [number, number, number];
      const memory = new Uint32Array(wasm.memory.buffer);
      for (let row = 0, at = firstWord; row < rows; row++, at += rowWords) {
        memory.set(matrix.subarray(at, at + words), (from + row * stride) >>> 2);
      }
      wasm.transposeBits(from, stride, rows, columns, out, block);
      return view(out, rows * words).slice();
    },

    foldStreams(k, words, fill, rows) {
      if (k !== 4 && k !== 8) return typescriptKernels.foldStreams(k, words, fill, rows);
      const bytes = (words * 4 + 15) & ~15;
      const [streams, out] = lay(bytes << k, bytes * k) as [number, number];
      for (let x = 0; x < 1 << k; x++) fill(x, view(streams + x * bytes, words));
      view(out, (bytes * k) >>> 2).fill(0);
      wasm.foldStreams(streams, k, bytes, out);
      for (let bit = 0; bit < k; bit++) rows.set(view(out + bit * bytes, words), bit * words);
      return view(streams, words).slice();
    },

    oneWay(permute, blocks) {
      const [from, out] = lay(blocks.byteLength, blocks.byteLength) as [number, number];
      const result = view(out, blocks.length);
      permute(blocks, result);
      view(from, blocks.length).set(blocks);
      wasm.xorInto(out, from, blocks.byteLength);
      return result.slice();
    },

    tweakedHash(permute, blocks, firstTweak) {
      const { length, byteLength } = blocks;
      const [inner, tweaked, out] = lay(byteLength, byteLength, byteLength) as [number, number, number];
      permute(blocks, view(inner, length));
      wasm.xorTweaks(tweaked, inner, byteLength / BLOCK_BYTES, firstTweak);
      permute(view(tweaked, length), view(out, length));
      wasm.xorInto(out, inner, byteLength);
      return view(out, length).slice();
    },

    hashRows({ algorithm, template, offset, width }, rows) {
      const wide = algorithm === "sha512";
      const message = padded(template, wide ? 128 : 64);
      const count = rows.length / width;
      const digestBytes = wide ? 64 : 32;
      const sizes = [message.length, rows.length, message.length * 4, 128, count * digestBytes];
      const [at, from, lanes, midstate, out] = lay(...sizes) as [number, number, number, number, number];
      const memory = new Uint8Array(wasm.memory.buffer);
      memory.set(message, at);
      memory.set(rows, from);
      wasm.hashRows(wide ? 1 : 0, at, message.length, offset, width, from, count, lanes, midstate, out);
      return memory.slice(out, out + count * digestBytes);
    },

    addProducts(coefficients, matrix, rowWords, firstBlock, sums) {
      const { length, byteLength } = coefficients;
      const rows = sums.byteLength / BLOCK_BYTES;
      const sizes = [byteLength, rows * byteLength, BUCKET_BYTES, sums.byteLength];
      const [factors, from, buckets, to] = lay(...sizes) as [number, number, number, number];
      const memory = new Uint32Array(wasm.memory.buffer);
      memory.set(coefficients, factors >>> 2);
      for (let row = 0, at = firstBlock * 4; row < rows; row++, at += rowWords) {
        memory.set(matrix.subarray(at, at + length), (from + row * byteLength) >>> 2);
      }
      memory.set(sums, to >>> 2);
      wasm.addProducts(factors, byteLength / BLOCK_BYTES, from, rows, buckets, to);
      sums.set(view(to, sums.length));
    },

    packLowBits(blocks, out) {
      const count = blocks.byteLength / BLOCK_BYTES;
      const [from, to] = lay(blocks.byteLength, count >>> 3) as [number, number];
      view(from, blocks.length).set(blocks);
      wasm.packLowBits(from, to, count);
      out.set(view(to, count >>> 5));
    },

    growLevel(left, right, nodes, trees) {
      const { length, byteLength } = nodes;
      const [from, lefts, rights, to, totals] = lay(
        byteLength,
        byteLength,
        byteLength,
        byteLength * 2,
        trees * 2 * BLOCK_BYTES,
      ) as [number, number, number, number, number];
      view(from, length).set(nodes);
      left(nodes, view(lefts, length));
      right(nodes, view(rights, length));
      wasm.interleaveChildren(lefts, rights, from, byteLength / BLOCK_BYTES, to);
      wasm.branchSums(to, trees, (byteLength * 2) / BLOCK_BYTES / trees, totals);
      return { children: view(to, length * 2).slice(), sums: view(totals, trees * 8).slice() };
    },

    sumLeaves(leaves, columns, table) {
      const row = columns * 2;
      const trees = leaves.length / table.length;
      const sizes = [leaves.byteLength, table.byteLength, trees * row * 4];
      const [from, to, sums] = lay(...sizes) as [number, number, number];
      view(from, leaves.length).set(leaves);
      view(to, table.length).set(table);
      wasm.sumLeaves(from, trees, table.length / row, columns, to, sums);
      table.set(view(to, table.length));
      return view(sums, trees * row).slice();
    },

    addPuncturedLeaves(leaves, holes, columns, table) {
      const row = columns * 2;
      const sizes = [leaves.byteLength, holes.byteLength, row * 4, table.byteLength];
      const [from, places, others, to] = lay(...sizes) as [number, number, number, number];
      view(from, leaves.length).set(leaves);
      view(places, holes.length).set(holes);
      view(to, table.length).set(table);
      wasm.addPuncturedLeaves(from, places, holes.length, table.length / row, columns, others, to);
      table.set(view(to, table.length));
    },
  };
}

/** The message with SHA-2's padding (FIPS 180-4, section 5.1): a one bit, zeros, and the length in bits at the end. */
function padded(message: Uint8Array, blockBytes: number): Uint8Array {
  const bytes = Math.ceil((message.length + 1 + blockBytes / 8) / blockBytes) * blockBytes;
  const out = Buffer.alloc(bytes);
  out.set(message);
  out[message.length] = 0x80;
  out.writeBigUInt64BE(BigInt(message.length) * 8n, bytes - 8);
  return out;
}
