// Products of shared bits with shared numbers mod 2^64. With bit b = b_S xor b_R and x = x_S + x_R, either side's addend
// is a number of its own: b x_S = b_S x_S + (1 - 2 b_S) x_S b_R, and likewise for the receiver's.
import { addAt, bitMask, negateIf, ringArray, type FixedKeyAes, type RingArray } from "@halfroom/crypto";
import { otherRole, type Role } from "../parties.ts";
import type { OtChannel, OtEnds } from "../ot/source.ts";
import { products } from "./protocol.ts";

/**
 * Additive shares of b x, n x columns numbers, from xor shares of n bits (ceil(n / 32) words) and additive shares of
 * n x columns numbers. `stretch`: one for either side's numbers, bound to session and purpose and equal on both sides.
 * Neither side waits before it has sent all. Errors: `count`.
 */
export async function sharedProduct(
  ch: OtChannel<"productFlips" | "productCorrections">,
  role: Role,
  { sending, receiving }: OtEnds,
  stretch: Readonly<Record<Role, FixedKeyAes>>,
  bits: Uint32Array,
  numbers: RingArray,
  columns: number,
): Promise<RingArray> {
  const n = numbers.length / (columns * 2);
  const { own, flipped } = ownTerms(bits, numbers, n, columns);
  const [chosen, both] = await Promise.all([receiving.blocks(ch, n), sending.blocks(ch, n)]);
  const { ofNumbers, ofBits } = await products(ch, n, {
    numbers: { strings: both, stretch: stretch[role], alphas: flipped, columns },
    bits: { strings: chosen, stretch: stretch[otherRole(role)], bits, columns },
  });
  for (const part of [ofNumbers!, ofBits!])
    for (let at = 0; at < own.length; at += 2) addAt(own, at, part, at);
  return own;
}

/** b x and (1 - 2 b) x of this side's bits and numbers. */
function ownTerms(bits: Uint32Array, numbers: RingArray, n: number, columns: number) {
  const own = ringArray(numbers.length / 2);
  const flipped = new Uint32Array(numbers);
  for (let i = 0, at = 0; i < n; i++) {
    const mask = bitMask(bits, i);
    for (let column = 0; column < columns; column++, at += 2) {
      own[at] = numbers[at]! & mask;
      own[at + 1] = numbers[at + 1]! & mask;
      negateIf(flipped, at, mask);
    }
  }
  return { own, flipped };
}
