// SoftSpokenOT's seeds (Roy, eprint 2022/192, section 6): 128 / k GGM trees of 2^k leaves from 128 base transfers.
// The OT receiver knows every leaf; the OT sender every leaf but number Delta_i of tree i. The pieces Delta_i of k bits
// are the 128-bit secret Delta. The trees are checked (tree-check.ts); computational parameter 128.
import { bitWords, bytesOf, getBit, randomWords, RowHasher } from "@halfroom/crypto";
import { recvBulk, sendBulk, type Channel } from "@halfroom/wire";
import {
  baseOtReceiver,
  baseOtSender,
  sendBaseOtKey,
  type BaseOtContext,
  type KeyPairs,
} from "../base-ot/protocol.ts";
import { FUNCTION_BYTES } from "../base-ot/functions.ts";
import { correctionWords, growPunctured, growTrees, treePrg } from "../ggm/trees.ts";
import type { OtK, OtReceiverState, OtSenderState } from "../ot/state.ts";
import type { Role } from "../parties.ts";
import { transferChecks, type TransferChecks } from "./checks.ts";
import { SoftSpokenReceiver, SoftSpokenSender, type SupplyParameters } from "./supply.ts";
import { expandLeaves, leavesDigest, proveTrees, treeProofBytes } from "./tree-check.ts";

/** Base transfers, and the width of Delta. */
const BASE_OTS = 128;

const LEAF_BYTES = 16;
const DIGEST_BYTES = 32;
/** A number in a hash. */
const NUMBER_BYTES = 8;

/** Bytes that set up one direction: the choices of its base transfers, and the trees that come back. */
export function setupBytes(k: OtK): { readonly choices: number; readonly trees: number } {
  const trees = BASE_OTS / k;
  return {
    choices: BASE_OTS * FUNCTION_BYTES,
    trees: correctionWords(trees, k) * 4 + treeProofBytes(trees),
  };
}

/** What both sides of one direction know. */
export interface OtDirection {
  readonly session: Uint8Array;
  readonly direction: Role;
  readonly k: OtK;
}

/** What both sides of one direction need to establish it. */
export interface OtContext extends BaseOtContext {
  readonly k: OtK;
}

/** The side that gets both strings, once it has the partner's key: it chooses, and takes the partner's trees. */
export interface OtSenderSetup {
  choose(ch: Channel<"baseOtChoices", never>): Promise<void>;
  /** Errors: `count`, `check`. */
  finish(ch: Channel<never, "treeCorrections">): Promise<OtSenderSeeds>;
}

/** The side that gets one string, once it has the partner's choices: it can choose transfers before it has sent its trees. */
export interface OtReceiverSetup {
  readonly seeds: OtReceiverSeeds;
  finish(ch: Channel<"treeCorrections", never>): Promise<void>;
}

/** One direction of transfers on the side that gets both strings. Forks share Delta, never a stream or a tweak. */
export class OtSenderSeeds {
  readonly state: OtSenderState;
  readonly #of: OtDirection;
  readonly #checks: TransferChecks;

  /** `checks`: replaced only by tests. */
  constructor(of: OtDirection, state: OtSenderState, checks = transferChecks) {
    this.#of = of;
    this.#checks = checks;
    this.state = state;
  }

  /** Takes the partner's key. Errors: `point`. `checks`: replaced only by tests. */
  static async begin(
    ch: Channel<never, "baseOtKey">,
    context: OtContext,
    checks = transferChecks,
  ): Promise<OtSenderSetup> {
    const { k, session, direction, rng } = context;
    const of = { session, direction, k };
    const trees = BASE_OTS / k;
    const choices = randomWords(rng, bitWords(BASE_OTS));
    const delta = deltaOf(choices, k);
    // The base transfers run the other way: whoever sends in the extension chooses here.
    const { keys, send } = await baseOtReceiver(ch, choices, BASE_OTS, context);
    const finish: OtSenderSetup["finish"] = async (from) => {
      const words = correctionWords(trees, k);
      const message = await recvBulk(from, "treeCorrections", words * 4 + treeProofBytes(trees));
      const corrections = new Uint32Array(message.buffer, 0, words);
      const prg = treePrg(session, `softspoken/${direction}`);
      const { seeds, values } = expandLeaves(of, growPunctured(prg, keys, corrections, delta, trees, k));
      const proof = message.subarray(words * 4);
      checks.trees(of, values, delta, proof);
      return new OtSenderSeeds(of, { leaves: seeds, delta, digest: leavesDigest(proof) }, checks);
    };
    return { choose: send, finish };
  }

