// The rounds that a release is made of: test shared numbers, AND the results, publish bits, open numbers.
import { asBigInt64, type RingArray, type Rng } from "@halfroom/crypto";
import { andAll, nonNegative, otherRole, type Gates, type Role, type Wire } from "@halfroom/mpc";
import { ProtocolError, recvBulk, sendBulk, type Channel } from "@halfroom/wire";
import { checkOpening, commit, NONCE_BYTES, type Committed } from "./commit.ts";
import type { Schedule } from "./schedule.ts";
import { openPacked, packNumbers } from "./packed.ts";
import { gatherBits, joinRuns, lessBounds, openBits, packBits } from "./steps.ts";
import type { Factors } from "./table/factors.ts";
import type { Tests } from "./table/tests.ts";

export type ReleaseMessage =
  | "otCorrections"
  | "productFlips"
  | "productCorrections"
  | "transcript"
  | "passCommitment"
  | "passOpening"
  | "cellCommitment"
  | "cellOpeningNonce"
  | "cellOpening";

/** A side's word on all messages that it has sent and received. */
export interface Transcript {
  /** Over all of them so far, 32 bytes. */
  digest(): Uint8Array;
  /** This side's signature on such a digest, 64 bytes. */
  sign(digest: Uint8Array): Uint8Array;
  /** Whether the partner signed it. */
  isSigned(digest: Uint8Array, signature: Uint8Array): boolean;
}

/** What every round needs. */
export interface Rounds {
  readonly ch: Channel<ReleaseMessage, ReleaseMessage>;
  readonly role: Role;
  /** The session id, 32 bytes. */
  readonly session: Uint8Array;
  readonly gates: Gates;
  readonly schedule: Schedule;
  readonly rng: Rng;
  readonly transcript: Transcript;
}

/** xor shares of one bit a test. Takes `nonNegativeTripleWords` words of triples for each run. Errors: `count`. */
export async function testAll({ role, gates, schedule }: Rounds, tests: Tests): Promise<Uint32Array> {
  const { bounds, runs } = tests;
  const compared = lessBounds(tests, role);
  let end = 0;
  const lists = runs.map(({ count, width }) => {
    const start = end;
    end += count;
    schedule.compare(bounds.subarray(start, end), width);
    return { shares: compared.subarray(start * 2, end * 2), n: count, width };
  });
  return joinRuns(await nonNegative(gates, lists), runs);
}

/** xor shares of the AND, bit by bit, of all `factors` among `results`, and of `others`, vectors of the same bits. */
export async function allOf(
  { role, gates, schedule }: Rounds,
  results: Uint32Array,
  factors: Factors,
  others: readonly Wire[] = [],
): Promise<Uint32Array> {
  schedule.vectors(
    factors,
    others.map(({ name }) => name),
  );
  const gathered = factors.map((tests) => gatherBits(results, tests, role));
  return andAll(gates, [...gathered, ...others.map(({ bits }) => bits)]);
}

/**
 * Opens `count` (at least 1) shared bits to both sides, or to the receiver alone: a byte of 0 or 1 each, undefined at a sender that
 * does not see them.
 * Errors: `transcript`, `agreement`, `commitment`, `count`, `malformed`.
 */
export async function publish(
  rounds: Rounds,
  what: Exclude<Committed, "cells">,
  bits: Uint32Array,
  count: number,
  opensTo: "both",
): Promise<Uint8Array>;
export async function publish(
  rounds: Rounds,
  what: Exclude<Committed, "cells">,
  bits: Uint32Array,
  count: number,
  opensTo: "receiver",
): Promise<Uint8Array | undefined>;
export async function publish(
  rounds: Rounds,
  what: Exclude<Committed, "cells">,
  bits: Uint32Array,
  count: number,
  opensTo: "both" | "receiver",
): Promise<Uint8Array | undefined> {
  const { ch, role, session, rng, schedule } = rounds;
  const share = packBits(bits, count);
  schedule.publish(what, count);
  const nonce = rng.bytes(NONCE_BYTES);
  const gives = opensTo === "both" || role === "sender";
  const receives = opensTo === "both" || role === "receiver";
  const comparing = await tell(rounds);
  if (gives) await ch.send({ type: "passCommitment", commitment: commit(what, session, role, nonce, share) });
  await comparing();
  const commitment = receives ? (await ch.recv("passCommitment")).commitment : undefined;
  if (gives) await ch.send({ type: "passOpening", nonce, share });
  if (commitment === undefined) return undefined;
  const theirs = await ch.recv("passOpening");
  checkOpening(commitment, commit(what, session, otherRole(role), theirs.nonce, theirs.share));
  return openBits(share, theirs.share, count);
}

/**
 * Opens the lowest `widths[i]` bits of each number, of which `addends` are this side's, to both sides or to one; undefined on a
 * side that does not receive. The numbers are signed. Errors: `transcript`, `agreement`, `commitment`, `count`, `malformed`.
 */
export async function openNumbers(
  rounds: Rounds,
  addends: RingArray<ArrayBuffer>,
  widths: Uint8Array,
  opensTo: "both" | Role,
): Promise<BigInt64Array | undefined> {
  rounds.schedule.open(widths);
  const share = packNumbers(addends, widths);
  const receives = opensTo === "both" || opensTo === rounds.role;
  const gives = opensTo === "both" || opensTo !== rounds.role;
  const theirs = await exchangeOpenings(rounds, share, gives, receives);
  return theirs && asBigInt64(openPacked(addends, theirs, widths));
}

/**
 * Nothing is opened unless both sides saw the same messages, ran the same gates, and have signed what they saw: neither can deny
 * it later. A commitment, which hides what it is to, may leave in between. What this returns takes the partner's word; errors:
 * `transcript` for other messages, `agreement` for other gates and for a missing signature.
 */
async function tell({ ch, transcript, schedule }: Rounds): Promise<() => Promise<void>> {
  const own = { digest: transcript.digest(), schedule: schedule.digest() };
  await ch.send({ type: "transcript", ...own, signature: transcript.sign(own.digest) });
  return async () => {
    const theirs = await ch.recv("transcript");
    if (Buffer.compare(theirs.digest, own.digest) !== 0) throw new ProtocolError("transcript");
    if (Buffer.compare(theirs.schedule, own.schedule) !== 0) throw new ProtocolError("agreement");
    if (!transcript.isSigned(own.digest, theirs.signature))
      throw new ProtocolError("agreement", "the partner did not sign the messages so far");
  };
}

/** Commit, compare, then open, in the directions that are wanted. */
async function exchangeOpenings(
  rounds: Rounds,
  share: Uint8Array,
  gives: boolean,
  receives: boolean,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { ch, role, session, rng } = rounds;
  const nonce = rng.bytes(NONCE_BYTES);
  const comparing = await tell(rounds);
  if (gives) {
    const commitment = commit("cells", session, role, nonce, share);
    await ch.send({ type: "cellCommitment", commitment });
  }
  await comparing();
  const theirs = receives ? await ch.recv("cellCommitment") : undefined;
  const open = async () => {
    if (!gives) return;
    await ch.send({ type: "cellOpeningNonce", nonce });
    await sendBulk(ch, "cellOpening", share);
  };
  const take = async () => {
    if (theirs === undefined) return undefined;
    const theirNonce = (await ch.recv("cellOpeningNonce")).nonce;
    const theirShare = await recvBulk(ch, "cellOpening", share.length);
    checkOpening(theirs.commitment, commit("cells", session, otherRole(role), theirNonce, theirShare));
    return theirShare;
  };
  const [theirShare] = await Promise.all([take(), open()]);
  return theirShare;
}
