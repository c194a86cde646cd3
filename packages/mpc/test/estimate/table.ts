// The estimates for sizes from the least to the largest expansion, and for vectors.
import { EXPANSION_MAX, expansionsOf, VECTOR, type Expansions } from "../../src/silent/parameters.ts";
import { algebraicBits, informationSetBits, linearTestBits, type Noise } from "./attacks.ts";
import { log2BadWords } from "./distance.ts";
import { fieldAlgebraicBits, fieldInformationSetBits, linearFieldTestBits } from "./field-attacks.ts";

/** The distance that is argued for, as a share of the length. */
const DELTA = 0.1;
/** What the smallest shard draws of direction `receiver`, the fewest trees, the largest expansion. */
const TRANSFERS = [70_176, 114_688, 2 ** 17, EXPANSION_MAX - 2 ** 15, EXPANSION_MAX];

export interface Estimate {
  /** Transfers, or elements of a vector. */
  readonly made: number;
  readonly trees: number;
  readonly depth: number;
  /** log2 of the expected number of words that the argument does not cover. */
  readonly badWords: number;
  /** Bits of work of the best attack of each kind. */
  readonly linearTests: number;
  readonly informationSets: number;
  readonly algebra: number;
}

/** Against noise of bits, for sizes of expansions; against noise of field elements, for a vector. */
export function estimates(): { readonly silent: Estimate[]; readonly vector: Estimate[] } {
  const ofBits = { tests: linearTestBits, sets: informationSetBits, algebra: algebraicBits };
  const ofField = {
    tests: linearFieldTestBits,
    sets: fieldInformationSetBits,
    algebra: fieldAlgebraicBits,
  };
  return {
    silent: TRANSFERS.map((transfers) => estimateOf(expansionsOf(transfers), ofBits, transfers)),
    vector: [estimateOf(VECTOR, ofField, VECTOR.transfers)],
  };
}

interface Attacks {
  readonly tests: (noise: Noise, delta: number) => number;
  readonly sets: (noise: Noise) => number;
  readonly algebra: (noise: Noise) => number;
}

function estimateOf(noise: Expansions, { tests, sets, algebra }: Attacks, made: number): Estimate {
  return {
    made,
    trees: noise.trees,
    depth: noise.depth,
    badWords: Math.ceil(log2BadWords(noise.trees * 2 ** noise.depth, DELTA)),
    linearTests: Math.floor(tests(noise, DELTA)),
    informationSets: Math.floor(sets(noise)),
    algebra: Math.floor(algebra(noise)),
  };
}
