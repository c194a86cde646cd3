import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { Packr } from "msgpackr";
import { describe, expect, it } from "vitest";
import {
  FRAME_BYTES_MAX,
  MESSAGES,
  ProtocolError,
  UINT_MAX,
  decodeFrame,
  encodeFrame,
} from "../src/index.ts";
import type { Field, Message, MessageType, NumberedMessage } from "../src/index.ts";
import { longerFrames, rawFrame } from "./raw-frame.ts";
import type { Value } from "./raw-frame.ts";

interface Vectors {
  frames: {
    name: string;
    sequence: number;
    type: MessageType;
    /** Bytes as hex. */
    fields: Record<string, string | number>;
    /** Pieces of the frame as hex, each with its meaning. */
    frame: [string, string][];
  }[];
  malformed: { name: string; frame: string }[];
}

const vectors = JSON.parse(
  readFileSync(new URL("../../../test/vectors/wire/frames.json", import.meta.url), "utf8"),
) as Vectors;

const fieldsOf = (type: MessageType): Record<string, Field> => MESSAGES[type].fields;
const types = Object.keys(MESSAGES) as MessageType[];

function expectMalformed(frame: Uint8Array): void {
  try {
    decodeFrame(frame);
  } catch (error) {
    if (error instanceof ProtocolError && error.code === "malformed") return;
    throw error;
  }
  expect.fail(`accepted ${Buffer.from(frame.subarray(0, 100)).toString("hex")}`);
}

/** As `toEqual`, which takes seconds for a piece of bulk data. */
function expectSame(decoded: NumberedMessage, sequence: number, message: Message): void {
  const plain = (fields: Message) =>
    Object.entries(fields).map(([name, value]: [string, unknown]) => [
      name,
      value instanceof Uint8Array ? createHash("sha256").update(value).digest("hex") : value,
    ]);
  expect([decoded.sequence, plain(decoded.message)]).toEqual([sequence, plain(message)]);
}

function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
  return "none";
}

// Half of the lengths and numbers are at their bounds and at the edges of the forms.
const EDGES = [0, 1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 31, UINT_MAX];
const integer = (min: number, max: number) =>
  fc.oneof(
    fc.constantFrom(...[min, max, ...EDGES].filter((n) => n >= min && n <= max)),
    fc.integer({ min, max }),
  );
const byteString = (min: number, max: number) =>
  fc
    .tuple(integer(min, max), fc.integer({ max: 255, min: 0 }))
    .map(([n, fill]) => new Uint8Array(n).fill(fill));
const textUpTo = (bytesMax: number) =>
  fc.string({ unit: "binary", maxLength: bytesMax }).filter((text) => Buffer.byteLength(text) <= bytesMax);

function anyValue(field: Field): fc.Arbitrary<unknown> {
  if (field.kind === "uint") return integer(0, field.max);
  return field.kind === "bytes" ? byteString(field.min, field.max) : textUpTo(field.bytesMax);
}

function anyMessage(type: MessageType): fc.Arbitrary<Message> {
  const values = Object.entries(fieldsOf(type)).map(([name, field]) => [name, anyValue(field)]);
  return fc.record({ type: fc.constant(type), ...Object.fromEntries(values) }) as fc.Arbitrary<Message>;
}

const anyFrame = fc
  .tuple(integer(0, UINT_MAX), fc.constantFrom(...types).chain(anyMessage))
  .map(([sequence, message]) => ({ sequence, message }));

describe("vectors", () => {
  it.each(vectors.frames)("$name", ({ sequence, type, fields, frame }) => {
    const hex = frame.map(([piece]) => piece).join("");
    const values = Object.entries(fields).map(([name, value]) => [
      name,
      fieldsOf(type)[name]?.kind === "bytes" ? new Uint8Array(Buffer.from(String(value), "hex")) : value,
    ]);
    const message = { type, ...Object.fromEntries(values) } as Message;
    expect(Buffer.from(encodeFrame(sequence, message)).toString("hex")).toBe(hex);
    expect(decodeFrame(Buffer.from(hex, "hex"))).toEqual({ sequence, message });
  });

  it.each(vectors.malformed)("refuses $name", ({ frame }) => {
    expectMalformed(Buffer.from(frame, "hex"));
  });
});

