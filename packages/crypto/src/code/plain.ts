// The moves of the code in plain TypeScript.
import { BLOCK_WORDS } from "../block.ts";
import { SHIFTS, type CodeEngine } from "./engine.ts";

export const plainCode: CodeEngine = {
  compress(vector, room, [first, second], out) {
    for (let at = BLOCK_WORDS; at < vector.length; at++) vector[at]! ^= vector[at - BLOCK_WORDS]!;
    const sum = new Uint32Array(BLOCK_WORDS);
    let to = 0;
    for (const place of first)
      for (let w = 0; w < BLOCK_WORDS; w++) room[to++] = sum[w]! ^= vector[place * BLOCK_WORDS + w]!;
    fold(room, second, out);
  },

  takeLowBits(blocks, bits) {
    for (let word = 0, at = 0; at < blocks.length; word++) {
      let taken = 0;
      for (let i = 0; i < 32; i++, at += BLOCK_WORDS) {
        taken |= (blocks[at]! & 1) << i;
        blocks[at]! &= ~1;
      }
      if (bits !== undefined) bits[word] = taken;
    }
  },
};

function fold(from: Uint32Array, order: Uint32Array, out: Uint32Array): void {
  for (let at = 0, word = 0; at < out.length; word += 64) {
    for (let i = 0; i < 32; i++) {
      const upper = (shift: number) => order[word + 32 + ((i + shift) & 31)]! * BLOCK_WORDS;
      for (let w = 0; w < BLOCK_WORDS; w++, at++) {
        out[at] = from[order[word + i]! * BLOCK_WORDS + w]!;
        for (const shift of SHIFTS) out[at]! ^= from[upper(shift) + w]!;
      }
    }
  }
}
