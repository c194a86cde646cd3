// How the vectors write bytes: lower-case hex, or as text where they are UTF-8.
import { encodeFrame, type Message } from "@halfroom/wire";

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

export function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}

/** A whole frame in hex, the `sequence`th of its side. */
export function frame(sequence: number, message: Message): string {
  return hex(encodeFrame(sequence, message));
}
