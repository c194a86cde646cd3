// The linear code of silent transfers (protocol-spec.md, section 10.9): the transposed encoder, which compresses n blocks to n / 2.
// Two rounds of running sums and public permutations, then a block code: the serial concatenation of a good short code with two
// accumulators (Pfister and Siegel, IEEE Trans. Inf. Theory 49, 2003; "block-accumulate" codes of libOTe). Which addresses are touched and when
// depends on n alone.
import { BLOCK_WORDS } from "../block.ts";
import type { CodeEngine } from "./engine.ts";
import { chooseEngine } from "./choose.ts";
import { permutation } from "./permutation.ts";

/** Blocks of a word of the short code, [64, 32, 12]. */
const WORD_BLOCKS = 64;
/** A permutation takes 4 bytes a block. */
const LENGTH_MAX = 2 ** 24;

/**
 * The product of n blocks with the transposed generator matrix of the code of length n: n / 2 blocks, n a multiple of 64 up to
 * 2^24. `vector` is overwritten, of which they are the first half, and so is `room`, which is as long. Errors: RangeError.
 */
export function compress(
  vector: Uint32Array,
  room: Uint32Array,
  engine: CodeEngine = chooseEngine(),
): Uint32Array {
  const n = vector.length / BLOCK_WORDS;
  if (n % WORD_BLOCKS !== 0 || n > LENGTH_MAX) throw new RangeError(`no code of length ${n}`);
  if (room.length !== vector.length) throw new RangeError("the room is not as long as the vector");
  const out = vector.subarray(0, vector.length / 2);
  engine.compress(vector, room, ordersFor(n), out);
  return out;
}

type Orders = readonly [Uint32Array, Uint32Array];

/** By length: all shards of a session have the same three at most, one for each direction and that of vectors. */
const known = new Map<number, Orders>();
const KNOWN_MAX = 3;

function ordersFor(n: number): Orders {
  let orders = known.get(n);
  if (orders === undefined) {
    if (known.size === KNOWN_MAX) known.clear();
    orders = [permutation(n, 0), permutation(n, 1)];
    known.set(n, orders);
  }
  return orders;
}
