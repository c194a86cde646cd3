// Values with typed arrays as bytes: canonical enough to keep and to hand over, nothing that runs code when it is read.
//
//     "HfRp1" | length of the head, 4 bytes, little-endian | head: JSON of the value | the arrays, each from a multiple of 8
//
// In the head an array stands as {"$": [kind, where it begins, elements]}, a bigint as {"$": ["int", decimal text]}.
import { OperatorError } from "../errors.ts";

const MAGIC = Buffer.from("HfRp1");
const HEAD_AT = MAGIC.length + 4;
const ALIGNMENT = 8;
/** Deeper than anything that is kept. */
const DEPTH_MAX = 32;

const KINDS = {
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  i32: Int32Array,
  i64: BigInt64Array,
} as const;
type Kind = keyof typeof KINDS;

/** Plain data: objects, lists, text, numbers, bigints, booleans and typed arrays. Throws TypeError for anything else. */
export function packValue(value: unknown): Uint8Array {
  const blobs: Uint8Array[] = [];
  let at = 0;
  const place = (array: ArrayBufferView & { readonly length: number }, kind: Kind) => {
    const start = at;
    const padding = paddingOf(array.byteLength);
    blobs.push(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), new Uint8Array(padding));
    at += array.byteLength + padding;
    return { $: [kind, start, array.length] };
  };
  const headOf = (each: unknown): unknown => {
    if (typeof each === "bigint") return { $: ["int", String(each)] };
    if (ArrayBuffer.isView(each)) {
      const kind = (Object.keys(KINDS) as Kind[]).find((name) => each instanceof KINDS[name]);
      if (kind === undefined) throw new TypeError("an array of another kind");
      return place(each as Uint8Array, kind);
    }
    if (Array.isArray(each)) return each.map(headOf);
    if (typeof each !== "object" || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([name, own]) => [name, headOf(own)]));
  };
  const head = Buffer.from(JSON.stringify(headOf(value)));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  return new Uint8Array(Buffer.concat([MAGIC, length, head, ...blobs]));
}

/** The value; its arrays are copies, and every byte belongs to one. Its shape is the reader's to check. Errors: `damaged`. */
export function unpackValue(bytes: Uint8Array): unknown {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (whole.length < HEAD_AT || !whole.subarray(0, MAGIC.length).equals(MAGIC)) throw damaged();
  const end = HEAD_AT + whole.readUInt32LE(MAGIC.length);
  if (end > whole.length) throw damaged();
  const arrays = new Arrays(whole, end);
  const valueOf = (each: unknown, depth: number): unknown => {
    if (depth > DEPTH_MAX) throw damaged();
    if (Array.isArray(each)) return each.map((own) => valueOf(own, depth + 1));
    if (typeof each !== "object" || each === null) return each;
    const entries = Object.entries(each);
    const [first] = entries;
    if (entries.length === 1 && first![0] === "$") return arrays.next(first![1]);
    return Object.fromEntries(entries.map(([name, own]) => [name, valueOf(own, depth + 1)]));
  };
  const value = valueOf(parse(whole.subarray(HEAD_AT, end)), 0);
  arrays.assertAllRead();
  return value;
}

function parse(head: Buffer): unknown {
  try {
    return JSON.parse(head.toString("utf8"));
  } catch {
    throw damaged();
  }
}

/** The arrays of a text, each read once and in the order in which they stand. */
class Arrays {
  readonly #whole: Buffer;
  #at: number;
  readonly #begin: number;

  constructor(whole: Buffer, begin: number) {
    this.#whole = whole;
    this.#begin = begin;
    this.#at = begin;
  }

  next(spec: unknown): unknown {
    const [kind, start, length] = Array.isArray(spec) ? (spec as unknown[]) : [];
    if (kind === "int" && typeof start === "string" && /^-?\d{1,30}$/.test(start)) return BigInt(start);
    if (typeof kind !== "string" || !Object.hasOwn(KINDS, kind)) throw damaged();
    if (!isCount(length) || start !== this.#at - this.#begin) throw damaged();
    const Array_ = KINDS[kind as Kind];
    const to = this.#at + length * Array_.BYTES_PER_ELEMENT;
    const padded = to + paddingOf(length * Array_.BYTES_PER_ELEMENT);
    if (padded > this.#whole.length) throw damaged();
    const bytes = new Uint8Array(this.#whole.subarray(this.#at, to));
    this.#at = padded;
    return new Array_(bytes.buffer);
  }

  assertAllRead(): void {
    if (this.#at !== this.#whole.length) throw damaged();
  }
}

function paddingOf(length: number): number {
  return (ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function damaged(): OperatorError {
  return new OperatorError("damaged", "What was kept for a replay is damaged, or no bundle of halfroom's.");
}
