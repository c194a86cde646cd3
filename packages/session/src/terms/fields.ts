// Fields that terms, statements and request files share.
import { z } from "zod";

/** Longest name of a partner, dataset or column, in characters. */
export const NAME_LENGTH_MAX = 128;

/** A name on one line, without control characters that a terminal would obey. `remedy` is what a person reads who wrote another. */
export function nameField(remedy?: string) {
  return z
    .string(remedy)
    .min(1, remedy)
    .max(NAME_LENGTH_MAX, remedy)
    .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u, remedy);
}

/** A member that is always written, as null where it does not apply. */
export function nullable<Field extends z.ZodType>(field: Field) {
  return z.codec(z.nullable(field), z.optional(z.custom<z.output<Field>>()), {
    decode: (value) => value ?? undefined,
    encode: (value) => (value ?? null) as z.output<Field> | null,
  });
}

/** Bytes of a fixed length, written as lower-case hex. */
export function hexField(length: number) {
  return z.codec(
    z.string().regex(new RegExp(`^[0-9a-f]{${2 * length}}$`)),
    z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length),
    { decode: (text) => new Uint8Array(Buffer.from(text, "hex")), encode: toHex },
  );
}

/** A signed 64-bit integer, written as decimal text. */
export const int64Field = z.codec(
  z.string().regex(/^(0|-?[1-9][0-9]{0,18})$/),
  z.bigint().refine((value) => BigInt.asIntN(64, value) === value),
  { decode: BigInt, encode: String },
);

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

/** Whether no two names are the same. */
export function areDistinct(names: readonly string[]): boolean {
  return new Set(names).size === names.length;
}
