// Cuckoo placement (design section 2.3, step 1): one bin for each person, at most one person in each bin, no stash.
import { randomWords, type Rng } from "@halfroom/crypto";
import { ProtocolError } from "@halfroom/wire";

const EMPTY = -1;
/** Steps of one walk before the exact search takes over; at 1.33 bins a person, one walk in 10^5 takes more than 64. */
const WALK_STEPS_MAX = 256;
const RANDOM_BLOCK_WORDS = 1024;

/**
 * Places every person in one of its three bins: bin -> person index, or -1 where the bin stays empty.
 *
 * Random-walk insertion; where a walk grows long, a breadth-first search for an augmenting path settles it, so that
 * the result is exact. It never reseeds: whether that happened would say something about the set.
 *
 * @param positions people x 3 bins, distinct within a row
 * @throws ProtocolError "cuckoo" if no placement exists
 */
export function place(
  positions: Uint32Array,
  people: number,
  bins: number,
  rng: Rng,
): Int32Array<ArrayBuffer> {
  if (positions.length !== people * 3) throw new RangeError("every person has three positions");
  const occupants = new Int32Array(bins).fill(EMPTY);
  const choose = choices(rng);
  for (let person = 0; person < people; person++) {
    const homeless = walk(occupants, positions, person, choose);
    if (homeless !== EMPTY) augment(occupants, positions, homeless);
  }
  return occupants;
}

/** A source of random numbers 0, 1, 2; the bias of 2^-32 affects the length of walks only. */
function choices(rng: Rng): () => number {
  let words = new Uint32Array(0);
  let next = 0;
  return () => {
    if (next === words.length) {
      words = randomWords(rng, RANDOM_BLOCK_WORDS);
      next = 0;
    }
    return words[next++]! % 3;
  };
}

/** Inserts a person, evicting others at random; returns whoever has no bin when the walk ends, or -1. */
function walk(occupants: Int32Array, positions: Uint32Array, person: number, choose: () => number): number {
  let homeless = person;
  for (let step = 0; step < WALK_STEPS_MAX; step++) {
    const first = choose();
    for (let i = 0; i < 3; i++) {
      const bin = positions[homeless * 3 + ((first + i) % 3)]!;
      if (occupants[bin] !== EMPTY) continue;
      occupants[bin] = homeless;
      return EMPTY;
    }
    const bin = positions[homeless * 3 + first]!;
    const evicted = occupants[bin]!;
    occupants[bin] = homeless;
    homeless = evicted;
  }
  return homeless;
}

const UNSEEN = -1;
const START = -2;

/**
 * Inserts a person along a shortest augmenting path. If the search ends without a free bin, all bins it saw are taken by
 * people who have no other bins: by Hall's theorem there is no placement.
 */
function augment(occupants: Int32Array, positions: Uint32Array, person: number): void {
  const cameFrom = new Int32Array(occupants.length).fill(UNSEEN);
  const queue = new Uint32Array(occupants.length);
  let head = 0;
  let tail = 0;
  for (let mover = person, source = START; ; mover = occupants[source]!) {
    for (let i = 0; i < 3; i++) {
      const bin = positions[mover * 3 + i]!;
      if (cameFrom[bin] !== UNSEEN) continue;
      cameFrom[bin] = source;
      if (occupants[bin] === EMPTY) return shift(occupants, cameFrom, bin, person);
      queue[tail++] = bin;
    }
    if (head === tail) throw new ProtocolError("cuckoo");
    source = queue[head++]!;
  }
}

/** Moves every occupant on the path to the next bin, the free one last on it, and the person into the first. */
function shift(occupants: Int32Array, cameFrom: Int32Array, free: number, person: number): void {
  let bin = free;
  for (let source = cameFrom[bin]!; source !== START; source = cameFrom[bin]!) {
    occupants[bin] = occupants[source]!;
    bin = source;
  }
  occupants[bin] = person;
}
