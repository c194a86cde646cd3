// Base oblivious transfers on ristretto255: the protocol of Chou and Orlandi (eprint 2015/267) with keys bound to the
// session, the direction, the index and both messages, as Masny and Rindal (eprint 2019/706) and McQuoid, Rosulek and
// Roy (eprint 2021/682) ask for batches. Secure against semi-honest parties under CDH in the random-oracle model;
// 126-bit security of the group.
import { getBit, hash256, POINT_BYTES, randomScalars, type GroupKernel, type Rng } from "@halfroom/crypto";
import { ProtocolError, recvBulk, sendBulk, type Channel } from "@halfroom/wire";
import type { Role } from "../parties.ts";

const KEY_WORDS = 4;

export interface BaseOtContext {
  readonly session: Uint8Array;
  /** The role that sends here, so that the two directions share no key. */
  readonly direction: Role;
  readonly kernel: GroupKernel;
  readonly rng: Rng;
}

/** Both keys of each transfer: n x 4 words each. */
export interface KeyPairs {
  readonly zero: Uint32Array;
  readonly one: Uint32Array;
}

/** Gives the sender two random 128-bit keys per transfer, of which the receiver learns the one it chose. */
export async function baseOtSender(
  ch: Channel<"baseOtKey", "baseOtChoices">,
  count: number,
  context: BaseOtContext,
): Promise<KeyPairs> {
  const { kernel, rng } = context;
  const secret = randomScalars(kernel, rng, 1);
  const point = kernel.multiplyBase(secret);
  await ch.send({ type: "baseOtKey", point });
  const choices = await recvBulk(ch, "baseOtChoices", count * POINT_BYTES);
  const zero = kernel.multiplyByOne(choices, secret);
  const differences = kernel.subtract(choices, repeat(point, count));
  const one = differences && kernel.multiplyByOne(differences, secret);
  if (zero === undefined || one === undefined) throw new ProtocolError("point");
  const key = (shared: Uint8Array) => deriveKeys(context, point, choices, shared);
  return { zero: key(zero), one: key(one) };
}

/** `choices` holds `count` bits; returns the chosen keys, n x 4 words. */
export async function baseOtReceiver(
  ch: Channel<"baseOtChoices", "baseOtKey">,
  choices: Uint32Array,
  count: number,
  context: BaseOtContext,
): Promise<Uint32Array> {
  const { kernel, rng } = context;
  const { point } = await ch.recv("baseOtKey");
  if (kernel.firstInvalid(point) !== -1) throw new ProtocolError("point");
  const secrets = randomScalars(kernel, rng, count);
  const plain = kernel.multiplyBase(secrets);
  const shifted = kernel.add(plain, repeat(point, count));
  if (shifted === undefined) throw new ProtocolError("point");
  const sent = selectPoints(plain, shifted, choices);
  await sendBulk(ch, "baseOtChoices", sent);
  const shared = kernel.multiply(repeat(point, count), secrets);
  if (shared === undefined) throw new ProtocolError("point");
  return deriveKeys(context, point, sent, shared);
}

/** Point i of `one` where choice i is 1, else of `zero`, without a branch on the choice. */
function selectPoints(zero: Uint8Array, one: Uint8Array, choices: Uint32Array): Uint8Array {
  const out = new Uint8Array(zero.length);
  for (let i = 0; i < out.length; i++) {
    const mask = -getBit(choices, Math.floor(i / POINT_BYTES));
    out[i] = zero[i]! ^ ((zero[i]! ^ one[i]!) & mask);
  }
  return out;
}

function repeat(point: Uint8Array, count: number): Uint8Array {
  const out = new Uint8Array(point.length * count);
  for (let i = 0; i < count; i++) out.set(point, i * point.length);
  return out;
}

function deriveKeys(
  { session, direction }: BaseOtContext,
  point: Uint8Array,
  choices: Uint8Array,
  shared: Uint8Array,
): Uint32Array {
  const count = shared.length / POINT_BYTES;
  const keys = new Uint32Array(count * KEY_WORDS);
  const bytes = new Uint8Array(keys.buffer);
  for (let i = 0; i < count; i++) {
    const at = i * POINT_BYTES;
    const digest = hash256(
      "base-ot/key",
      session,
      direction,
      i,
      point,
      choices.subarray(at, at + POINT_BYTES),
      shared.subarray(at, at + POINT_BYTES),
    );
    bytes.set(digest.subarray(0, 16), i * 16);
  }
  return keys;
}
