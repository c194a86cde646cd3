// The bounds of every field, against a second encoder that keeps none.
import { describe, expect, it } from "vitest";
import {
  FRAME_BYTES_MAX,
  MESSAGES,
  ProtocolError,
  UINT_MAX,
  decodeFrame,
  encodeFrame,
} from "../src/index.ts";
import type { Field, Message, MessageType } from "../src/index.ts";
import { rawFrame } from "./raw-frame.ts";
import type { Value } from "./raw-frame.ts";

const MEBIBYTE = 1 << 20;
const CHUNK = MEBIBYTE / 2;

/** Numbers on the wire and bounds of the fields, written out: what was once agreed on does not change. */
const AGREED: Partial<Record<MessageType, [number, Record<string, string>]>> = {
  abort: [0, { code: "text 32" }],
  propose: [3, { proposal: "bytes 16..16", terms: "bytes 1..65536" }],
  answer: [
    4,
    { decision: "text 8", terms: "bytes 0..65536", reasons: "bytes 0..16384", people: "uint 1000000000" },
  ],
  statement: [5, { statement: "bytes 1..4096", stored: "bytes 32..32" }],
  signature: [6, { signature: "bytes 64..64" }],
  preview: [7, { terms: "bytes 1..65536" }],
  blinded: [10, { data: "bytes 1..524288" }],
  evaluated: [11, { data: "bytes 1..524288", proof: "bytes 64..64" }],
  seedCommitment: [20, { commitment: "bytes 32..32" }],
  seedShare: [21, { share: "bytes 32..32" }],
  seedOpening: [22, { share: "bytes 32..32", nonce: "bytes 32..32" }],
  binMatrix: [23, { data: "bytes 1..131072" }],
  store: [24, { data: "bytes 1..131072" }],
  binCheck: [25, { sums: "bytes 1728..1728", digest: "bytes 32..32" }],
  binMasks: [26, { data: "bytes 1..131072" }],
  baseOtKey: [30, { point: "bytes 32..32" }],
  baseOtChoices: [31, { data: "bytes 1..131072" }],
  treeCorrections: [32, { data: "bytes 1..131072" }],
  treeFlips: [33, { data: "bytes 1..131072" }],
  otCorrections: [34, { data: "bytes 1..131072" }],
  gateOpening: [35, { data: "bytes 1..131072" }],
  productFlips: [36, { data: "bytes 1..131072" }],
  productCorrections: [37, { data: "bytes 1..131072" }],
  leafCorrections: [40, { data: "bytes 1..131072" }],
  laneTranscripts: [41, { digest: "bytes 32..32" }],
  shardAgain: [42, { shard: "uint 16382", attempt: "uint 3" }],
  shardsDone: [43, {}],
  silentMask: [44, { data: "bytes 1..131072" }],
  silentProof: [45, { data: "bytes 1..131072" }],
  streamListens: [46, { shard: "uint 16382", name: "bytes 16..16", fingerprint: "bytes 32..32" }],
  streamDials: [47, { shard: "uint 16382", fingerprint: "bytes 32..32" }],
  shardBegins: [48, {}],
  transcript: [50, { digest: "bytes 32..32", schedule: "bytes 32..32", signature: "bytes 64..64" }],
  passCommitment: [51, { commitment: "bytes 32..32" }],
  passOpening: [52, { nonce: "bytes 32..32", share: "bytes 1..524288" }],
  cellCommitment: [53, { commitment: "bytes 32..32" }],
  cellOpeningNonce: [54, { nonce: "bytes 32..32" }],
  cellOpening: [55, { data: "bytes 1..131072" }],
  labelsSize: [56, { size: "uint 67108864" }],
  labels: [57, { data: "bytes 1..131072" }],
  done: [58, { digest: "bytes 32..32" }],
  bases: [59, { data: "bytes 1..131072" }],
  receipt: [60, { report: "bytes 32..32", nonce: "bytes 0..32", signature: "bytes 64..64" }],
  seriesNonce: [80, { nonce: "bytes 32..32" }],
  seriesSignature: [81, { signature: "bytes 64..64" }],
  seriesEnd: [82, { series: "bytes 32..32" }],
};

const types = Object.keys(MESSAGES) as MessageType[];
const fieldsOf = (type: MessageType): [string, Field][] => Object.entries(MESSAGES[type].fields);

