// The moves of the code of silent transfers: see ../src/code/engine.ts. Addresses follow from permutations, which are public.

/** Puts the sum of all blocks up to it in each of `count` blocks' place. */
export function codeSum(blocks: usize, count: usize): void {
  let total = v128.splat<u32>(0);
  for (const end = blocks + (count << 4); blocks < end; blocks += 16) {
    total = v128.xor(total, v128.load(blocks));
    v128.store(blocks, total);
  }
}

/** Puts the sum of the blocks of `from` at the first i + 1 of `count` places in place i of `to`. */
export function codeGather(from: usize, to: usize, order: usize, count: usize): void {
  let total = v128.splat<u32>(0);
  for (let i: usize = 0; i < count; i++) {
    total = v128.xor(total, ordered(from, order, i));
    v128.store(to + (i << 4), total);
  }
}

/** The blocks of `from` in the order of `order`, `words` words of 64 blocks, to 32 blocks each: see SHIFTS. */
export function codeFold(from: usize, out: usize, order: usize, words: usize): void {
  for (let word: usize = 0; word < words; word++, order += 256) {
    for (let i: usize = 0; i < 32; i++, out += 16) {
      let sum = ordered(from, order, i);
      sum = v128.xor(sum, parity(from, order, i));
      sum = v128.xor(sum, parity(from, order, i + 2));
      sum = v128.xor(sum, parity(from, order, i + 3));
      sum = v128.xor(sum, parity(from, order, i + 5));
      sum = v128.xor(sum, parity(from, order, i + 6));
      sum = v128.xor(sum, parity(from, order, i + 7));
      sum = v128.xor(sum, parity(from, order, i + 12));
      sum = v128.xor(sum, parity(from, order, i + 13));
      sum = v128.xor(sum, parity(from, order, i + 15));
      sum = v128.xor(sum, parity(from, order, i + 17));
      sum = v128.xor(sum, parity(from, order, i + 19));
      v128.store(out, sum);
    }
  }
}

function parity(from: usize, order: usize, i: usize): v128 {
  return ordered(from, order, 32 + (i & 31));
}

function ordered(from: usize, order: usize, i: usize): v128 {
  return v128.load(from + ((<usize>load<u32>(order + (i << 2))) << 4));
}
