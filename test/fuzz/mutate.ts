// Changes to an input: bytes as they come, members of JSON, and words that decoders look for.
import type { Dice } from "../lies/lie.ts";

/** Longer inputs are cut: what is longer than a frame's or a file's limit is one case of its own. */
export const INPUT_BYTES_MAX = 1 << 16;
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0xffffffff];
const PLAIN = [null, true, 0, -1, 1.5, 2 ** 53, 1e308, "", "0", "-1", "9223372036854775808", "\ud800"];
const NESTED: readonly unknown[] = [
  [],
  {},
  [[]],
  { $: ["u8", 0, 8] },
  { constructor: null },
  "a".repeat(300),
  "__proto__",
];
const VALUES: readonly unknown[] = [...PLAIN, ...NESTED];
const NAMES = ["__proto__", "constructor", "toString", "length", "", "$"];

/** One to eight changes of `input`; `other` is another input, of which pieces are taken. */
export function mutated(
  input: Uint8Array,
  other: Uint8Array,
  words: readonly string[],
  roll: Dice,
): Uint8Array {
  let bytes = input;
  for (let left = 1 + roll(2) * roll(8); left > 0; left--) bytes = once(bytes, other, words, roll);
  return bytes.slice(0, INPUT_BYTES_MAX);
}

function once(input: Uint8Array, other: Uint8Array, words: readonly string[], roll: Dice): Uint8Array {
  if (roll(3) === 0) {
    const json = otherJson(input, roll);
    if (json !== undefined) return json;
  }
  const bytes = new Uint8Array(input);
  const at = roll(bytes.length + 1);
  switch (roll(9)) {
    case 0:
      if (at < bytes.length) bytes[at]! ^= 1 << roll(8);
      return bytes;
    case 1:
      if (at < bytes.length) bytes[at] = roll(256);
      return bytes;
    case 2:
      return spliced(bytes, at, roll(1 + Math.min(16, bytes.length)), new Uint8Array(0));
    case 3:
      return spliced(
        bytes,
        at,
        0,
        Uint8Array.from({ length: 1 + roll(8) }, () => roll(256)),
      );
    case 4:
      return spliced(bytes, at, roll(2) * roll(32), piece(bytes, roll));
    case 5:
      return spliced(bytes, at, roll(2) * roll(32), piece(other, roll));
    case 6:
      return numbered(bytes, at, roll);
    case 7:
      return bytes.slice(0, at);
    default: {
      const word = words.length === 0 ? "" : words[roll(words.length)]!;
      return spliced(bytes, at, roll(2) * word.length, Buffer.from(word));
    }
  }
}

function spliced(bytes: Uint8Array, at: number, cut: number, put: Uint8Array): Uint8Array {
  return Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(Math.min(bytes.length, at + cut))]);
}

function piece(bytes: Uint8Array, roll: Dice): Uint8Array {
  const start = roll(bytes.length + 1);
  return bytes.subarray(start, start + roll(64));
}

/** A number at its edges, in either order of bytes. */
function numbered(bytes: Uint8Array, at: number, roll: Dice): Uint8Array {
  const size = [1, 2, 4][roll(3)]!;
  if (at + size > bytes.length) return bytes;
  const value = (EDGES[roll(EDGES.length)]! + roll(3) - 1) >>> 0;
  const isLittle = roll(2) === 0;
  for (let i = 0; i < size; i++) bytes[at + (isLittle ? i : size - 1 - i)] = value >>> (8 * i);
  return bytes;
}

/** The text with one member or item changed, if it is JSON. */
function otherJson(input: Uint8Array, roll: Dice): Uint8Array | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(input).toString());
  } catch {
    return undefined;
  }
  return Buffer.from(JSON.stringify(otherValue(value, roll)) ?? "");
}

function otherValue(value: unknown, roll: Dice): unknown {
  if (typeof value !== "object" || value === null || roll(12) === 0) return otherLeaf(value, roll);
  const entries: [string, unknown][] = Object.entries(value);
  if (entries.length === 0) return otherLeaf(value, roll);
  const at = roll(entries.length);
  const [name, own] = entries[at]!;
  const changed = ((): [string, unknown][] => {
    switch (roll(10)) {
      case 0:
        return entries.toSpliced(at, 1);
      case 1:
        return entries.toSpliced(at, 0, [`${name}${roll(2)}`, own]);
      case 2:
        return entries.with(at, [NAMES[roll(NAMES.length)]!, own]);
      default:
        return entries.with(at, [name, otherValue(own, roll)]);
    }
  })();
  if (Array.isArray(value)) return changed.map(([, each]) => each);
  // Object.fromEntries makes `__proto__` a member like any other.
  return Object.fromEntries(changed);
}

function otherLeaf(value: unknown, roll: Dice): unknown {
  if (typeof value === "number" && roll(2) === 0)
    return [value + 1, value - 1, -value, 2 * value, value + 0.5][roll(5)];
  if (typeof value === "string" && roll(2) === 0) {
    const at = roll(value.length + 1);
    return [
      `${value}x`,
      value.slice(1),
      value.toUpperCase(),
      value.slice(0, at) + String.fromCharCode(roll(0x300)) + value.slice(at),
    ][roll(4)];
  }
  return VALUES[roll(VALUES.length)];
}
