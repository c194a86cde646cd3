// Frames: one message is one flat msgpack array [sequence, type number, ...fields] (protocol-spec.md, section "Frames").
//
// Only these forms of MessagePack are used, each as the shortest that holds the value:
//   array   fixarray (90..9f)
//   number  positive fixint (00..7f), uint 8/16/32 (cc, cd, ce)
//   bytes   bin 8/16/32 (c4, c5, c6)
//   text    fixstr (a0..bf), str 8 (d9), well-formed UTF-8
// A message therefore has exactly one encoding, and two sides that saw the same messages saw the same bytes.
import { isUtf8 } from "node:buffer";
import { Packr } from "msgpackr";
import { ProtocolError } from "./errors.ts";
import { FRAME_BYTES_MAX } from "./limits.ts";
import { MESSAGES } from "./messages.ts";
import type { Field, Message, MessageType } from "./messages.ts";

/** Largest number that a frame holds, sequence numbers included. */
export const UINT_MAX = 2 ** 32 - 1;

export interface NumberedMessage {
  /** How many frames the same side sent before this one. */
  readonly sequence: number;
  readonly message: Message;
}

/** What the codec needs of one entry of MESSAGES. */
interface Layout {
  readonly type: MessageType;
  readonly number: number;
  readonly names: readonly string[];
  readonly fields: readonly Field[];
}

const LAYOUTS: readonly Layout[] = (Object.keys(MESSAGES) as MessageType[]).map((type) => {
  const { number, fields } = MESSAGES[type];
  return { type, number, names: Object.keys(fields), fields: Object.values<Field>(fields) };
});
const LAYOUT_OF_TYPE = new Map(LAYOUTS.map((layout) => [layout.type, layout]));
const LAYOUT_OF_NUMBER = new Map(LAYOUTS.map((layout) => [layout.number, layout]));

/** Without records, private extensions and copies; what it would accept beyond the subset never reaches it. */
const packr = new Packr({ useRecords: false, moreTypes: false });

/**
 * Encodes one message; bulk data is copied once, so the caller may reuse its array.
 * Throws ProtocolError `sequence` when the numbers have run out, `internal` for a message that breaks its own bounds.
 */
export function encodeFrame(sequence: number, message: Message): Uint8Array {
  if (sequence > UINT_MAX)
    throw new ProtocolError("sequence", "the session has more frames than sequence numbers");
  const layout = LAYOUT_OF_TYPE.get(message.type);
  if (layout === undefined) throw new ProtocolError("internal", "a message of a type that does not exist");
  const values = message as unknown as Record<string, unknown>;
  const frame = packr.encode([sequence, layout.number, ...layout.names.map((name) => values[name])]);
  try {
    scan(frame);
  } catch (cause) {
    throw new ProtocolError("internal", `a message "${layout.type}" that breaks its own bounds`, { cause });
  }
  return frame;
}

/**
 * Decodes one frame; its byte fields are views of the frame, at any alignment.
 * Throws ProtocolError `malformed` for everything but the one encoding of a message within its bounds.
 */
export function decodeFrame(frame: Uint8Array): NumberedMessage {
  const layout = scan(frame);
  // Of a plain Uint8Array, where `slice` copies: msgpackr hands out views of the same class.
  const bytes = new Uint8Array(frame.buffer, frame.byteOffset, frame.length);
  const values = packr.decode(bytes) as [number, number, ...unknown[]];
  const fields = layout.names.map((name, i) => [name, values[i + 2]]);
  return { sequence: values[0], message: { type: layout.type, ...Object.fromEntries(fields) } as Message };
}

/**
 * Walks over a frame without building anything, so that the decoder behind it meets allowed forms and lengths only. Each
 * value's shortest form is the one form it lets pass, so what passes is what `encodeFrame` gives; a test encodes it again.
 */
function scan(frame: Uint8Array): Layout {
  if (frame.length > FRAME_BYTES_MAX) throw malformed("longer than a frame may be");
  const scanner = new Scanner(frame);
  const count = scanner.arrayCount();
  scanner.uint(UINT_MAX);
  const layout = LAYOUT_OF_NUMBER.get(scanner.uint(UINT_MAX));
  if (layout === undefined) throw malformed("no message has this number");
  if (count !== layout.fields.length + 2) throw malformed("another number of fields than the message has");
  for (const field of layout.fields) scanner.field(field);
  scanner.end();
  return layout;
}

/** A bounds-checked cursor over untrusted bytes. */
class Scanner {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  arrayCount(): number {
    const head = this.#byte();
    if (head < 0x90 || head > 0x9f) throw malformed("not an array of a message's length");
    return head - 0x90;
  }

  uint(max: number): number {
    const head = this.#byte();
    let value = head;
    if (head === 0xcc) value = this.#bigEndian(1, 0x80);
    else if (head === 0xcd) value = this.#bigEndian(2, 0x100);
    else if (head === 0xce) value = this.#bigEndian(4, 0x10000);
    else if (head > 0x7f) throw malformed("not a number");
    if (value > max) throw malformed("a number above its bound");
    return value;
  }

  field(field: Field): void {
    if (field.kind === "uint") this.uint(field.max);
    else if (field.kind === "bytes") this.#take(this.#binLength(), field.min, field.max);
    else if (!isUtf8(this.#take(this.#strLength(), 0, field.bytesMax)))
      throw malformed("text that is not UTF-8");
  }

  end(): void {
    if (this.#position !== this.#bytes.length) throw malformed("bytes after the message");
  }

  #binLength(): number {
    const head = this.#byte();
    if (head === 0xc4) return this.#bigEndian(1, 0);
    if (head === 0xc5) return this.#bigEndian(2, 0x100);
    if (head === 0xc6) return this.#bigEndian(4, 0x10000);
    throw malformed("not bytes");
  }

  #strLength(): number {
    const head = this.#byte();
    if (head >= 0xa0 && head <= 0xbf) return head - 0xa0;
    if (head === 0xd9) return this.#bigEndian(1, 0x20);
    throw malformed("not text");
  }

  #take(length: number, min: number, max: number): Uint8Array {
    if (length < min || length > max) throw malformed("a length out of its bounds");
    const start = this.#position;
    if (length > this.#bytes.length - start) throw malformed("the frame ends too early");
    this.#position = start + length;
    return this.#bytes.subarray(start, this.#position);
  }

  /** A number of `size` bytes, which a shorter form must not be able to hold: it is at least `min`. */
  #bigEndian(size: number, min: number): number {
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + this.#byte();
    if (value < min) throw malformed("not the shortest form");
    return value;
  }

  #byte(): number {
    const byte = this.#bytes[this.#position++];
    if (byte === undefined) throw malformed("the frame ends too early");
    return byte;
  }
}

function malformed(detail: string): ProtocolError {
  return new ProtocolError("malformed", detail);
}
