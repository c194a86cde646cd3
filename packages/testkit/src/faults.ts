// One fault in a stream of frames: what a broken or hostile network or partner might do to it.
import { MESSAGES, decodeFrame, encodeFrame } from "@halfroom/wire";
import type { Frames, Message, MessageType } from "@halfroom/wire";

/** Passes `frame` on to `frames` in some altered way. */
export type Fault = (frame: Uint8Array, frames: Frames) => Promise<void>;

/** Sends through `frames`, but lets `fault` do so with the outgoing frame number `index`, counted from 0. */
export function withFault(frames: Frames, index: number, fault: Fault): Frames {
  let sent = 0;
  return {
    send: (frame) => (sent++ === index ? fault(frame, frames) : frames.send(frame)),
    recv: () => frames.recv(),
    close: (code) => frames.close(code),
  };
}

/** Leaves `bytes` bytes out at the end. */
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

/** Gives the frame the number of another message type and leaves its fields as they are. */
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

/** Sends what `edit` makes of the message, under the same sequence number. */
export function replaceMessage(edit: (message: Message) => Message): Fault {
  return (frame, frames) => {
    const { sequence, message } = decodeFrame(new Uint8Array(frame));
    return frames.send(encodeFrame(sequence, edit(message)));
  };
}
