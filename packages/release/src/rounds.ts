// The rounds that a release is made of: test shared numbers, AND the results, publish bits, open numbers.
import type { Rng } from "@halfroom/crypto";
import { andAll, atLeast, otherRole, type Role, type TripleSource } from "@halfroom/mpc";
import { exchangeBulk, recvBulk, sendBulk, type Channel } from "@halfroom/wire";
import { checkOpening, commit, NONCE_BYTES, type Committed } from "./commit.ts";
import type { ReleaseMessage } from "./plan.types.ts";
import { gatherBits, lessBounds, openBits, packBits } from "./steps.ts";
import type { Factors } from "./table/factors.ts";
import type { Tests } from "./table/tests.ts";

/** What every round needs. */
export interface Rounds {
  readonly ch: Channel<ReleaseMessage, ReleaseMessage>;
  readonly role: Role;
  /** The session id, 32 bytes. */
  readonly session: Uint8Array;
  readonly triples: TripleSource;
  readonly rng: Rng;
  /** Resolves once both sides know that they saw the same messages so far; rejects with `transcript`. */
  readonly sameTranscript: () => Promise<void>;
}

/** xor shares of one bit a test. Takes `atLeastTripleWords(tests)` words of triples. Errors: `count`. */
export async function testAll({ ch, role, triples }: Rounds, tests: Tests): Promise<Uint32Array> {
  const compared = lessBounds(tests.shares, tests.bounds, role);
  return atLeast(ch, role, compared, tests.shares.length, 0n, triples);
}

/** xor shares of the AND, bit by bit, of all `factors` among `results`, and of `others`, vectors of the same bits. */
export async function allOf(
  { ch, role, triples }: Rounds,
  results: Uint32Array,
  factors: Factors,
  others: readonly Uint32Array[] = [],
): Promise<Uint32Array> {
  const gathered = factors.map((tests) => gatherBits(results, tests, role));
  return andAll(ch, role, [...gathered, ...others], triples);
}

/**
 * Opens `count` (at least 1) shared bits to both sides: a byte of 0 or 1 each.
 * Errors: `transcript`, `commitment`, `count`, `malformed`.
 */
export async function publish(
  { ch, role, session, rng, sameTranscript }: Rounds,
  what: Exclude<Committed, "cells">,
  bits: Uint32Array,
  count: number,
): Promise<Uint8Array> {
  const share = packBits(bits, count);
  await sameTranscript();
  const nonce = rng.bytes(NONCE_BYTES);
  await ch.send({ type: "passCommitment", commitment: commit(what, session, role, nonce, share) });
  const { commitment } = await ch.recv("passCommitment");
  await ch.send({ type: "passOpening", nonce, share });
  const theirs = await ch.recv("passOpening");
  checkOpening(commitment, commit(what, session, otherRole(role), theirs.nonce, theirs.share));
  return openBits(share, theirs.share, count);
}

/**
 * Opens numbers, of which `addends` are this side's, to both sides or to one; undefined on a side that does not receive.
 * Errors: `transcript`, `commitment`, `count`.
 */
export async function openNumbers(
  rounds: Rounds,
  addends: BigInt64Array<ArrayBuffer>,
  opensTo: "both" | Role,
): Promise<BigInt64Array | undefined> {
  await rounds.sameTranscript();
  const share = new Uint8Array(addends.buffer);
  const receives = opensTo === "both" || opensTo === rounds.role;
  const gives = opensTo === "both" || opensTo !== rounds.role;
  const theirs = await exchangeOpenings(rounds, share, gives, receives);
  if (theirs === undefined) return undefined;
  const others = new BigInt64Array(theirs.buffer);
  // Storing into a BigInt64Array reduces mod 2^64.
  return addends.map((addend, i) => addend + others[i]!);
}

/** Commit, then open, in the directions that are wanted. */
async function exchangeOpenings(
  { ch, role, session, rng }: Rounds,
  share: Uint8Array,
  gives: boolean,
  receives: boolean,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const nonce = rng.bytes(NONCE_BYTES);
  if (gives) {
    const commitment = commit("cells", session, role, nonce, share);
    await ch.send({ type: "cellCommitment", commitment });
  }
  const theirs = receives ? await ch.recv("cellCommitment") : undefined;
  if (gives) await ch.send({ type: "cellOpeningNonce", nonce });
  if (theirs === undefined) {
    await sendBulk(ch, "cellOpening", share);
    return undefined;
  }
  const theirNonce = (await ch.recv("cellOpeningNonce")).nonce;
  const theirShare = gives
    ? await exchangeBulk(ch, "cellOpening", share)
    : await recvBulk(ch, "cellOpening", share.length);
  checkOpening(theirs.commitment, commit("cells", session, otherRole(role), theirNonce, theirShare));
  return theirShare;
}
