// Programmable-once public functions {0, 1} -> ristretto255 (McQuoid, Rosulek and Roy, eprint 2020/1043 and 2021/682), in the
// instance of Masny and Rindal (eprint 2019/706): two points s_0, s_1 that mean f(j) = s_j + H_j(s_(1-j)). Who makes a function can
// choose its value at one place; the value at the other is then the output of a random oracle that nobody chose. The two points are
// uniform whichever place was chosen. H_j is hash to group of RFC 9380, bound to session, direction, transfer and place.
import {
  encodeParts,
  equalRows,
  getBit,
  hashToGroup,
  POINT_BYTES,
  UNIFORM_BYTES,
  type GroupKernel,
  type Rng,
} from "@halfroom/crypto";
import type { Role } from "../parties.ts";

/** Bytes of a function: s_0 and s_1. */
export const FUNCTION_BYTES = 2 * POINT_BYTES;

/** Domain separation tag of RFC 9380, section 3.1. */
const TAG = Buffer.from("halfroom/v1/base-ot/function");

export interface FunctionContext {
  readonly session: Uint8Array;
  readonly direction: Role;
  readonly kernel: GroupKernel;
}

/**
 * Functions whose value at place choice i is point i: n x 64 bytes. Without a branch on a choice; undefined if a result is the
 * identity, which happens to nobody.
 */
export function programFunctions(
  context: FunctionContext,
  choices: Uint32Array,
  points: Uint8Array,
  rng: Rng,
): Uint8Array | undefined {
  const count = points.length / POINT_BYTES;
  const free = context.kernel.mapToGroup(rng.bytes(count * UNIFORM_BYTES));
  const chosen = context.kernel.subtract(
    points,
    oracle(context, (i) => getBit(choices, i), free),
  );
  if (chosen === undefined) return undefined;
  const functions = new Uint8Array(count * FUNCTION_BYTES);
  for (let i = 0; i < count; i++) {
    const mask = -getBit(choices, i);
    for (let b = 0, from = i * POINT_BYTES, to = i * FUNCTION_BYTES; b < POINT_BYTES; b++, from++, to++) {
      const swap = (chosen[from]! ^ free[from]!) & mask;
      functions[to] = chosen[from]! ^ swap;
      functions[to + POINT_BYTES] = free[from]! ^ swap;
    }
  }
  return functions;
}

/** The value of each function at one place, n x 32 bytes; undefined if one of its points is not valid or a value is the identity. */
export function evaluateFunctions(
  context: FunctionContext,
  functions: Uint8Array,
  place: 0 | 1,
): Uint8Array | undefined {
  if (context.kernel.firstInvalid(functions) !== -1) return undefined;
  const own = halves(functions, place);
  return context.kernel.add(
    own,
    oracle(context, () => place, halves(functions, 1 - place)),
  );
}

/** H_j(point) of each transfer, j its place. */
function oracle(
  { session, direction, kernel }: FunctionContext,
  placeOf: (transfer: number) => number,
  points: Uint8Array,
): Uint8Array {
  const messages: Uint8Array[] = [];
  for (let i = 0, at = 0; at < points.length; i++, at += POINT_BYTES) {
    const point = points.subarray(at, at + POINT_BYTES);
    messages.push(encodeParts("base-ot/function", session, [direction, i, placeOf(i), point]));
  }
  const width = messages[0]?.length ?? 1;
  return hashToGroup(kernel, equalRows(Buffer.concat(messages), width), TAG);
}

/** s_0 of all functions, or s_1. */
function halves(functions: Uint8Array, place: number): Uint8Array {
  const out = new Uint8Array(functions.length / 2);
  for (let to = 0, from = place * POINT_BYTES; to < out.length; to += POINT_BYTES, from += FUNCTION_BYTES) {
    out.set(functions.subarray(from, from + POINT_BYTES), to);
  }
  return out;
}
