// The linear code of silent transfers (protocol-spec.md, section 10.9): the transposed encoder, which compresses n blocks to n / 2.
// Two rounds of running sums and public permutations, then a block code: the serial concatenation of a good short code with two
// accumulators (Pfister and Siegel, IEEE Trans. Inf. Theory 49, 2003; "block-accumulate" codes of libOTe). Which addresses are touched and when
// depends on n alone.
import { openStream } from "../aes-cipher.ts";
import { BLOCK_WORDS } from "../block.ts";
import { hash256 } from "../labels.ts";
import type { CodeEngine, CodeMemory } from "./engine.ts";
import { chooseEngine } from "./choose.ts";

/** Blocks of a word of the short code, [64, 32, 12], and of its message. */
const WORD_BLOCKS = 64;
/** Rounds of a running sum and a permutation. */
const ROUNDS = 2;
/** A bucket of a permutation has about so many blocks: 128 KiB, which stay in the second cache. */
const LOG_BUCKET = 13;
const LOG_BUCKETS_MAX = 16;
/** Blocks put into buckets at a time. */
const PIECE = 1 << 15;
const NO_SESSION = new Uint8Array(0);

/**
 * The product of n blocks with the transposed generator matrix of the code of length n: n / 2 blocks, n a multiple of 64 up to
 * 2^29. `vector` is overwritten, and so is `room`, which is as long. Errors: RangeError.
 */
export function compress(
  vector: Uint32Array,
  room: Uint32Array,
  engine: CodeEngine = chooseEngine(),
): Uint32Array<ArrayBuffer> {
  const n = vector.length / BLOCK_WORDS;
  if (n % WORD_BLOCKS !== 0 || n > 2 ** 29) throw new RangeError(`no code of length ${n}`);
  if (room.length !== vector.length) throw new RangeError("the room is not as long as the vector");
  const memory = engine(vector, room);
  for (let round = 0; round < ROUNDS; round++) {
    permuteSums(memory, n, round);
    memory.turn();
  }
  return memory.fold();
}

/**
 * The running sums of the blocks, permuted by Rao's and Sandelius' shuffle: each block goes to a random bucket, and each bucket is
 * shuffled by itself, which makes every permutation equally likely and never leaves the cache.
 */
function permuteSums(memory: CodeMemory, n: number, round: number): void {
  const sizes = bucketSizes(n, round);
  const cursors = new Uint32Array(sizes.length);
  for (let bucket = 1; bucket < sizes.length; bucket++)
    cursors[bucket] = cursors[bucket - 1]! + sizes[bucket - 1]!;
  eachDraw(n, round, (draws, from) => memory.scatter(from, draws, cursors));
  const fill = stream(n, round, "order");
  const room = new Uint32Array(2 * Math.max(...sizes));
  let start = 0;
  for (const size of sizes) {
    const draws = room.subarray(0, 2 * Math.max(0, size - 1));
    fill(bytesOf(draws));
    memory.shuffle(start, draws);
    start += size;
  }
}

/** By length: all shards of a session have the same one or two. */
const known = new Map<number, readonly Uint32Array[]>();
const KNOWN_MAX = 4;

/** How many blocks fall into each bucket. */
function bucketSizes(n: number, round: number): Uint32Array {
  let sizes = known.get(n);
  if (sizes === undefined) {
    if (known.size === KNOWN_MAX) known.clear();
    sizes = Array.from({ length: ROUNDS }, (_, each) => countBuckets(n, each));
    known.set(n, sizes);
  }
  return sizes[round]!;
}

function countBuckets(n: number, round: number): Uint32Array {
  const sizes = new Uint32Array(bucketCount(n));
  const mask = sizes.length - 1;
  eachDraw(n, round, (draws) => {
    for (let i = 0; i < draws.length; i++) sizes[draws[i]! & mask]!++;
  });
  return sizes;
}

function bucketCount(n: number): number {
  return 2 ** Math.min(LOG_BUCKETS_MAX, Math.max(0, Math.ceil(Math.log2(n)) - LOG_BUCKET));
}

/** Calls `use` with the draws of the next blocks, of which number `from` is the first. */
function eachDraw(n: number, round: number, use: (draws: Uint16Array, from: number) => void): void {
  const fill = stream(n, round, "buckets");
  const memory = new Uint16Array(PIECE);
  for (let from = 0; from < n; from += PIECE) {
    const draws = memory.subarray(0, Math.min(PIECE, n - from));
    fill(bytesOf(draws));
    use(draws, from);
  }
}

/** The seed of the code: nothing but its label, its length and what is drawn. */
function stream(n: number, round: number, what: "buckets" | "order"): (out: Uint8Array) => void {
  return openStream(hash256("silent/code", NO_SESSION, n, round, what).subarray(0, 16));
}

const bytesOf = (words: Uint16Array | Uint32Array) =>
  new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
