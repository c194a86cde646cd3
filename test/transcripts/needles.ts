// What must not occur in a transcript: a text in every form in which careless code might send it.
import { createHash } from "node:crypto";

export interface Needle {
  /** Names the form, never the value. */
  readonly form: string;
  readonly bytes: Uint8Array;
}

const ALGORITHMS = ["sha256", "sha512", "sha1", "md5"];

/** The text itself and its hashes, raw, hex and base64. */
export function needlesOf(what: string, text: string): Needle[] {
  const hashes = ALGORITHMS.flatMap((algorithm) => {
    const digest = createHash(algorithm).update(text, "utf8").digest();
    return rawAndText(`${algorithm} of ${what}`, digest);
  });
  return [{ form: what, bytes: Buffer.from(text, "utf8") }, ...hashes];
}

/** Bytes as they are, in hex of both cases and in base64 of both alphabets, without what padding may change. */
export function rawAndText(what: string, value: Uint8Array): Needle[] {
  const bytes = Buffer.from(value);
  const whole = bytes.subarray(0, bytes.length - (bytes.length % 3));
  return [
    { form: `${what}, raw`, bytes },
    { form: `${what}, hex`, bytes: Buffer.from(bytes.toString("hex")) },
    { form: `${what}, HEX`, bytes: Buffer.from(bytes.toString("hex").toUpperCase()) },
    { form: `${what}, base64`, bytes: Buffer.from(whole.toString("base64")) },
    { form: `${what}, base64url`, bytes: Buffer.from(whole.toString("base64url")) },
  ];
}

/** The forms that occur anywhere in `haystack`, also across frames. */
export function formsFound(haystack: Uint8Array, needles: readonly Needle[]): string[] {
  const text = Buffer.from(haystack.buffer, haystack.byteOffset, haystack.length);
  return [
    ...new Set(needles.filter(({ bytes }) => text.includes(Buffer.from(bytes))).map(({ form }) => form)),
  ];
}
