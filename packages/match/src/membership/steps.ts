// The algebra of design 2.3, step 5. With b = b_S xor b_R and z - r = v in a matching bin, all mod 2^64:
//   b        = b_R       + (1 - 2 b_R) b_S
//   b z      = b_R z     + (1 - 2 b_R) z b_S
//   b (-r)   = b_S (-r)  + (1 - 2 b_S) (-r) b_R
// The first term of each line is known to one side; the second is a product of one side's number and the other's bit.
import { addAt, bitMask, getBit, negateIf, ringArray, type RingArray } from "@halfroom/crypto";

/** (1 - 2 b_R) and (1 - 2 b_R) z: bins x (1 + measures) numbers. */
export function receiverFactors(
  member: Uint32Array,
  values: RingArray,
  bins: number,
  measures: number,
): RingArray {
  const columns = 1 + measures;
  const out = ringArray(bins * columns);
  for (let bin = 0, at = 0, from = 0; bin < bins; bin++) {
    const mask = bitMask(member, bin);
    out[at] = 1;
    negateIf(out, at, mask);
    at += 2;
    for (let column = 1; column < columns; column++, at += 2, from += 2) {
      out[at] = values[from]!;
      out[at + 1] = values[from + 1]!;
      negateIf(out, at, mask);
    }
  }
  return out;
}

/** Adds b_R and b_R z to the receiver's shares. */
export function addReceiverTerms(
  shares: RingArray,
  member: Uint32Array,
  values: RingArray,
  measures: number,
): void {
  const bins = shares.length / 2 / (1 + measures);
  const term = ringArray(1);
  for (let bin = 0, at = 0, from = 0; bin < bins; bin++) {
    const mask = bitMask(member, bin);
    term[0] = getBit(member, bin);
    term[1] = 0;
    addAt(shares, at, term, 0);
    at += 2;
    for (let m = 0; m < measures; m++, at += 2, from += 2) {
      term[0] = values[from]! & mask;
      term[1] = values[from + 1]! & mask;
      addAt(shares, at, term, 0);
    }
  }
}

/** (1 - 2 b_S)(-r), to multiply with b_R, and b_S (-r), which the sender adds itself: bins x measures numbers each. */
export function senderFactors(
  member: Uint32Array,
  masks: RingArray,
  measures: number,
): { flipped: RingArray; own: RingArray } {
  const flipped = new Uint32Array(masks);
  const own = ringArray(masks.length / 2);
  const bins = masks.length / 2 / measures;
  for (let bin = 0, at = 0; bin < bins; bin++) {
    const mask = bitMask(member, bin);
    for (let m = 0; m < measures; m++, at += 2) {
      negateIf(flipped, at, -1);
      own[at] = flipped[at]! & mask;
      own[at + 1] = flipped[at + 1]! & mask;
      negateIf(flipped, at, mask);
    }
  }
  return { flipped, own };
}

/** Adds a bins x measures matrix to the measures' columns of a bins x (1 + measures) matrix. */
export function addSenderTerms(shares: RingArray, terms: RingArray, measures: number): void {
  for (let from = 0, at = 2; from < terms.length; at += 2) {
    for (const end = from + measures * 2; from < end; from += 2, at += 2) addAt(shares, at, terms, from);
  }
}
