// What each side states once its data is prepared (protocol-spec.md, section 8): untrusted when it comes from the partner.
// The schema is the one list of members: it gives the types, the canonical order and the bounds.
import { hash256 } from "@halfroom/crypto";
import type { Role } from "@halfroom/mpc";
import {
  CATEGORIES_MAX,
  CELLS_MAX,
  PARTITIONS_MAX,
  PEOPLE_MAX,
  ProtocolError,
  STATEMENT_BYTES_MAX,
} from "@halfroom/wire";
import { z } from "zod";
import { hexField, nullable } from "../terms/fields.ts";
import { VERSION_OLDEST, VERSIONS_MAX } from "../terms/protocol.ts";
import { decodeAs, encodeAs, type DeepReadonly } from "./canonical.ts";

/** Evaluations are padded by at most 1 % of a set or one step of 1,024. */
const EVALUATIONS_MAX = 2 * PEOPLE_MAX;

const isDescending = (numbers: readonly number[]) =>
  numbers.every((number, i) => i === 0 || number < numbers[i - 1]!);
const versions = z.array(z.int().min(VERSION_OLDEST)).min(1).max(VERSIONS_MAX).refine(isDescending);

const common = {
  /** Fresh random bytes. */
  nonce: hexField(32),
  /** SHA-256 of the side's Ed25519 public key (SPKI, DER). */
  fingerprint: hexField(32),
  /** Versions of the protocol that the side speaks, the newest first. */
  versions,
  /** The last session that the two sides completed, as far as the writer knows. */
  last: nullable(hexField(32)),
  /** When the writer states it, by its own clock, in milliseconds since 1970. */
  at: z.int().min(0),
  /** People in the session, after filters and dedupe. */
  people: z.int().min(0).max(PEOPLE_MAX),
  /** Commitment to the digest of the prepared data. */
  data: hexField(32),
  /** Commitment to the filter's text; also where there is no filter. */
  filter: hexField(32),
  /** Commitment to the seed of all that this side draws once both have signed. */
  seed: hexField(32),
};

const senderSchema = z.strictObject({
  role: z.literal("sender"),
  ...common,
  /** Number of the OPRF key's epoch for this partner, from 1. */
  epoch: z.int().min(1),
  /** The epoch's OPRF public key (RFC 9497, ristretto255-SHA512). */
  epochKey: hexField(32),
  /** When the epoch ends and all that was kept under its key is deleted, in milliseconds since 1970. */
  epochEndsAt: z.int().min(0),
  /** Categories of the sender's columns. */
  categories: z.int().min(1).max(CATEGORIES_MAX),
});

const isPowerOfTwo = (count: number) => (count & (count - 1)) === 0;

const receiverSchema = z.strictObject({
  role: z.literal("receiver"),
  ...common,
  /** Numbers of cells, one for each partition, each padded to a power of two. */
  cells: z.array(z.int().min(1).max(CELLS_MAX).refine(isPowerOfTwo)).min(1).max(PARTITIONS_MAX),
  /** The least number of people that enrol together: 1,024 or one in a hundred items of the whole dataset. */
  step: z.int().min(1).max(PEOPLE_MAX),
  /** OPRF evaluations it asks for: its new people, padded to whole steps. */
  evaluations: z.int().min(0).max(EVALUATIONS_MAX),
});

/** What may be missing from a statement that an earlier version kept: it committed to no seed and named no session, no time and no step, and 0.1 spoke version 1 alone. */
const kept = {
  versions: z.array(z.int()).default([1]),
  last: common.last.prefault(null),
  at: common.at.default(0),
  seed: common.seed.default(new Uint8Array(0)),
};
const keptSchema = z.discriminatedUnion("role", [
  z.object({ ...senderSchema.shape, ...kept }),
  z.object({ ...receiverSchema.shape, ...kept, step: receiverSchema.shape.step.default(1) }),
]);

const statementSchema = z.discriminatedUnion("role", [senderSchema, receiverSchema]);

export type SenderStatement = DeepReadonly<z.output<typeof senderSchema>>;
export type ReceiverStatement = DeepReadonly<z.output<typeof receiverSchema>>;
export type Statement = SenderStatement | ReceiverStatement;

/** The statement as a plain record in canonical order; part of the agreement. */
export function statementRecord(statement: Statement): Record<string, unknown> {
  return z.encode(statementSchema, statement as z.output<typeof statementSchema>);
}

export function encodeStatement(statement: Statement): Uint8Array {
  return encodeAs(statementSchema, statement);
}

/**
 * The partner's statement, which must be of `role` and of the pinned identity.
 * Errors: `malformed`, `agreement`.
 */
export function decodeStatement<R extends Role>(
  bytes: Uint8Array,
  role: R,
  fingerprint: Uint8Array,
): Extract<Statement, { role: R }> {
  if (bytes.length > STATEMENT_BYTES_MAX) throw new ProtocolError("malformed");
  const statement: Statement = decodeAs(statementSchema, bytes);
  if (!isOf(statement, role)) throw new ProtocolError("agreement", `the partner is not the ${role}`);
  if (Buffer.compare(statement.fingerprint, fingerprint) !== 0) {
    throw new ProtocolError("agreement", "the partner states another identity than the pinned one");
  }
  return statement;
}

/** A statement of `role` that this node kept, as the record that it stands as in an agreement. Errors: `malformed`. */
export function readKeptStatement<R extends Role>(record: unknown, role: R): Extract<Statement, { role: R }> {
  const read = keptSchema.safeParse(record);
  if (!read.success || !isOf(read.data, role))
    throw new ProtocolError("malformed", "a kept statement is damaged");
  return read.data as Extract<Statement, { role: R }>;
}

function isOf<R extends Role>(statement: Statement, role: R): statement is Extract<Statement, { role: R }> {
  return statement.role === role;
}

/** A commitment, 32 bytes, that hides `content` as long as the 32 random bytes of `salt` stay at home. */
export function commitTo(
  what: "data" | "filter" | "seed",
  salt: Uint8Array,
  content: string | Uint8Array,
): Uint8Array {
  return hash256(`statement/${what}`, new Uint8Array(0), salt, content);
}
