// The public permutations of the code (protocol-spec.md, section 10.9), by Rao's and Sandelius' shuffle: each place goes to a random
// bucket, and each bucket is shuffled by itself, which makes every permutation equally likely and is kind to caches.
import { openStream } from "../aes-cipher.ts";
import { bytesOf } from "../bits.ts";
import { hash256 } from "../labels.ts";

/** A bucket has about so many places. */
const LOG_BUCKET = 13;
const PIECE_BYTES = 1 << 16;
const NO_SESSION = new Uint8Array(0);

/** The permutation of a round for length n: place i is taken by what was at place `order[i]`. */
export function permutation(n: number, round: number): Uint32Array<ArrayBuffer> {
  const buckets = drawBuckets(n, round);
  const sizes = new Uint32Array(2 ** Math.max(0, Math.ceil(Math.log2(n)) - LOG_BUCKET));
  const mask = sizes.length - 1;
  for (const bucket of buckets) sizes[bucket & mask]!++;
  const ends = new Uint32Array(sizes.length);
  for (let bucket = 1; bucket < sizes.length; bucket++) ends[bucket] = ends[bucket - 1]! + sizes[bucket - 1]!;
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[ends[buckets[i]! & mask]!++] = i;
  const fill = stream(n, round, "order");
  let start = 0;
  for (const size of sizes) {
    shuffle(order.subarray(start, start + size), fill);
    start += size;
  }
  return order;
}

function drawBuckets(n: number, round: number): Uint16Array {
  const draws = new Uint8Array(2 * n);
  const fill = stream(n, round, "buckets");
  for (let from = 0; from < draws.length; from += PIECE_BYTES) fill(draws.subarray(from, from + PIECE_BYTES));
  return new Uint16Array(draws.buffer);
}

/** Fisher's and Yates' shuffle, by draws of 64 bits. */
function shuffle(places: Uint32Array, fill: (out: Uint8Array) => void): void {
  const draws = new Uint32Array(2 * Math.max(0, places.length - 1));
  fill(bytesOf(draws));
  for (let i = places.length - 1, at = 0; i > 0; i--, at += 2) {
    const other = scaled(draws[at]!, draws[at + 1]!, i + 1);
    const last = places[i]!;
    places[i] = places[other]!;
    places[other] = last;
  }
}

/** floor((low + 2^32 high) times / 2^64), exact in doubles for `times` up to 2^21. */
function scaled(low: number, high: number, times: number): number {
  return Math.floor((high * times + Math.floor((low * times) / 2 ** 32)) / 2 ** 32);
}

/** The seed of the code: nothing but its label, its length and what is drawn. */
function stream(n: number, round: number, what: "buckets" | "order"): (out: Uint8Array) => void {
  return openStream(hash256("silent/code", NO_SESSION, n, round, what).subarray(0, 16));
}
