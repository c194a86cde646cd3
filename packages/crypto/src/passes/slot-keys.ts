// The keys of one-hot slots (protocol-spec.md, section 12), from correlated transfers, one less than a slot has places. The chooser of the
// transfers flips its choices into a vector that is 1 in its hole; so it knows the key of every place but of the hole, where it knows the key
// xor Delta. The key of the last place is the xor of the others, and Delta: whatever the flips are, an odd number of keys is unknown, and so
// never none.
import { bitMask } from "../bits.ts";
import { BLOCK_WORDS } from "../block.ts";

/** What the side that knows all keys shifts its rows by. */
interface Shift {
  readonly flips: Uint32Array;
  readonly delta: Uint32Array;
}
const NO_SHIFT = { flips: undefined, delta: new Uint32Array(BLOCK_WORDS) };

/**
 * The keys of `count` slots from number `start` on, count x places blocks. `rows`: places - 1 blocks for each slot, of the transfers; without a
 * `shift` those of the chooser.
 */
export function slotKeys(
  rows: Uint32Array,
  start: number,
  count: number,
  places: number,
  { flips, delta }: Shift | typeof NO_SHIFT = NO_SHIFT,
): Uint32Array {
  const keys = new Uint32Array(count * places * BLOCK_WORDS);
  const [d0, d1, d2, d3] = delta as unknown as [number, number, number, number];
  let transfer = start * (places - 1);
  let from = transfer * BLOCK_WORDS;
  let to = 0;
  for (let slot = 0; slot < count; slot++) {
    let [last0, last1, last2, last3] = [d0, d1, d2, d3];
    for (let place = 1; place < places; place++, transfer++, from += BLOCK_WORDS, to += BLOCK_WORDS) {
      const mask = flips === undefined ? 0 : bitMask(flips, transfer);
      last0 ^= keys[to] = rows[from]! ^ (d0 & mask);
      last1 ^= keys[to + 1] = rows[from + 1]! ^ (d1 & mask);
      last2 ^= keys[to + 2] = rows[from + 2]! ^ (d2 & mask);
      last3 ^= keys[to + 3] = rows[from + 3]! ^ (d3 & mask);
    }
    keys[to++] = last0;
    keys[to++] = last1;
    keys[to++] = last2;
    keys[to++] = last3;
  }
  return keys;
}
