// Canonical JSON (protocol-spec.md, section 8): one text for one value. Members stand in the order of the schema, without
// blanks; integers above 2^53 and bytes are text. Whoever reads a text writes it again and compares the bytes.
import { ProtocolError } from "@halfroom/wire";
import { z } from "zod";

export function encodeCanonical(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value) ?? "", "utf8");
}

/** UTF-8 of the value as `schema` writes it. Throws ZodError for a value that the schema does not allow. */
export function encodeAs<Schema extends z.ZodType>(
  schema: Schema,
  value: DeepReadonly<z.output<Schema>>,
): Uint8Array {
  return encodeCanonical(z.encode(schema, value as z.output<Schema>));
}

/** Decodes untrusted `bytes`. Errors: `malformed`, unless they are what `encodeAs` makes of the value that they stand for. */
export function decodeAs<Schema extends z.ZodType>(schema: Schema, bytes: Uint8Array): z.output<Schema> {
  const checked = schema.safeParse(parseJson(bytes));
  if (!checked.success || Buffer.compare(encodeCanonical(z.encode(schema, checked.data)), bytes) !== 0) {
    throw new ProtocolError("malformed");
  }
  return checked.data;
}

/** Undefined for what is no JSON in UTF-8. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** A value that nobody alters once it is agreed. */
export type DeepReadonly<T> = T extends Uint8Array | bigint | string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? readonly DeepReadonly<Item>[]
    : { readonly [Member in keyof T]: DeepReadonly<T[Member]> };
