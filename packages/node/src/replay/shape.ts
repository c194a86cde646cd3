// The shape of what a replay reads back. A bundle comes from a side that may have been changed: everything is checked here.
import type { ReplaySecrets, StreamRecord } from "@halfroom/session";
import { MESSAGES, type MessageType } from "@halfroom/wire";
import { z } from "zod";

export const bytes = (length?: number) =>
  z.custom<Uint8Array>(
    (value) => value instanceof Uint8Array && (length === undefined || value.length === length),
  );
const hex = z.string().regex(/^[0-9a-f]{64}$/);
const count = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);

const message = z.strictObject({
  direction: z.enum(["sent", "received"]),
  sequence: count,
  type: z.enum(Object.keys(MESSAGES) as [MessageType, ...MessageType[]]),
  length: count,
  digest: bytes(32),
  signature: bytes(64).optional(),
});

export const recordSchema: z.ZodType<readonly StreamRecord[]> = z.array(
  z.strictObject({
    stream: z.union([z.enum(["talk", "session"]), count]),
    messages: z.array(message),
  }),
) as z.ZodType<readonly StreamRecord[]>;

export const secretsSchema: z.ZodType<ReplaySecrets> = z
  .strictObject({
    nonce: bytes(32),
    seed: bytes(32),
    noTag: bytes(32),
    partnersTag: bytes(32),
    salts: z.strictObject({ data: bytes(32), filter: bytes(32), seed: bytes(32) }),
    epoch: z
      .object({ number: count, secretKey: bytes(32), publicKey: bytes(32), endsAt: z.int().min(0) })
      .optional(),
    partnerKey: bytes(32),
    missing: z.custom<Uint32Array>((value) => value instanceof Uint32Array),
    filter: z.string(),
    roundPeopleTo: z.int().min(1),
    stored: z.array(hex),
  })
  .transform((secrets) => ({ ...secrets, epoch: secrets.epoch })) as unknown as z.ZodType<ReplaySecrets>;

/** What a node seals of its own session. */
export const keptSchema = z.strictObject({ secrets: secretsSchema, everybody: bytes(32) });
