// The noise of a table: one draw for each number, before the release, kept with the ledger's entry and used in test and
// opening alike (design section 2.5).
import type { Rng } from "@halfroom/crypto";
import type { Noise, TableShape } from "../plan.types.ts";
import { numbersOf } from "../table/shape.ts";
import { RandomBits } from "./bits.ts";
import { gaussianSampler } from "./gaussian.ts";
import { reduced } from "./integers.ts";
import { sampleLaplace } from "./laplace.ts";

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
    throw new RangeError("there is not one noise for each column of each partition");
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
