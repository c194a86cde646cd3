// The discrete Laplace distribution (Canonne, Kamath, Steinke 2020, arXiv 2004.00010, algorithm 2).
import { bernoulliExp, bernoulliExpOne } from "./bernoulli.ts";
import type { RandomBits } from "./bits.ts";
import type { Rational } from "./integers.ts";

/** x with probability exactly proportional to exp(-|x| / scale). */
export function sampleLaplace(bits: RandomBits, { numerator, denominator }: Rational): bigint {
  for (;;) {
    const magnitude = geometric(bits, numerator) / denominator;
    const negative = bits.belowSmall(2) === 1;
    // Zero would come twice as often as it should, once for each sign.
    if (negative && magnitude === 0n) continue;
    return negative ? -magnitude : magnitude;
  }
}

/** x >= 0 with probability proportional to exp(-x / scale): its remainder and its quotient by the scale are independent. */
function geometric(bits: RandomBits, scale: bigint): bigint {
  for (;;) {
    const remainder = bits.below(scale);
    if (!bernoulliExp(bits, remainder, scale)) continue;
    let quotient = 0n;
    while (bernoulliExpOne(bits)) quotient++;
    return remainder + scale * quotient;
  }
}
