// What protocol code sees of the other side: typed messages in order. Sockets, timers and retries live behind `Frames`.
import { CHUNK_BYTES_MAX } from "./limits.ts";
import { ProtocolError } from "./errors.ts";
import type { BulkType, Message, MessageType } from "./messages.ts";

/**
 * A duplex stream of whole frames: a WebSocket in production, memory in tests. Frames leave in the order of the calls
 * of `send`, which resolves when what waits is below the sender's high-water mark (backpressure). Neither side copies
 * the frame; the sender must not touch it afterwards.
 * When the connection ends, `recv` first delivers what had arrived; then it and `send` reject with the code that the
 * partner gave to `close` (`fromPartner` set), or with `closed`. Both reject with `timeout` when nothing moves.
 */
export interface Frames {
  send(frame: Uint8Array): Promise<void>;
  /** One call may be pending at a time. */
  recv(): Promise<Uint8Array>;
  /** Ends the connection once what was sent has left; with a code, tells the partner why. Never rejects. */
  close(code?: string): Promise<void>;
}

/** A typed duplex channel: `Out` and `In` are the message types that this role may send and receive. */
export interface Channel<Out extends MessageType = MessageType, In extends MessageType = MessageType> {
  send(message: Message<Out>): Promise<void>;
  /** The next message, which must be of the type named; anything else is `unexpected`. */
  recv<T extends In>(type: T): Promise<Message<T>>;
}

/** Sends `data` in pieces of at most CHUNK_BYTES_MAX bytes; nothing at all for empty data. */
export async function sendBulk<T extends BulkType>(
  ch: Channel<NoInfer<T>, never>,
  type: T,
  data: Uint8Array,
): Promise<void> {
  for (let start = 0; start < data.length; start += CHUNK_BYTES_MAX) {
    await ch.send({ type, data: data.subarray(start, start + CHUNK_BYTES_MAX) } as unknown as Message<T>);
  }
}

/** Receives exactly `length` bytes sent by `sendBulk`; `length` follows from public sizes, never from the partner. */
export async function recvBulk<T extends BulkType>(
  ch: Channel<never, NoInfer<T>>,
  type: T,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const data = new Uint8Array(length);
  for (let start = 0; start < length; start += CHUNK_BYTES_MAX) {
    const piece = await recvPiece(ch, type);
    if (piece.length !== Math.min(CHUNK_BYTES_MAX, length - start)) throw new ProtocolError("count");
    data.set(piece, start);
  }
  return data;
}

/**
 * Both sides send and receive equally long data at the same time: neither waits with a piece for one of the partner's, so that two
 * full send buffers can never wait for each other.
 */
export async function exchangeBulk<T extends BulkType>(
  ch: Channel<NoInfer<T>, NoInfer<T>>,
  type: T,
  data: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const [theirs] = await Promise.all([recvBulk(ch, type, data.length), sendBulk(ch, type, data)]);
  return theirs;
}

async function recvPiece<T extends BulkType>(ch: Channel<never, NoInfer<T>>, type: T): Promise<Uint8Array> {
  return ((await ch.recv(type)) as unknown as { data: Uint8Array }).data;
}
