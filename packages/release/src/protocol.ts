// The release (design section 2.5): the only place where shares become numbers.
//
//     both sides, at the same time
//     atLeast on the people             <- gateOpening ->        shares of one pass bit a cell
//     compare transcripts
//     commit to the pass bits           <- passCommitment ->
//     open them                         <- passOpening ->        which cells pass
//     compare transcripts
//     commit to the passing cells       <- cellCommitment ->
//     open them                         <- cellOpeningNonce ->
//                                       <- cellOpening, passing cells x columns x 8 bytes ->
//
// Of a cell that does not pass, nothing but masked gate inputs and the share of its pass bit ever leaves a side. If no
// cell passes, the messages are the same, and `cellOpening`, which would be empty, is not sent. The comparisons keep what
// went wrong on the way, in a gate or in a pass bit, from opening a cell that must stay closed.
import type { Rng } from "@halfroom/crypto";
import { atLeast, otherRole, type Role, type TripleSource } from "@halfroom/mpc";
import { exchangeBulk, type Channel } from "@halfroom/wire";
import { checkOpening, commit, NONCE_BYTES } from "./commit.ts";
import { openBits, openNumbers, packBits, passingRows, peopleColumn } from "./steps.ts";

type ReleaseMessage =
  "gateOpening" | "passCommitment" | "passOpening" | "cellCommitment" | "cellOpeningNonce" | "cellOpening";

export interface ReleaseInput {
  readonly ch: Channel<ReleaseMessage, ReleaseMessage>;
  readonly role: Role;
  /** The session id, 32 bytes. */
  readonly session: Uint8Array;
  /** This side's addends mod 2^64, cells x columns x 2 words, low word first; column 0 holds the people. */
  readonly shares: Uint32Array;
  /** At least one. */
  readonly cells: number;
  readonly columns: number;
  /** Smallest number of people of a cell that is opened, at least 1, so that padding cells never are. */
  readonly threshold: bigint;
  /** Holds `releaseTripleWords(cells)` words or more. */
  readonly triples: TripleSource;
  readonly rng: Rng;
  /** Resolves once both sides know that they saw the same messages so far; rejects with `transcript`. */
  readonly sameTranscript: () => Promise<void>;
}

export interface Released {
  /** 1 for each cell that passed, else 0: cells bytes. */
  readonly passed: Uint8Array;
  /** Passing cells x columns, in cell order. */
  readonly values: BigInt64Array;
}

/**
 * Opens the cells with at least `threshold` people to both sides, and of the others only that they have fewer.
 * Errors: `count`, `malformed`, `commitment`, `transcript`.
 */
export async function release(input: ReleaseInput): Promise<Released> {
  const { ch, role, shares, cells, columns, threshold, triples, sameTranscript } = input;
  if (cells < 1 || columns < 1 || shares.length !== cells * columns * 2) {
    throw new RangeError(`${shares.length} words are not ${cells} x ${columns} shares`);
  }
  if (threshold < 1n) throw new RangeError("under a threshold below 1, empty cells would pass");
  const people = peopleColumn(shares, cells, columns);
  const bits = await atLeast(ch, role, people, cells, threshold, triples);
  await sameTranscript();
  const passed = await openPassBits(input, packBits(bits, cells));
  await sameTranscript();
  const values = await openCells(input, passingRows(shares, passed, columns));
  return { passed, values };
}

async function openPassBits(input: ReleaseInput, share: Uint8Array): Promise<Uint8Array> {
  const { ch, role, session, cells, rng } = input;
  const nonce = rng.bytes(NONCE_BYTES);
  await ch.send({ type: "passCommitment", commitment: commit("pass", session, role, nonce, share) });
  const { commitment } = await ch.recv("passCommitment");
  await ch.send({ type: "passOpening", nonce, share });
  const theirs = await ch.recv("passOpening");
  checkOpening(commitment, commit("pass", session, otherRole(role), theirs.nonce, theirs.share));
  return openBits(share, theirs.share, cells);
}

async function openCells(input: ReleaseInput, rows: Uint32Array<ArrayBuffer>): Promise<BigInt64Array> {
  const { ch, role, session, rng } = input;
  const nonce = rng.bytes(NONCE_BYTES);
  const share = new Uint8Array(rows.buffer);
  await ch.send({ type: "cellCommitment", commitment: commit("cells", session, role, nonce, share) });
  const { commitment } = await ch.recv("cellCommitment");
  await ch.send({ type: "cellOpeningNonce", nonce });
  const theirs = await ch.recv("cellOpeningNonce");
  const theirShare = await exchangeBulk(ch, "cellOpening", share);
  checkOpening(commitment, commit("cells", session, otherRole(role), theirs.nonce, theirShare));
  return openNumbers(rows.buffer, theirShare.buffer);
}
