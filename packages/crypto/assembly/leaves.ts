// Leaves of trees and slots that become rows of numbers in a table: see ../src/passes/engine.ts. What AES makes of blocks is put into
// linear memory by the caller, piece by piece; everything else is here. A piece is whole trees or a part of one. Addresses depend on
// `holes` alone, which the caller knows itself.

/** Adds `bits` where the condition, a bit, is 1. */
function xorWhere(value: v128, bits: v128, condition: u32): v128 {
  return v128.xor(value, v128.and(bits, i32x4.splat(0 - <i32>condition)));
}

/** The branch at `level` that leaves the path to `hole`. */
function branchOff(hole: u32, depth: u32, level: u32): usize {
  return ((hole >> (depth - 1 - level)) & 1) ^ 1;
}

/** The two nodes of the first level of each tree: its first strings. `zero`, `one`: trees x depth blocks. */
export function treeRoots(zero: usize, one: usize, trees: usize, depth: usize, nodes: usize): void {
  for (const end = nodes + (trees << 5); nodes < end; nodes += 32) {
    v128.store(nodes, v128.load(zero));
    v128.store(nodes + 16, v128.load(one));
    zero += depth << 4;
    one += depth << 4;
  }
}

/** The same where the one on the path to the hole is not known, and stays zero. */
export function puncturedRoots(known: usize, holes: usize, trees: usize, depth: usize, nodes: usize): void {
  for (let tree: usize = 0; tree < trees; tree++) {
    const off = branchOff(load<u32>(holes + (tree << 2)), <u32>depth, 0);
    v128.store(nodes + (off << 4), v128.load(known));
    v128.store(nodes + ((off ^ 1) << 4), i64x2.splat(0));
    known += depth << 4;
    nodes += 32;
  }
}

/**
 * children[2i] = left[i] ^ nodes[i], children[2i + 1] = right[i] ^ nodes[i], of a piece of `count` nodes, `width` to a tree. To the pair of
 * blocks of each tree at `sums` its even and its odd children are added.
 */
export function growPiece(
  left: usize,
  right: usize,
  nodes: usize,
  count: usize,
  width: usize,
  children: usize,
  sums: usize,
): void {
  const end = nodes + (count << 4);
  while (nodes < end) {
    let even = v128.load(sums);
    let odd = v128.load(sums + 16);
    const last = min(nodes + (width << 4), end);
    for (; nodes < last; nodes += 16) {
      const node = v128.load(nodes);
      const a = v128.xor(v128.load(left), node);
      const b = v128.xor(v128.load(right), node);
      v128.store(children, a);
      v128.store(children + 16, b);
      even = v128.xor(even, a);
      odd = v128.xor(odd, b);
      left += 16;
      right += 16;
      children += 32;
    }
    v128.store(sums, even);
    v128.store(sums + 16, odd);
    sums += 32;
  }
}

/** The corrections of a level, from the sums of its branches: trees x (depth - 1) x 2 blocks. */
export function correctBranches(
  sums: usize,
  zero: usize,
  one: usize,
  trees: usize,
  depth: usize,
  level: usize,
  corrections: usize,
): void {
  zero += level << 4;
  one += level << 4;
  corrections += (level - 1) << 5;
  for (let tree: usize = 0; tree < trees; tree++) {
    v128.store(corrections, v128.xor(v128.load(sums), v128.load(zero)));
    v128.store(corrections + 16, v128.xor(v128.load(sums + 16), v128.load(one)));
    sums += 32;
    zero += depth << 4;
    one += depth << 4;
    corrections += (depth - 1) << 5;
  }
}

/**
 * Of each tree, what was grown of the zero on the path to its hole is put right: the node on the path is zero again, and its sibling
 * what the sum of its branch, the correction and the known string say. `nodes`: of this level.
 */
export function setSiblings(
  sums: usize,
  known: usize,
  corrections: usize,
  holes: usize,
  trees: usize,
  depth: usize,
  level: usize,
  nodes: usize,
): void {
  known += level << 4;
  corrections += (level - 1) << 5;
  for (let tree: usize = 0; tree < trees; tree++) {
    const hole = load<u32>(holes + (tree << 2));
    const branch = branchOff(hole, <u32>depth, <u32>level) << 4;
    const onPath = <usize>(hole >> (<u32>(depth - 1 - level)));
    const sibling = nodes + ((onPath ^ 1) << 4);
    const missing = v128.xor(
      v128.xor(v128.load(sums + branch), v128.load(corrections + branch)),
      v128.load(known),
    );
    v128.store(sibling, v128.xor(v128.load(sibling), missing));
    v128.store(nodes + (onPath << 4), i64x2.splat(0));
    sums += 32;
    known += depth << 4;
    corrections += (depth - 1) << 5;
    nodes += (<usize>32) << level;
  }
}

