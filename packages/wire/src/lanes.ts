// Lanes: numbered streams of frames beside the session's own, over the same connection, so that shards run side by side
// (protocol-spec.md, section "Lanes"), one for each attempt of a shard. A lane's frame follows a head of three bytes, which no other frame begins with.
import type { Frames } from "./channel.ts";
import { ProtocolError } from "./errors.ts";
import { LANES_MAX } from "./limits.ts";
import { detached } from "./unawaited.ts";

/** MessagePack's mark of a 16-bit number; the session's own frames begin with that of a short array. */
const LANE_MARK = 0xcd;
/** Of a lane's frame, before the frame itself. */
export const LANE_HEAD_BYTES = 3;
/** Nothing more is taken from the connection while a lane holds this much that its reader has not taken. */
const LANE_BYTES_HIGH = 1 << 22;
/** What a lane may hold before this side has opened it: the first small message of a shard. */
const AHEAD_BYTES_MAX = 4096;
const SESSION = -1;

interface Stream {
  readonly frames: Uint8Array[];
  bytes: number;
  waiting: { resolve(frame: Uint8Array): void; reject(error: unknown): void } | undefined;
}

const newStream = (): Stream => ({ frames: [], bytes: 0, waiting: undefined });

/**
 * Shares a connection out among the session's own stream and lanes. It reads only while somebody waits for a frame, and not
 * while a lane is full: memory stays bounded, and since every protocol step goes on taking while it waits for room to send, a lane
 * does not stay full.
 */
export class Lanes {
  /** The session's own stream. */
  readonly own: Frames;
  readonly #frames: Frames;
  readonly #streams = new Map([[SESSION, newStream()]]);
  readonly #opened = new Set<number>();
  /** Lanes whose frames are taken and thrown away. */
  readonly #dropped = new Set<number>();
  /** Lanes that exist. */
  #count = 0;
  #reading = false;
  #failure: { readonly error: ProtocolError } | undefined;
  #bytesSent = 0;
  #bytesReceived = 0;

  constructor(frames: Frames) {
    this.#frames = frames;
    this.own = {
      send: (frame) => frames.send(frame),
      recv: () => this.#recv(SESSION),
      close: (code) => frames.close(code),
    };
  }

  /** Bytes of all lanes so far, heads included. */
  get bytesSent(): number {
    return this.#bytesSent;
  }

  get bytesReceived(): number {
    return this.#bytesReceived;
  }