  /** An independent supply of transfers; a pair of purpose and shard is forked at most once in a session. */
  fork(purpose: string, shard: number): SoftSpokenSender {
    const { leaves, delta, digest } = this.state;
    const parameters = { ...this.#of, purpose, shard, leavesDigest: digest };
    return new SoftSpokenSender(parameters, leafKeys(parameters, leaves), delta, this.#checks.piece);
  }
}

/** One direction of transfers on the side that gets one string of each pair. */
export class OtReceiverSeeds {
  readonly state: OtReceiverState;
  readonly #of: OtDirection;

  constructor(of: OtDirection, state: OtReceiverState) {
    this.#of = of;
    this.state = state;
  }

  /** Sends this side's key; what it returns takes the partner's choices. Errors: `count`, `point`. */
  static async begin(
    ch: Channel<"baseOtKey", never>,
    context: OtContext,
  ): Promise<(from: Channel<never, "baseOtChoices">) => Promise<OtReceiverSetup>> {
    const key = await sendBaseOtKey(ch, context);
    return async (from) => this.#grow(context, await baseOtSender(from, BASE_OTS, context, key));
  }

  static #grow(context: OtContext, pairs: KeyPairs): OtReceiverSetup {
    const { k, session, direction } = context;
    const of = { session, direction, k };
    const prg = treePrg(session, `softspoken/${direction}`);
    const { leaves, corrections } = growTrees(prg, pairs.zero, pairs.one, BASE_OTS / k, k);
    const { seeds, values } = expandLeaves(of, leaves);
    const proof = proveTrees(of, values);
    const message = Buffer.concat([new Uint8Array(corrections.buffer), proof]);
    return {
      seeds: new OtReceiverSeeds(of, { leaves: seeds, digest: leavesDigest(proof) }),
      finish: (ch) => sendBulk(ch, "treeCorrections", message),
    };
  }

  /** An independent supply of transfers; a pair of purpose and shard is forked at most once in a session. */
  fork(purpose: string, shard: number): SoftSpokenReceiver {
    const { leaves, digest } = this.state;
    const parameters = { ...this.#of, purpose, shard, leavesDigest: digest };
    return new SoftSpokenReceiver(parameters, leafKeys(parameters, leaves));
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
function leafKeys({ session, direction, purpose, shard }: SupplyParameters, leaves: Uint32Array): Uint8Array {
  const count = leaves.byteLength / LEAF_BYTES;
  const seeds = bytesOf(leaves);
  const hasher = new RowHasher(
    "sha256",
    "softspoken/stream",
    session,
    [direction, purpose, shard],
    [NUMBER_BYTES, LEAF_BYTES],
  );
  const rows = hasher.rows(count);
  const numbers = new DataView(rows.buffer);
  for (let leaf = 0, row = 0; leaf < count; leaf++, row += hasher.width) {
    numbers.setUint32(row + hasher.offset(0), leaf, true);
    rows.set(seeds.subarray(leaf * LEAF_BYTES, (leaf + 1) * LEAF_BYTES), row + hasher.offset(1));
  }
  const digests = hasher.digests(rows);
  const keys = new Uint8Array(seeds.length);
  for (let leaf = 0; leaf < count; leaf++) {
    keys.set(digests.subarray(leaf * DIGEST_BYTES, leaf * DIGEST_BYTES + LEAF_BYTES), leaf * LEAF_BYTES);
  }
  rows.fill(0);
  digests.fill(0);
  return keys;
}
