// The moves of the code of silent transfers: see ../src/code/engine.ts. Addresses follow from draws, which are public.

/** Puts `count` running sums from block `first` of `from` on into buckets of `to`; `sum` is a block. */
export function codeScatter(
  from: usize,
  to: usize,
  first: usize,
  draws: usize,
  count: usize,
  cursors: usize,
  mask: u32,
  sum: usize,
): void {
  let total = v128.load(sum);
  let at = from + (first << 4);
  for (let i: usize = 0; i < count; i++, at += 16) {
    total = v128.xor(total, v128.load(at));
    const cursor = cursors + ((<usize>((<u32>load<u16>(draws + (i << 1))) & mask)) << 2);
    const place = load<u32>(cursor);
    store<u32>(cursor, place + 1);
    v128.store(to + ((<usize>place) << 4), total);
  }
  v128.store(sum, total);
}

/** Shuffles `count` + 1 blocks by `count` draws of 64 bits. */
export function codeShuffle(blocks: usize, draws: usize, count: usize): void {
  for (let i: u64 = count, at = draws; i > 0; i--, at += 8) {
    const low = (<u64>load<u32>(at) * (i + 1)) >> 32;
    const other = blocks + ((<usize>((<u64>load<u32>(at + 4) * (i + 1) + low) >> 32)) << 4);
    const last = blocks + ((<usize>i) << 4);
    const block = v128.load(last);
    v128.store(last, v128.load(other));
    v128.store(other, block);
  }
}

/** Of each of `words` words of 64 blocks 32 blocks: see SHIFTS. */
export function codeFold(from: usize, out: usize, words: usize): void {
  for (let word: usize = 0; word < words; word++, from += 1024, out += 512) {
    for (let i: usize = 0; i < 32; i++) {
      let sum = v128.load(from + (i << 4));
      sum = v128.xor(sum, parity(from, i));
      sum = v128.xor(sum, parity(from, i + 2));
      sum = v128.xor(sum, parity(from, i + 3));
      sum = v128.xor(sum, parity(from, i + 5));
      sum = v128.xor(sum, parity(from, i + 6));
      sum = v128.xor(sum, parity(from, i + 7));
      sum = v128.xor(sum, parity(from, i + 12));
      sum = v128.xor(sum, parity(from, i + 13));
      sum = v128.xor(sum, parity(from, i + 15));
      sum = v128.xor(sum, parity(from, i + 17));
      sum = v128.xor(sum, parity(from, i + 19));
      v128.store(out + (i << 4), sum);
    }
  }
}

function parity(word: usize, i: usize): v128 {
  return v128.load(word + 512 + ((i & 31) << 4));
}
