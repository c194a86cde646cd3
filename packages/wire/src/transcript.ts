// What went over a stream, message by message (protocol-spec.md, section 2.3): a digest of each, and one digest over all. Whoever
// keeps the digests of the messages can show which ones a signature on the transcript covers.
import { createHash, hash, type Hash } from "node:crypto";
import type { Message, MessageType } from "./messages.ts";

/** One message; it holds nothing secret, since a digest of masked bytes tells nothing. */
export interface MessageRecord {
  readonly direction: "sent" | "received";
  readonly sequence: number;
  readonly type: MessageType;
  /** Bytes of the frame, without the head of a lane. */
  readonly length: number;
  /** SHA-256 of the frame, 32 bytes. */
  readonly digest: Uint8Array;
  /** Where the message carries one. */
  readonly signature?: Uint8Array;
}

const LABEL = "halfroom/v1/transcript";

/** The frames of one direction of a stream so far. */
export class Direction {
  readonly #hash: Hash = createHash("sha256");
  frames = 0;
  bytes = 0;

  add(frame: Uint8Array, message: Message): Omit<MessageRecord, "direction"> {
    const digest = frameDigest(frame);
    this.addDigest(digest);
    this.bytes += frame.length;
    const { type } = message;
    const record = { sequence: this.frames - 1, type, length: frame.length, digest };
    return "signature" in message ? { ...record, signature: new Uint8Array(message.signature) } : record;
  }

  /** `digest`: of the next frame. */
  addDigest(digest: Uint8Array): void {
    this.#hash.update(digest);
    this.frames++;
  }

  /** Over the digests of all frames, 32 bytes. */
  digest(): Uint8Array {
    return this.#hash.copy().digest();
  }
}

/** SHA-256 of one frame, 32 bytes. */
export function frameDigest(frame: Uint8Array): Uint8Array {
  return new Uint8Array(hash("sha256", frame, "buffer"));
}

/**
 * SHA-256("halfroom/v1/transcript" || SHA-256(digests of the sender's frames) || SHA-256(digests of the receiver's frames)), the
 * digests of a direction one after the other: 32 bytes.
 */
export function transcriptOf(sender: Direction, receiver: Direction): Uint8Array {
  const all = createHash("sha256").update(LABEL).update(sender.digest()).update(receiver.digest());
  return new Uint8Array(all.digest());
}
