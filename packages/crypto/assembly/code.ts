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

/** Words of the short code that are fetched before they are folded, so that the processor waits for many blocks at once; each with room. */
const WORDS: usize = 16;
/** Of a word, whose upper half's beginning is there once more: both halves and 19 blocks. */
const WORD_BYTES: usize = 83 << 4;

/**
 * The blocks of `from` in the order of `order`, `words` words of 64 blocks, to 32 blocks each: see SHIFTS. `room`: scratch for 16 words of
 * 83 blocks.
 */
export function codeFold(from: usize, out: usize, order: usize, words: usize, room: usize): void {
  while (words > 0) {
    const some = min(words, WORDS);
    const end = room + some * WORD_BYTES;
    for (let word = room; word < end; word += WORD_BYTES, order += 256) {
      for (let i: usize = 0; i < 64; i++) v128.store(word + (i << 4), ordered(from, order, i));
      for (let i: usize = 0; i < 304; i += 16) v128.store(word + 1024 + i, v128.load(word + 512 + i));
    }
    for (let word = room; word < end; word += WORD_BYTES, out += 512) foldWord(word, out);
    words -= some;
  }
}

function foldWord(word: usize, out: usize): void {
  for (const end = word + 512; word < end; word += 16, out += 16) {
    let sum = v128.xor(v128.load(word), v128.load(word, 512));
    sum = v128.xor(sum, v128.load(word, 544));
    sum = v128.xor(sum, v128.load(word, 560));
    sum = v128.xor(sum, v128.load(word, 592));
    sum = v128.xor(sum, v128.load(word, 608));
    sum = v128.xor(sum, v128.load(word, 624));
    sum = v128.xor(sum, v128.load(word, 704));
    sum = v128.xor(sum, v128.load(word, 720));
    sum = v128.xor(sum, v128.load(word, 752));
    sum = v128.xor(sum, v128.load(word, 784));
    sum = v128.xor(sum, v128.load(word, 816));
    v128.store(out, sum);
  }
}

function ordered(from: usize, order: usize, i: usize): v128 {
  return v128.load(from + ((<usize>load<u32>(order + (i << 2))) << 4));
}
