// Canonical JSON: one text for one value. Fields stand in the order of the schema, without blanks; integers above 2^53
// and bytes are text (decimal, lower-case hex). Whoever reads a text writes it again and compares the bytes.
import { ProtocolError } from "@halfroom/wire";
import { z } from "zod";

export function encodeCanonical(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value) ?? "", "utf8");
}

/**
 * Decodes untrusted `bytes` into what `schema` accepts; `encode` writes the result again.
 * Errors: `malformed`, unless the text is the canonical one of its value.
 */
export function decodeCanonical<Schema extends z.ZodType>(
  bytes: Uint8Array,
  schema: Schema,
  encode: (value: z.infer<Schema>) => Uint8Array,
): z.infer<Schema> {
  const checked = schema.safeParse(parseJson(bytes));
  if (!checked.success || Buffer.compare(encode(checked.data), bytes) !== 0) {
    throw new ProtocolError("malformed");
  }
  return checked.data;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** Bytes of a fixed length as lower-case hex. */
export function hexField(length: number) {
  return z
    .string()
    .regex(new RegExp(`^[0-9a-f]{${2 * length}}$`))
    .transform((text): Uint8Array => new Uint8Array(Buffer.from(text, "hex")));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

/** A signed 64-bit integer as decimal text. */
export const int64Field = z
  .string()
  .regex(/^(0|-?[1-9][0-9]{0,18})$/)
  .transform(BigInt)
  .refine((value) => BigInt.asIntN(64, value) === value);