/**
 * All keys of slots, `cells` to each: the blocks of `rows`, `cells` - 1 to a slot, with `delta` where their bit is 1, the first at bit `first`
 * of `flips`; and the sum of these and delta. Without delta `flips` is 0.
 */
export function slotKeys(
  rows: usize,
  flips: usize,
  first: usize,
  delta: usize,
  slots: usize,
  cells: usize,
  keys: usize,
): void {
  const shift = flips == 0 ? i64x2.splat(0) : v128.load(delta);
  let bit = first;
  for (let slot: usize = 0; slot < slots; slot++) {
    let last = shift;
    for (const end = keys + ((cells - 1) << 4); keys < end; keys += 16) {
      let key = v128.load(rows);
      if (flips != 0) {
        key = xorWhere(key, shift, ((<u32>load<u8>(flips + (bit >> 3))) >> ((<u32>bit) & 7)) & 1);
        bit++;
      }
      v128.store(keys, key);
      last = v128.xor(last, key);
      rows += 16;
    }
    v128.store(keys, last);
    keys += 16;
  }
}

/** out[i] = blocks[i] ^ number, a number of 32 bits in the last word */
export function numberBlocks(out: usize, blocks: usize, count: usize, number: i32): void {
  const value = i32x4.replace_lane(i32x4.splat(0), 3, number);
  for (let at: usize = 0, end = count << 4; at < end; at += 16) {
    v128.store(out + at, v128.xor(v128.load(blocks + at), value));
  }
}

/**
 * Adds numbers of a piece of `count` leaves, of which leaf `first` of all is the first, to their cells, or takes them off: columns 2 `pair` and
 * 2 `pair` + 1, which `made` ^ `from` holds, or of an odd last pair the first alone. The row of each tree at `sums` gets their sum added.
 */
export function addNumbers(
  made: usize,
  from: usize,
  first: usize,
  count: usize,
  cells: usize,
  columns: usize,
  pair: usize,
  negative: i32,
  table: usize,
  sums: usize,
): void {
  const row = columns << 3;
  const both = (pair << 1) + 1 < columns;
  const sign: i64 = negative ? -1 : 0;
  let cell = first % cells;
  sums += (first / cells) * row + (pair << 4);
  table += pair << 4;
  const end = from + (count << 4);
  while (from < end) {
    const last = min(from + ((cells - cell) << 4), end);
    const at = table + cell * row;
    const bytes = last - from;
    if (both) v128.store(sums, i64x2.add(v128.load(sums), addPairs(made, from, bytes, at, row, sign)));
    else store<i64>(sums, load<i64>(sums) + addSingles(made, from, bytes, at, row, sign));
    made += bytes;
    from = last;
    cell = 0;
    sums += row;
  }
}

/** Returns the sum of the numbers; what is added is (number ^ sign) - sign. */
function addPairs(made: usize, from: usize, bytes: usize, at: usize, row: usize, sign: i64): v128 {
  const signs = i64x2.splat(sign);
  let sum = i64x2.splat(0);
  for (const end = from + bytes; from < end; from += 16) {
    const numbers = v128.xor(v128.load(made), v128.load(from));
    v128.store(at, i64x2.add(v128.load(at), i64x2.sub(v128.xor(numbers, signs), signs)));
    sum = i64x2.add(sum, numbers);
    made += 16;
    at += row;
  }
  return sum;
}

function addSingles(made: usize, from: usize, bytes: usize, at: usize, row: usize, sign: i64): i64 {
  let sum: i64 = 0;
  for (const end = from + bytes; from < end; from += 16) {
    const number = load<i64>(made) ^ load<i64>(from);
    store<i64>(at, load<i64>(at) + ((number ^ sign) - sign));
    sum += number;
    made += 16;
    at += row;
  }
  return sum;
}

/** Takes the sum of each tree off the row of its hole. */
export function takeSumsOff(sums: usize, holes: usize, trees: usize, columns: usize, table: usize): void {
  const row = columns << 3;
  for (let tree: usize = 0; tree < trees; tree++) {
    const at = table + <usize>load<u32>(holes + (tree << 2)) * row;
    for (let c: usize = 0; c < row; c += 8) store<u64>(at + c, load<u64>(at + c) - load<u64>(sums + c));
    sums += row;
  }
}
