// Base oblivious transfers on ristretto255: the batch protocol of McQuoid, Rosulek and Roy (eprint 2021/682) from a programmable-once
// public function (functions.ts) and Diffie-Hellman key agreement. One message of the sender serves the whole batch; so each transfer has
// a function of its own domain, and its number is in its keys, which is what that paper asks of a batch.
//
// Secure against malicious parties in the random-oracle model: the receiver learns one key of each pair, under the oracle
// Diffie-Hellman assumption (gap Diffie-Hellman, where the key's hash is a random oracle too), and the sender learns nothing of the choices,
// whatever it sends. A cheater may choose its own outputs (endemic security, eprint 2019/706). 126-bit security of the group.
import { getBit, hash256, POINT_BYTES, randomScalars, type GroupKernel, type Rng } from "@halfroom/crypto";
import { ProtocolError, recvBulk, sendBulk, type Channel } from "@halfroom/wire";
import type { Role } from "../parties.ts";
import { evaluateFunctions, FUNCTION_BYTES, programFunctions } from "./functions.ts";

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

/** The sender's half of the key agreement: the point is public, one for the whole batch. */
export interface BaseOtKey {
  readonly secret: Uint8Array;
  readonly point: Uint8Array;
}

/** The sender's first message: nothing of the partner's goes into it. */
export async function sendBaseOtKey(
  ch: Channel<"baseOtKey", never>,
  { kernel, rng }: BaseOtContext,
): Promise<BaseOtKey> {
  const secret = randomScalars(kernel, rng, 1);
  const point = kernel.multiplyBase(secret);
  await ch.send({ type: "baseOtKey", point });
  return { secret, point };
}

/**
 * Gives the sender, who has sent its key, two random 128-bit keys per transfer, of which the receiver learns the one it chose.
 * Errors: `count`, `point`.
 */
export async function baseOtSender(
  ch: Channel<never, "baseOtChoices">,
  count: number,
  context: BaseOtContext,
  { secret, point }: BaseOtKey,
): Promise<KeyPairs> {
  const { kernel } = context;
  const functions = await recvBulk(ch, "baseOtChoices", count * FUNCTION_BYTES);
  const keysAt = (place: 0 | 1) => {
    const values = evaluateFunctions(context, functions, place);
    const shared = values && kernel.multiplyByOne(values, secret);
    if (shared === undefined) throw new ProtocolError("point");
    return deriveKeys(context, point, functions, () => place, shared);
  };
  return { zero: keysAt(0), one: keysAt(1) };
}

/** What the receiver knows once it has the sender's key. */
export interface ChosenKeys {
  /** n x 4 words. */
  readonly keys: Uint32Array;
  /** Tells the sender, who can make all keys then. */
  send(ch: Channel<"baseOtChoices", never>): Promise<void>;
}

/** `choices` holds `count` bits. Takes the sender's key. Errors: `point`. */
export async function baseOtReceiver(
  ch: Channel<never, "baseOtKey">,
  choices: Uint32Array,
  count: number,
  context: BaseOtContext,
): Promise<ChosenKeys> {
  const { kernel, rng } = context;
  const { point } = await ch.recv("baseOtKey");
  if (kernel.firstInvalid(point) !== -1) throw new ProtocolError("point");
  const secrets = randomScalars(kernel, rng, count);
  const functions = programFunctions(context, choices, kernel.multiplyBase(secrets), rng);
  if (functions === undefined) throw new ProtocolError("point");
  const shared = kernel.multiply(repeat(point, count), secrets);
  if (shared === undefined) throw new ProtocolError("point");
  const keys = deriveKeys(context, point, functions, (i) => getBit(choices, i), shared);
  return { keys, send: (to) => sendBulk(to, "baseOtChoices", functions) };
}

function repeat(point: Uint8Array, count: number): Uint8Array {
  const out = new Uint8Array(point.length * count);
  for (let i = 0; i < count; i++) out.set(point, i * point.length);
  return out;
}

function deriveKeys(
  { session, direction }: BaseOtContext,
  point: Uint8Array,
  functions: Uint8Array,
  placeOf: (transfer: number) => number,
  shared: Uint8Array,
): Uint32Array {
  const count = shared.length / POINT_BYTES;
  const keys = new Uint32Array(count * KEY_WORDS);
  const bytes = new Uint8Array(keys.buffer);
  for (let i = 0; i < count; i++) {
    const digest = hash256(
      "base-ot/key",
      session,
      direction,
      i,
      placeOf(i),
      point,
      functions.subarray(i * FUNCTION_BYTES, (i + 1) * FUNCTION_BYTES),
      shared.subarray(i * POINT_BYTES, (i + 1) * POINT_BYTES),
    );
    bytes.set(digest.subarray(0, 16), i * 16);
  }
  return keys;
}
