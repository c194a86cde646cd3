// The array kernels in WebAssembly SIMD. Arrays are copied into linear memory and out again, which costs little beside the
// work; nothing stays there between two calls that a later call would read.
import { layOut, newInstance, wordsAt, type Instance } from "../wasm-module.ts";
import type { ArrayKernels } from "./kernels.ts";
import { typescriptKernels } from "./typescript.ts";

const BLOCK_BYTES = 16;
/** Blocks that are permuted at a time: see aes-cipher.ts. */
const PIECE = 1 << 10;
/** Of `addProducts`: rows at a time and how far apart they lie, and its scratch, the first for each block. */
const ROWS = 4;
const ROW_BYTES = PIECE * BLOCK_BYTES + 64;
const PLACES_BYTES = 32 * 2;
const ENDS_BYTES = 32 * 16 * 2;
const PARTS_BYTES = 20 * BLOCK_BYTES;
/** Rows of a matrix in scratch lie this much further apart than they are long, so that they share no cache set. */
const SKEW_BYTES = 64;

interface Exports extends Instance {
  xorInto(target: number, source: number, bytes: number): void;
  xorBlock(blocks: number, block: number, count: number): void;
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
  sortPlaces(coefficients: number, count: number, places: number, ends: number): void;
  addSorted(
    places: number,
    ends: number,
    count: number,
    rows: number,
    used: number,
    parts: number,
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
}

/** What the kernels below call. */
const FUNCTIONS: readonly (keyof Exports)[] = [
  "xorInto",
  "xorBlock",
  "xorTweaks",
  "hashRows",
  "sortPlaces",
  "addSorted",
  "packLowBits",
  "foldStreams",
  "transposeBits",
  "interleaveChildren",
  "branchSums",
];

/** Undefined where the module is not to be had: see `newInstance`. `module`: a parameter for tests alone. */
export function loadWasmKernels(module?: URL): ArrayKernels | undefined {
  const wasm = newInstance<Exports>(FUNCTIONS, module);
  return wasm && wasmKernels(wasm);
}

function wasmKernels(wasm: Exports): ArrayKernels {
  const lay = (...bytes: readonly number[]) => layOut(wasm, ...bytes);
  const view = (at: number, words: number) => wordsAt(wasm, at, words);

  /** The products of coefficients, no more than a piece, with blocks of each row from word `firstWord` on. */
  const addPiece = (
    coefficients: Uint32Array,
    matrix: Uint32Array,
    rowWords: number,
    firstWord: number,
    sums: Uint32Array,
  ): void => {
    const { length, byteLength } = coefficients;
    const count = length / 4;
    const sizes = [
      byteLength,
      count * PLACES_BYTES,
      ENDS_BYTES,
      ROWS * ROW_BYTES,
      PARTS_BYTES,
      sums.byteLength,
    ];
    const [factors, places, ends, rows, parts, to] = lay(...sizes) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    view(factors, length).set(coefficients);
    wasm.sortPlaces(factors, count, places, ends);
    view(to, sums.length).set(sums);
    for (let first = 0; first < sums.length / 4; first += ROWS) {
      const used = Math.min(ROWS, sums.length / 4 - first);
      for (let row = 0; row < used; row++) {
        const at = (first + row) * rowWords + firstWord;
        view(rows + row * ROW_BYTES, length).set(matrix.subarray(at, at + length));
      }
      wasm.addSorted(places, ends, count, rows, used, parts, to + first * BLOCK_BYTES);
    }
    sums.set(view(to, sums.length));
  };

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

    tweakedHash(permute, { blocks, delta, firstTweak, bits }, out) {
      const bytes = PIECE * BLOCK_BYTES;
      const [shifted, shift, inner, tweaked, hashed, packed] = lay(
        bytes,
        BLOCK_BYTES,
        bytes,
        bytes,
        bytes,
        PIECE / 8,
      ) as [number, number, number, number, number, number];
      if (delta !== undefined) view(shift, 4).set(delta);
      const count = blocks.byteLength / BLOCK_BYTES;
      for (let first = 0; first < count; first += PIECE) {
        const each = Math.min(PIECE, count - first);
        const words = each * 4;
        let piece = blocks.subarray(first * 4, first * 4 + words);
        if (delta !== undefined) {
          view(shifted, words).set(piece);
          wasm.xorBlock(shifted, shift, each);
          piece = view(shifted, words);
        }
        permute(piece, view(inner, words));
        wasm.xorTweaks(tweaked, inner, each, firstTweak + first);
        permute(view(tweaked, words), view(hashed, words));
        wasm.xorInto(hashed, inner, words * 4);
        if (bits) wasm.packLowBits(hashed, packed, each);
        if (bits) out.set(view(packed, each >>> 5), first >>> 5);
        else out.set(view(hashed, words), first * 4);
      }
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
      const all = coefficients.length;
      for (let start = 0; start < all; start += PIECE * 4) {
        const piece = coefficients.subarray(start, start + PIECE * 4);
        addPiece(piece, matrix, rowWords, firstBlock * 4 + start, sums);
      }
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
