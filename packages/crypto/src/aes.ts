// AES-128 (FIPS 197): a public permutation under a fixed key, and key streams; see aes-cipher.ts for who computes it.
//
// The hash modes are those of Guo, Katz, Wang and Yu (eprint 2019/074): in the ideal-cipher model with 128-bit keys,
// 2^m calls under one key cost m bits of the 128. Every key here is derived from a label and the session id.
import { openBlocks, openStream, type BlockCipher } from "./aes-cipher.ts";
import { BLOCK_WORDS } from "./block.ts";
import { arrayKernels } from "./kernels/index.ts";
import type { TweakedBlocks } from "./kernels/kernels.ts";
import { hash256, type Part } from "./labels.ts";
import { bytesOf } from "./bits.ts";

const KEY_BYTES = 16;

/** pi, a public random-looking permutation of 128-bit blocks: AES-128 under a key derived from label and session. */
export class FixedKeyAes {
  readonly #cipher: BlockCipher;

  constructor(label: string, session: Uint8Array, ...parts: Part[]) {
    const key = hash256(label, session, ...parts).subarray(0, KEY_BYTES);
    this.#cipher = openBlocks(key);
  }

  /** Writes pi of each block to `out`: both are n x 4 words; `blocks` stays as it is. */
  readonly permute = (blocks: Uint32Array, out: Uint32Array): void => {
    this.#cipher.encrypt(bytesOf(blocks), bytesOf(out));
  };

  /** The round keys for the native add-on, where it computes this permutation. */
  get schedule(): Uint8Array | undefined {
    return this.#cipher.schedule;
  }

  /** pi(x) xor x for each block (Matyas-Meyer-Oseas): one-way, for tree nodes and expansions of random blocks. */
  oneWay(blocks: Uint32Array): Uint32Array<ArrayBuffer> {
    return arrayKernels.oneWay(this.permute, blocks);
  }

  /**
   * TMMO(x, i) = pi(pi(x) xor i) xor pi(x), tweakable circular correlation robust (eprint 2019/074, section 7.4).
   * Block `j` of n x 4 words gets the tweak `firstTweak + j` (below 2^53).
   */
  tweakedHash(blocks: Uint32Array, firstTweak: number): Uint32Array<ArrayBuffer> {
    const out = new Uint32Array(blocks.length);
    this.tweakedHashInto({ blocks, firstTweak, bits: false }, out);
    return out;
  }

  /** The same to `out`, n x 4 words; or the lowest bit of each hash. */
  tweakedHashInto(of: TweakedBlocks, out: Uint32Array): void {
    arrayKernels.tweakedHash(this.permute, of, out);
  }

  /**
   * Stretches each random block into one independent 64-bit word per column: block `p` of the stretched string is
   * oneWay(x xor p) and holds columns 2p and 2p + 1. Returns n x columns x 2 words, low word first.
   */
  columnWords(blocks: Uint32Array, columns: number): Uint32Array<ArrayBuffer> {
    if (columns === 2) return this.oneWay(blocks);
    const count = blocks.length / BLOCK_WORDS;
    const out = new Uint32Array(count * columns * 2);
    for (let pair = 0; pair * 2 < columns; pair++) {
      const stretched = this.oneWay(pair === 0 ? blocks : numbered(blocks, pair));
      const both = pair * 2 + 1 < columns;
      for (let j = 0, from = 0, to = pair * 4; j < count; j++, from += BLOCK_WORDS, to += columns * 2) {
        out[to] = stretched[from]!;
        out[to + 1] = stretched[from + 1]!;
        if (both) {
          out[to + 2] = stretched[from + 2]!;
          out[to + 3] = stretched[from + 3]!;
        }
      }
    }
    return out;
  }
}

/** Each block xor a number, in its last word. */
function numbered(blocks: Uint32Array, number: number): Uint32Array {
  const out = new Uint32Array(blocks);
  for (let at = BLOCK_WORDS - 1; at < out.length; at += BLOCK_WORDS) out[at]! ^= number;
  return out;
}

/** A pseudorandom stream: AES-128-CTR (NIST SP 800-38A) from a 16-byte key, counter from zero, never rewound. */
export class AesStream {
  readonly #fill: (out: Uint8Array) => void;

  constructor(key: Uint8Array) {
    this.#fill = openStream(key.subarray(0, KEY_BYTES));
  }

  /** Writes the next `out.length` words of the stream. */
  fill(out: Uint32Array): void {
    this.#fill(bytesOf(out));
  }
}