function describeField(field: Field): string {
  if (field.kind === "uint") return `uint ${field.max}`;
  return field.kind === "text" ? `text ${field.bytesMax}` : `bytes ${field.min}..${field.max}`;
}

const valueOf = (field: Field, size: number): Value => {
  if (field.kind === "uint") return size;
  return field.kind === "text" ? "x".repeat(size) : new Uint8Array(size).fill(7);
};

/** The smallest and largest size of a field: length in bytes, or the number itself. */
function bounds(field: Field): [number, number] {
  if (field.kind === "uint") return [0, field.max];
  return field.kind === "text" ? [0, field.bytesMax] : [field.min, field.max];
}

/** Sizes just outside of the bounds, and far above. */
function outside(field: Field): number[] {
  const [min, max] = bounds(field);
  const far = field.kind === "uint" ? UINT_MAX : max * 2;
  return [...(min > 0 ? [0, min - 1] : []), max + 1, far];
}

function codeOf(frame: Uint8Array): string {
  try {
    decodeFrame(frame);
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
  return "none";
}

/** All fields of a type at their smallest, but one of the size given. */
function fieldsWith(type: MessageType, name: string, size: number): Value[] {
  return fieldsOf(type).map(([other, field]) => valueOf(field, other === name ? size : bounds(field)[0]));
}

it.each(Object.entries(AGREED))("%s keeps its number, its fields and their bounds", (name, agreed) => {
  const type = name as MessageType;
  const described = fieldsOf(type).map(([field, bound]) => [field, describeField(bound)]);
  expect([MESSAGES[type].number, described]).toEqual([agreed[0], Object.entries(agreed[1])]);
});

describe.each(types)("%s", (type) => {
  const fields = fieldsOf(type);

  it.each(fields)("takes %s at both of its bounds", (name, field) => {
    for (const size of bounds(field)) {
      const values = fieldsWith(type, name, size);
      const frame = rawFrame(9, type, values);
      expect(codeOf(frame)).toBe("none");
      const message = { type, ...Object.fromEntries(fields.map(([key], i) => [key, values[i]])) };
      expect(Buffer.compare(encodeFrame(9, message as Message), frame)).toBe(0);
    }
  });

  it.each(fields)("refuses %s outside of its bounds, and does not write it", (name, field) => {
    for (const size of outside(field)) {
      const values = fieldsWith(type, name, size);
      expect(codeOf(rawFrame(9, type, values))).toBe("malformed");
      const message = { type, ...Object.fromEntries(fields.map(([key], i) => [key, values[i]])) };
      expect(() => encodeFrame(9, message as Message)).toThrow(
        expect.objectContaining({ code: "internal" }) as Error,
      );
    }
  });

  it.each(fields)("refuses %s as a value of another kind", (name, field) => {
    const [, max] = bounds(field);
    const others: Value[] = [1, "x".repeat(Math.min(max, 31)), new Uint8Array(Math.min(max, 31))];
    for (const other of others.filter((value) => typeof value !== typeof valueOf(field, 1))) {
      const values: Value[] = fieldsOf(type).map(([key, f]) =>
        key === name ? other : valueOf(f, bounds(f)[0]),
      );
      expect(codeOf(rawFrame(9, type, values))).toBe("malformed");
    }
  });

  it("refuses a field more and a field less", () => {
    const values = fields.map(([, field]) => valueOf(field, bounds(field)[0]));
    if (values.length > 0) expect(codeOf(rawFrame(9, type, values.slice(1)))).toBe("malformed");
    expect(codeOf(rawFrame(9, type, [...values, 0]))).toBe("malformed");
  });
});

describe("frames", () => {
  it("have room for the largest chunk, and the memory of a frame is bounded by little more", () => {
    expect(FRAME_BYTES_MAX).toBe(CHUNK + 1024);
  });

  it("refuse every number that no message has", () => {
    const known = new Set(types.map((type) => MESSAGES[type].number as number));
    expect(known.size).toBe(types.length);
    for (let number = 0; number < 128; number++) {
      if (known.has(number)) continue;
      expect(codeOf(Buffer.of(0x93, 0, number, 0xa0))).toBe("malformed");
    }
  });
});
