// What each side states once its data is prepared: untrusted when it comes from the partner.
import { hash256 } from "@halfroom/crypto";
import {
  CATEGORIES_MAX,
  CELLS_MAX,
  PARTITIONS_MAX,
  PEOPLE_MAX,
  ProtocolError,
  STATEMENT_BYTES_MAX,
} from "@halfroom/wire";
import { z } from "zod";
import type { Role } from "../half.types.ts";
import type { Statement } from "./agreement.types.ts";
import { decodeCanonical, encodeCanonical, hexField, toHex } from "./canonical.ts";

/** Evaluations are padded by at most 1 % of a set or one step of 1,024. */
const EVALUATIONS_MAX = 2 * PEOPLE_MAX;

const common = {
  nonce: hexField(32),
  fingerprint: hexField(32),
  people: z.int().min(1).max(PEOPLE_MAX),
  data: hexField(32),
  filter: hexField(32),
};
const statementSchema = z.discriminatedUnion("role", [
  z.strictObject({
    role: z.literal("sender"),
    ...common,
    epoch: z.int().min(1),
    epochKey: hexField(32),
    epochEndsAt: z.int().min(0),
    categories: z.int().min(1).max(CATEGORIES_MAX),
  }),
  z.strictObject({
    role: z.literal("receiver"),
    ...common,
    cells: z
      .array(
        z
          .int()
          .min(1)
          .max(CELLS_MAX)
          .refine((cells) => (cells & (cells - 1)) === 0),
      )
      .min(1)
      .max(PARTITIONS_MAX),
    evaluations: z.int().min(0).max(EVALUATIONS_MAX),
  }),
]);

/** The statement as a plain record in canonical order; part of the agreement. */
export function statementRecord(statement: Statement): Record<string, unknown> {
  const { role, people } = statement;
  const record = {
    role,
    nonce: toHex(statement.nonce),
    fingerprint: toHex(statement.fingerprint),
    people,
    data: toHex(statement.data),
    filter: toHex(statement.filter),
  };
  if (statement.role === "receiver") {
    return { ...record, cells: statement.cells, evaluations: statement.evaluations };
  }
  const { epoch, epochEndsAt, categories } = statement;
  return { ...record, epoch, epochKey: toHex(statement.epochKey), epochEndsAt, categories };
}

export function encodeStatement(statement: Statement): Uint8Array {
  return encodeCanonical(statementRecord(statement));
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
  const statement = readStatement(bytes, role);
  if (Buffer.compare(statement.fingerprint, fingerprint) !== 0) {
    throw new ProtocolError("agreement", "the partner states another identity than the pinned one");
  }
  return statement;
}

/** A statement of `role`, whoever made it: for what is kept. Errors: `malformed`, `agreement`. */
export function readStatement<R extends Role>(bytes: Uint8Array, role: R): Extract<Statement, { role: R }> {
  if (bytes.length > STATEMENT_BYTES_MAX) throw new ProtocolError("malformed");
  const statement: Statement = decodeCanonical(bytes, statementSchema, encodeStatement);
  if (!isOf(statement, role)) throw new ProtocolError("agreement", `the partner is not the ${role}`);
  return statement;
}

function isOf<R extends Role>(statement: Statement, role: R): statement is Extract<Statement, { role: R }> {
  return statement.role === role;
}

/** A commitment, 32 bytes, that hides `content` as long as the 32 random bytes of `salt` stay at home. */
export function commitTo(
  what: "data" | "filter",
  salt: Uint8Array,
  content: string | Uint8Array,
): Uint8Array {
  return hash256(`statement/${what}`, new Uint8Array(0), salt, content);
}
