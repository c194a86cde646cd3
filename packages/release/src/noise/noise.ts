// The noise of a table: one draw for each number, before the release, kept with the ledger's entry and used in test and
// opening alike (design section 2.5).
import type { Rng } from "@halfroom/crypto";
import { numbersOf } from "../table/shape.ts";
import { RandomBits } from "./bits.ts";
import { gaussianSampler } from "./gaussian.ts";
import { reduced, type Rational } from "./integers.ts";
import { sampleLaplace } from "./laplace.ts";
import type { TableShape } from "../table/table.ts";

/**
 * The noise that one side adds to a number: discrete Laplace, P(x) ~ exp(-|x| / scale), or discrete Gaussian,
 * P(x) ~ exp(-x^2 / (2 sigma2)).
 */
export type Noise =
  | { readonly mechanism: "laplace"; readonly scale: Rational }
  | { readonly mechanism: "gaussian"; readonly sigma2: Rational };

/** Draws of `noise` for one side. */
export function noiseSampler(noise: Noise): (bits: RandomBits) => bigint {
  if (noise.mechanism === "gaussian") return gaussianSampler(reduced(noise.sigma2));
  const scale = reduced(noise.scale);
  return (bits) => sampleLaplace(bits, scale);
}

/**
 * One side's noise for every number of `shape`, given that of each column of each partition. Padding rows get theirs too:
 * the sender does not know them. Errors: RangeError if `noise` is not partitions x columns.
 */
export function drawNoise(
  shape: TableShape,
  noise: readonly (readonly Noise[])[],
  rng: Rng,
): BigInt64Array<ArrayBuffer> {
  const { partitions, categories, columns } = shape;
  if (noise.length !== partitions.length || noise.some((part) => part.length !== columns.length))
    throw new RangeError("every column of every partition needs a noise of its own");
  const bits = new RandomBits(rng);
  const drawn = new BigInt64Array(numbersOf(shape));
  let at = 0;
  partitions.forEach((cells, partition) => {
    const samplers = noise[partition]!.map(noiseSampler);
    for (let pair = 0; pair < cells * categories; pair++)
      for (const sample of samplers) drawn[at++] = sample(bits);
  });
  return drawn;
}
