// SoftSpokenOT's seeds (Roy, eprint 2022/192, section 6): 128 / k GGM trees of 2^k leaves from 128 base transfers.
// The OT receiver knows every leaf; the OT sender every leaf but number Delta_i of tree i. The pieces Delta_i of k bits
// are the 128-bit secret Delta. Semi-honest security; computational parameter 128.
import { bitWords, getBit, hash256, randomWords } from "@halfroom/crypto";
import { recvBulk, sendBulk, type Channel } from "@halfroom/wire";
import { baseOtReceiver, baseOtSender, type BaseOtContext } from "../base-ot/protocol.ts";
import { correctionWords, growPunctured, growTrees, treePrg } from "../ggm/trees.ts";
import { RotReceiver, RotSender } from "./rot.ts";

/** Base transfers, and the width of Delta. */
export const BASE_OTS = 128;

/** Tree parameter: each transfer costs (128 / k - 1) bits and 2^k stream bits of work a tree. */
export type OtK = 2 | 4 | 8;

/** What both sides of one direction need. */
export interface OtContext extends BaseOtContext {
  readonly k: OtK;
}

/** One direction of transfers on the side that gets both strings. Forks share Delta, never a stream or a tweak. */
export class OtSenderSeeds {
  readonly #context: OtContext;
  /** Delta_i of each tree, k bits each. */
  readonly #delta: Uint32Array;
  readonly #leaves: Uint32Array;

  private constructor(context: OtContext, delta: Uint32Array, leaves: Uint32Array) {
    this.#context = context;
    this.#delta = delta;
    this.#leaves = leaves;
  }

  static async establish(
    ch: Channel<"baseOtChoices", "baseOtKey" | "treeCorrections">,
    context: OtContext,
  ): Promise<OtSenderSeeds> {
    const { k, session, direction, rng } = context;
    const trees = BASE_OTS / k;
    const choices = randomWords(rng, bitWords(BASE_OTS));
    const delta = deltaOf(choices, k);
    // The base transfers run the other way: who sends in the extension chooses here.
    const known = await baseOtReceiver(ch, choices, BASE_OTS, context);
    const corrections = await recvBulk(ch, "treeCorrections", correctionWords(trees, k) * 4);
    const prg = treePrg(session, `softspoken/${direction}`);
    const leaves = growPunctured(prg, known, new Uint32Array(corrections.buffer), delta, trees, k);
    return new OtSenderSeeds(context, delta, leaves);
  }

  /** An independent supply of transfers; a pair of purpose and shard is forked at most once in a session. */
  fork(purpose: string, shard: number): RotSender {
    const { k, session, direction } = this.#context;
    const keys = leafKeys(this.#context, this.#leaves, purpose, shard);
    return new RotSender({ session, direction, purpose, shard, k }, keys, this.#delta);
  }
}

/** One direction of transfers on the side that gets one string of each pair. */
export class OtReceiverSeeds {
  readonly #context: OtContext;
  readonly #leaves: Uint32Array;

  private constructor(context: OtContext, leaves: Uint32Array) {
    this.#context = context;
    this.#leaves = leaves;
  }

  static async establish(
    ch: Channel<"baseOtKey" | "treeCorrections", "baseOtChoices">,
    context: OtContext,
  ): Promise<OtReceiverSeeds> {
    const { k, session, direction } = context;
    const pairs = await baseOtSender(ch, BASE_OTS, context);
    const prg = treePrg(session, `softspoken/${direction}`);
    const { leaves, corrections } = growTrees(prg, pairs.zero, pairs.one, BASE_OTS / k, k);
    await sendBulk(ch, "treeCorrections", new Uint8Array(corrections.buffer));
    return new OtReceiverSeeds(context, leaves);
  }

  /** An independent supply of transfers; a pair of purpose and shard is forked at most once in a session. */
  fork(purpose: string, shard: number): RotReceiver {
    const { k, session, direction } = this.#context;
    const keys = leafKeys(this.#context, this.#leaves, purpose, shard);
    return new RotReceiver({ session, direction, purpose, shard, k }, keys);
  }
}

/** The holes of the trees: at each level the chosen string belongs to the branch that leaves the path. */
function deltaOf(choices: Uint32Array, k: number): Uint32Array {
  const delta = new Uint32Array(BASE_OTS / k);
  for (let tree = 0; tree < delta.length; tree++) {
    for (let level = 0; level < k; level++) {
      const bit = getBit(choices, tree * k + level) ^ 1;
      delta[tree] = (delta[tree]! << 1) | bit;
    }
  }
  return delta;
}

/** The stream key of every leaf under one purpose: trees x 2^k keys of 16 bytes. */
function leafKeys(context: OtContext, leaves: Uint32Array, purpose: string, shard: number): Uint8Array {
  const bytes = new Uint8Array(leaves.buffer);
  const keys = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at += 16) {
    const seed = bytes.subarray(at, at + 16);
    const parts = [context.direction, purpose, shard, at / 16, seed] as const;
    keys.set(hash256("softspoken/stream", context.session, ...parts).subarray(0, 16), at);
  }
  return keys;
}
