// One fault in a stream of frames, as a broken or hostile network or partner might cause it.
import { MESSAGES, decodeFrame, encodeFrame } from "@halfroom/wire";
import type { Frames, Message, MessageType } from "@halfroom/wire";

/** Passes `frame` on to `frames` in some altered way. */
export type Fault = (frame: Uint8Array, frames: Frames) => Promise<void>;

/** Sends through `frames`, but applies `fault` to the outgoing frame number `index`, counted from 0. */
export function withFault(frames: Frames, index: number, fault: Fault): Frames {
  let sent = 0;
  return {
    send: (frame) => (sent++ === index ? fault(frame, frames) : frames.send(frame)),
    recv: () => frames.recv(),
    close: (code) => frames.close(code),
  };
}

/** Cuts `bytes` bytes off the end. */
export function truncate(bytes = 1): Fault {
  return (frame, frames) => frames.send(frame.subarray(0, Math.max(0, frame.length - bytes)));
}

/** Sends nothing. */
export const drop: Fault = async () => {};

/** Sends the frame twice. */
export const duplicate: Fault = async (frame, frames) => {
  await frames.send(frame);
  await frames.send(frame);
};

/** Ends the connection instead. */
export const cut: Fault = async (frame, frames) => {
  await frames.close();
  await frames.send(frame);
};

/** Gives the frame the number of another message type, with the same fields. */
export function retype(type: MessageType): Fault {
  return replaceBytes((frame) => {
    // [array head][sequence: 1, 2, 3 or 5 bytes][type number: one byte, all are below 128]
    const sequenceBytes = { 0xcc: 2, 0xcd: 3, 0xce: 5 }[frame[1]!] ?? 1;
    frame[1 + sequenceBytes] = MESSAGES[type].number;
    return frame;
  });
}

/** Sends what `edit` makes of a copy of the frame. */
export function replaceBytes(edit: (frame: Uint8Array) => Uint8Array): Fault {
  return (frame, frames) => frames.send(edit(new Uint8Array(frame)));
}

/** Flips a bit of a field: the lowest one of a number, or of the byte at `fraction` (0 to 1) of its length. */
export function flipField(name: string, fraction: number): Fault {
  return replaceMessage((message) => {
    const value = (message as unknown as Record<string, string | number | Uint8Array>)[name]!;
    if (typeof value === "number") return { ...message, [name]: value ^ 1 };
    const bytes = Buffer.from(value as string);
    bytes[Math.round(fraction * (bytes.length - 1))]! ^= 1;
    return { ...message, [name]: typeof value === "string" ? bytes.toString() : new Uint8Array(bytes) };
  });
}

/** Appends a byte to a field of bytes, correctly encoded, whatever the field's bounds say. */
export function lengthenField(name: string): Fault {
  return replaceBytes((frame) => {
    const { message } = decodeFrame(frame);
    const field = (message as unknown as Record<string, Uint8Array>)[name]!;
    // A decoded field is a view of its frame.
    const start = field.byteOffset - frame.byteOffset;
    const before = frame.subarray(0, start - binHeader(field.length).length);
    const after = frame.subarray(start + field.length);
    return Buffer.concat([before, binHeader(field.length + 1), field, Buffer.alloc(1), after]);
  });
}

/** The msgpack header of `length` bytes: bin 8, 16 or 32. */
function binHeader(length: number): Uint8Array {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(length, 1);
  if (length > 0xffff) return header.fill(0xc6, 0, 1);
  if (length > 0xff) return header.subarray(2).fill(0xc5, 0, 1);
  return header.subarray(3).fill(0xc4, 0, 1);
}

/** Sends what `edit` makes of the message, under the same sequence number. */
export function replaceMessage(edit: (message: Message) => Message): Fault {
  return (frame, frames) => {
    const { sequence, message } = decodeFrame(new Uint8Array(frame));
    return frames.send(encodeFrame(sequence, edit(message)));
  };
}