  /** From here on there are lanes 0 to `count` - 1; both sides agree on the number. */
  create(count: number): void {
    if (count > LANES_MAX || this.#count > 0)
      throw new ProtocolError("internal", "lanes are created once, and at most LANES_MAX of them");
    this.#count = count;
  }

  /** No frame may come over these lanes: what they would carry goes elsewhere. */
  exclude(lanes: Iterable<number>): void {
    for (const lane of lanes) this.#opened.add(lane);
  }

  /** Counts bytes that went elsewhere in the place of a lane. */
  count(sent: number, received: number): void {
    this.#bytesSent += sent;
    this.#bytesReceived += received;
  }

  /** Opens a lane, once. Its frames carry their heads (`withHead` adds them and takes them off); closing ends the lane alone. */
  open(lane: number): Frames {
    if (!(lane < this.#count) || this.#opened.has(lane)) throw new ProtocolError("internal", "no such lane");
    this.#opened.add(lane);
    if (!this.#streams.has(lane)) this.#streams.set(lane, newStream());
    return {
      send: async (frame) => {
        if (!this.#streams.has(lane)) throw new ProtocolError("closed");
        this.#bytesSent += frame.length;
        await this.#frames.send(frame);
      },
      recv: async () => {
        const frame = await this.#recv(lane);
        this.#bytesReceived += frame.length;
        return frame;
      },
      close: async () => this.#close(lane),
    };
  }

  /** Gives a lane up, whether it is open or not: nothing more leaves over it, and what still comes is thrown away until `end`. */
  drop(lane: number): void {
    this.#opened.add(lane);
    this.#dropped.add(lane);
    this.#close(lane);
  }

  /** From here on a lane that was given up is over: the partner sends nothing more over it. */
  end(lane: number): void {
    this.#dropped.delete(lane);
  }

  #close(lane: number): void {
    this.#streams.get(lane)?.waiting?.reject(new ProtocolError("closed"));
    this.#streams.delete(lane);
    this.#read();
  }

  async #recv(lane: number): Promise<Uint8Array> {
    const stream = this.#streams.get(lane);
    if (stream === undefined) throw new ProtocolError("closed");
    const frame = stream.frames.shift();
    if (frame !== undefined) {
      stream.bytes -= frame.length;
      this.#read();
      return frame;
    }
    if (this.#failure !== undefined) throw this.#failure.error;
    if (stream.waiting !== undefined) throw new ProtocolError("internal", "two receives at the same time");
    return await new Promise((resolve, reject) => {
      stream.waiting = { resolve, reject };
      this.#read();
    });
  }

  /** Keeps reading while it should, one frame at a time. */
  #read(): void {
    if (this.#reading || !this.#shouldRead()) return;
    this.#reading = true;
    detached(
      () => this.#readOn(),
      (error) => {
        this.#reading = false;
        this.#fail(error);
      },
    );
  }

  async #readOn(): Promise<void> {
    do this.#deliver(await this.#frames.recv());
    while (this.#shouldRead());
    this.#reading = false;
  }

  #shouldRead(): boolean {
    if (this.#failure !== undefined) return false;
    let waiting = false;
    for (const stream of this.#streams.values()) {
      if (stream.bytes > LANE_BYTES_HIGH) return false;
      waiting ||= stream.waiting !== undefined;
    }
    return waiting;
  }

  #deliver(frame: Uint8Array): void {
    const lane = this.#laneOf(frame);
    if (this.#dropped.has(lane)) return;
    const stream = this.#streams.get(lane) ?? this.#ahead(lane);
    if (stream === undefined) {
      this.#fail(new ProtocolError("unexpected", "a frame of a lane that is not open"));
      return;
    }
    const { waiting } = stream;
    stream.waiting = undefined;
    if (waiting !== undefined) {
      waiting.resolve(frame);
      return;
    }
    stream.frames.push(frame);
    stream.bytes += frame.length;
    if (lane !== SESSION && !this.#opened.has(lane) && stream.bytes > AHEAD_BYTES_MAX)
      this.#fail(new ProtocolError("unexpected", "more on a lane than may come before it is opened"));
  }

  #laneOf(frame: Uint8Array): number {
    return this.#count === 0 ? SESSION : (laneInHead(frame) ?? SESSION);
  }

  /** The stream of a lane that the partner has opened first. */
  #ahead(lane: number): Stream | undefined {
    if (lane >= this.#count || this.#opened.has(lane)) return undefined;
    const stream = newStream();
    this.#streams.set(lane, stream);
    return stream;
  }

  /** What has arrived is still delivered, then the error. The first one stays. */
  #fail(error: ProtocolError): void {
    this.#failure ??= { error };
    for (const stream of this.#streams.values()) {
      stream.waiting?.reject(this.#failure.error);
      stream.waiting = undefined;
    }
  }
}

/** The lane that a frame's head names; undefined for a frame without one. */
export function laneInHead(frame: Uint8Array): number | undefined {
  if (frame[0] !== LANE_MARK || frame.length < LANE_HEAD_BYTES) return undefined;
  return (frame[1]! << 8) | frame[2]!;
}

/** Frames of one lane without their heads, over frames that carry them. */
export function withHead(frames: Frames, lane: number): Frames {
  return {
    async send(frame) {
      const headed = new Uint8Array(LANE_HEAD_BYTES + frame.length);
      headed[0] = LANE_MARK;
      headed[1] = lane >>> 8;
      headed[2] = lane & 0xff;
      headed.set(frame, LANE_HEAD_BYTES);
      await frames.send(headed);
    },
    recv: async () => (await frames.recv()).subarray(LANE_HEAD_BYTES),
    close: (code) => frames.close(code),
  };
}