describe("any message", () => {
  it("survives encoding, decoding and encoding again", () => {
    fc.assert(
      fc.property(anyFrame, ({ sequence, message }) => {
        const frame = encodeFrame(sequence, message);
        const decoded = decodeFrame(frame);
        expectSame(decoded, sequence, message);
        expect(Buffer.compare(encodeFrame(decoded.sequence, decoded.message), frame)).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it.each(types)("%s fits in a frame at its largest", (type) => {
    const values = Object.entries(fieldsOf(type)).map(([name, field]) => [
      name,
      field.kind === "uint"
        ? field.max
        : field.kind === "bytes"
          ? new Uint8Array(field.max)
          : "x".repeat(field.bytesMax),
    ]);
    const message = { type, ...Object.fromEntries(values) } as Message;
    expectSame(decodeFrame(encodeFrame(UINT_MAX, message)), UINT_MAX, message);
  });

  it("is refused when cut anywhere or followed by anything", () => {
    fc.assert(
      fc.property(anyFrame, fc.uint8Array({ minLength: 1, maxLength: 9 }), ({ sequence, message }, rest) => {
        const frame = encodeFrame(sequence, message);
        const step = Math.ceil(frame.length / 300);
        for (let length = 0; length < frame.length; length += step)
          expectMalformed(frame.subarray(0, length));
        expectMalformed(frame.subarray(0, frame.length - 1));
        expectMalformed(Buffer.concat([frame, rest]));
      }),
      { numRuns: 60 },
    );
  });

  it("is refused with any part in a longer form", () => {
    const lengths = [1, 31, 32, 255, 256, 65_535, 65_536].map((n) => new Uint8Array(n).fill(n));
    const cases: [MessageType, Value[]][] = [
      ...["", "x".repeat(31), "x".repeat(32)].map((code): [MessageType, Value[]] => ["abort", [code]]),
      ...EDGES.filter((n) => n <= 1 << 26).map((size): [MessageType, Value[]] => ["labelsSize", [size]]),
      ...lengths.map((data): [MessageType, Value[]] => ["blinded", [data]]),
    ];
    for (const [type, fields] of cases) {
      expect(decodeFrame(rawFrame(5, type, fields)).message.type).toBe(type);
      for (const frame of longerFrames(5, type, fields)) expectMalformed(frame);
    }
    for (const sequence of EDGES) {
      expect(decodeFrame(rawFrame(sequence, "abort", [""])).sequence).toBe(sequence);
      for (const frame of longerFrames(sequence, "abort", [""])) expectMalformed(frame);
    }
  });
});

describe("hostile bytes", () => {
  it("are refused as malformed, or are the one encoding of what they decode to", () => {
    const check = (frame: Uint8Array) => {
      try {
        const { sequence, message } = decodeFrame(frame);
        expect(Buffer.compare(encodeFrame(sequence, message), frame)).toBe(0);
      } catch (error) {
        if (!(error instanceof ProtocolError) || error.code !== "malformed") throw error;
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), check), { numRuns: 5_000 });
    // A valid frame with one byte changed comes closer to the bounds.
    const small = anyFrame.filter(({ message }) => !("data" in message) && message.type !== "passOpening");
    fc.assert(
      fc.property(small, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ sequence, message }, at, flip) => {
        const frame = new Uint8Array(encodeFrame(sequence, message));
        frame[at % Math.min(frame.length, 120)]! ^= flip;
        check(frame);
      }),
      { numRuns: 5_000 },
    );
  });

  it("are refused in any form that msgpackr writes by default", () => {
    const records = new Packr();
    const nested = Array.from({ length: 100_000 }).fill(0x91) as number[];
    for (const frame of [
      records.pack({ a: 1 }),
      records.pack([0, 20, { commitment: 1 }]),
      records.pack([0, 20, new Date(0)]),
      records.pack([0, 20, 1.5]),
      records.pack([0, 56, 2 ** 40]),
      records.pack([0, 56, 2n ** 40n]),
      records.pack([0, 56, null]),
      new Packr({ moreTypes: true }).pack([0, 20, new Float32Array(8)]),
      records.pack([0, 20, new Set([1])]),
      Buffer.from(nested),
      Buffer.from([0x93, 0x00, 0x14, ...nested]),
    ]) {
      expectMalformed(frame);
    }
  });

  it("are refused above the largest frame before anything is read", () => {
    const frame = new Uint8Array(FRAME_BYTES_MAX + 1);
    frame.set(encodeFrame(0, { type: "done", digest: new Uint8Array(32) }));
    expectMalformed(frame);
  });
});

describe("encodeFrame", () => {
  it("ends the session when sequence numbers have run out", () => {
    expect(codeOf(() => encodeFrame(UINT_MAX + 1, { type: "abort", code: "" }))).toBe("sequence");
  });

  it("writes nothing that decodeFrame would refuse", () => {
    const broken = [
      { type: "done", digest: new Uint8Array(31) },
      { type: "done" },
      { type: "blinded", data: new Uint8Array(0) },
      { type: "labelsSize", size: -1 },
      { type: "labelsSize", size: 0.5 },
      { type: "labelsSize", size: 2 ** 33 },
      { type: "abort", code: "\ud800" },
      { type: "abort", code: "é".repeat(17) },
      { type: "none" },
    ] as unknown as Message[];
    for (const message of broken) expect(codeOf(() => encodeFrame(0, message))).toBe("internal");
  });

  it("copies bulk data, which the caller may then reuse", () => {
    const data = new Uint8Array(70_000).fill(1);
    const frame = encodeFrame(0, { type: "blinded", data });
    data.fill(2);
    expectSame(decodeFrame(frame), 0, { type: "blinded", data: new Uint8Array(70_000).fill(1) });
  });
});

describe("decodeFrame", () => {
  it("gives byte fields as views of the frame, whatever class the frame has", () => {
    const frame = encodeFrame(3, { type: "blinded", data: Uint8Array.of(1, 2, 3) });
    const { message } = decodeFrame(Buffer.from(frame));
    expect(message.type === "blinded" && Buffer.isBuffer(message.data)).toBe(false);
    const decoded = decodeFrame(frame).message;
    expect(decoded.type === "blinded" && decoded.data.buffer === frame.buffer).toBe(true);
  });
});
