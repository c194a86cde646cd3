// The discrete Gaussian distribution (Canonne, Kamath, Steinke 2020, arXiv 2004.00010, algorithm 3): rejection from the
// discrete Laplace distribution of scale floor(sigma) + 1.
import { bernoulliExp } from "./bernoulli.ts";
import type { RandomBits } from "./bits.ts";
import { integerRoot, type Rational } from "./integers.ts";
import { sampleLaplace } from "./laplace.ts";

/** Returns a sampler of x with probability exactly proportional to exp(-x^2 / (2 sigma2)). */
export function gaussianSampler({ numerator, denominator }: Rational): (bits: RandomBits) => bigint {
  const scale = integerRoot(numerator / denominator) + 1n;
  // (|y| - sigma2 / scale)^2 / (2 sigma2), with everything over one denominator.
  const step = scale * denominator;
  const acceptDenominator = 2n * numerator * denominator * scale * scale;
  return (bits) => {
    for (;;) {
      const y = sampleLaplace(bits, { numerator: scale, denominator: 1n });
      const offset = (y < 0n ? -y : y) * step - numerator;
      if (bernoulliExp(bits, offset * offset, acceptDenominator)) return y;
    }
  };
}
