// The array kernels in plain TypeScript: what the WebAssembly ones are held against, and what runs without them.
import { hash } from "node:crypto";
import { BLOCK_WORDS } from "../block.ts";
import { addProducts } from "./field128.ts";
import type { ArrayKernels } from "./kernels.ts";

export const typescriptKernels: ArrayKernels = {
  name: "typescript",

  transposeBits(matrix, rows, columns, rowWords = columns >>> 5, firstWord = 0) {
    const columnWords = rows >>> 5;
    const out = new Uint32Array((columns >>> 5) * rows);
    const block = new Uint32Array(32);
    for (let w = 0; w < columns >>> 5; w++) {
      for (let g = 0; g < columnWords; g++) {
        for (let i = 0, from = g * 32 * rowWords + firstWord + w; i < 32; i++, from += rowWords)
          block[i] = matrix[from]!;
        transpose32(block);
        for (let i = 0, to = w * 32 * columnWords + g; i < 32; i++, to += columnWords) out[to] = block[i]!;
      }
    }
    return out;
  },

  foldStreams(k, words, fill, rows) {
    const streams = Array.from({ length: 1 << k }, (_, x) => {
      const stream = new Uint32Array(words);
      fill(x, stream);
      return stream;
    });
    rows.fill(0);
    for (let bit = k - 1; bit >= 0; bit--) {
      const row = rows.subarray(bit * words, (bit + 1) * words);
      const half = 1 << bit;
      for (let x = half; x < 2 * half; x++) {
        xorInto(row, streams[x]!);
        xorInto(streams[x - half]!, streams[x]!);
      }
    }
    return streams[0]!;
  },

  oneWay(permute, blocks) {
    const out = new Uint32Array(blocks.length);
    permute(blocks, out);
    xorInto(out, blocks);
    return out;
  },

  tweakedHash(permute, { blocks, delta, firstTweak, bits }, out) {
    const inner = blocks.slice();
    if (delta !== undefined) inner.forEach((word, at) => (inner[at] = word ^ delta[at % BLOCK_WORDS]!));
    permute(inner.slice(), inner);
    const tweaked = inner.slice();
    for (let at = 0, tweak = firstTweak; at < tweaked.length; at += BLOCK_WORDS, tweak++) {
      tweaked[at]! ^= tweak >>> 0;
      tweaked[at + 1]! ^= Math.floor(tweak / 0x1_0000_0000);
    }
    const hashes = bits ? new Uint32Array(blocks.length) : out;
    permute(tweaked, hashes);
    xorInto(hashes, inner);
    if (bits) packLowBits(hashes, out);
  },

  hashRows({ algorithm, template, offset, width }, rows) {
    const message = template.slice();
    const bytes = algorithm === "sha512" ? 64 : 32;
    const out = new Uint8Array((rows.length / width) * bytes);
    for (let from = 0, to = 0; from < rows.length; from += width, to += bytes) {
      message.set(rows.subarray(from, from + width), offset);
      out.set(hash(algorithm, message, "buffer"), to);
    }
    return out;
  },

  addProducts,

  growLevel(left, right, nodes, trees) {
    const [even, odd] = [this.oneWay(left, nodes), this.oneWay(right, nodes)];
    const children = new Uint32Array(nodes.length * 2);
    const sums = new Uint32Array(trees * 2 * BLOCK_WORDS);
    const treeWords = nodes.length / trees;
    for (let from = 0; from < nodes.length; from += BLOCK_WORDS) {
      const sum = Math.floor(from / treeWords) * 2 * BLOCK_WORDS;
      for (let w = 0; w < BLOCK_WORDS; w++) {
        children[from * 2 + w] = even[from + w]!;
        children[from * 2 + BLOCK_WORDS + w] = odd[from + w]!;
        sums[sum + w]! ^= even[from + w]!;
        sums[sum + BLOCK_WORDS + w]! ^= odd[from + w]!;
      }
    }
    return { children, sums };
  },
};

/** Writes the lowest bit of each block to the bits of `out`. */
function packLowBits(blocks: Uint32Array, out: Uint32Array): void {
  for (let word = 0, at = 0; at < blocks.length; word++) {
    let bits = 0;
    for (let i = 0; i < 32; i++, at += BLOCK_WORDS) bits |= (blocks[at]! & 1) << i;
    out[word] = bits;
  }
}

function xorInto(target: Uint32Array, source: Uint32Array): void {
  for (let i = 0; i < target.length; i++) target[i]! ^= source[i]!;
}

/** Transposes a 32 x 32 bit matrix in place by swapping ever smaller off-diagonal blocks. */
function transpose32(a: Uint32Array): void {
  for (let width = 16, mask = 0x0000ffff; width > 0; width >>>= 1, mask ^= mask << width) {
    for (let k = 0; k < 32; k = (k + width + 1) & ~width) {
      const swap = ((a[k]! >>> width) ^ a[k + width]!) & mask;
      a[k + width]! ^= swap;
      a[k]! ^= swap << width;
    }
  }
}
