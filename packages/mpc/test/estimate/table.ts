// The estimates for sizes from the least to the largest expansion.
import { EXPANSION_MAX, expansionsOf, TRANSFERS_MIN } from "../../src/silent/parameters.ts";
import { algebraicBits, informationSetBits, linearTestBits } from "./attacks.ts";
import { log2BadWords } from "./distance.ts";

/** The distance that is argued for, as a share of the length. */
const DELTA = 0.1;
/** The least expansion, one with the fewest trees, the largest. */
const TRANSFERS = [TRANSFERS_MIN, 114_688, 2 ** 17, EXPANSION_MAX - 2 ** 15, EXPANSION_MAX];

export interface Estimate {
  readonly transfers: number;
  readonly trees: number;
  readonly depth: number;
  /** log2 of the expected number of words that the argument does not cover. */
  readonly badWords: number;
  /** Bits of work of the best attack of each kind. */
  readonly linearTests: number;
  readonly informationSets: number;
  readonly algebra: number;
}

export function estimates(): Estimate[] {
  return TRANSFERS.map((transfers) => {
    const noise = expansionsOf(transfers);
    return {
      transfers,
      trees: noise.trees,
      depth: noise.depth,
      badWords: Math.ceil(log2BadWords(noise.trees * 2 ** noise.depth, DELTA)),
      linearTests: Math.floor(linearTestBits(noise, DELTA)),
      informationSets: Math.floor(informationSetBits(noise)),
      algebra: Math.floor(algebraicBits(noise)),
    };
  });
}
