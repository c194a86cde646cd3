// Frames between the two roles of a replay. Each frame is compared, before it is delivered, with what its side sent in the session:
// so everything that a role has read when it sends is what it read then, and the first frame that differs is its own doing.
import { otherRole, type Role } from "@halfroom/mpc";
import { frameDigest, ProtocolError, type Frames, type MessageRecord } from "@halfroom/wire";
import type { Stream, StreamRecord } from "../link.ts";

/** A message of the session, as an auditor names it. */
export interface MessageName {
  readonly side: Role;
  readonly stream: Stream;
  readonly sequence: number;
  readonly type: MessageRecord["type"];
}

interface Expected extends MessageRecord {
  readonly stream: Stream;
}

/** How far a replay came. */
export type Stopped =
  /** This message is none that an honest node would have sent. */
  | { readonly why: "departure"; readonly message: MessageName }
  /** The session itself went no further: a side aborted, or the connection was lost. */
  | { readonly why: "end"; readonly by: MessageName | undefined };

/** MessagePack's mark of a 16-bit number begins the head of a lane's frame. */
const LANE_MARK = 0xcd;
const HEAD_BYTES = 3;
/** A sender waits while its partner has more than this to take. */
const WAITING_BYTES_HIGH = 1 << 21;
/** The lane of the streams that have no head. */
const NO_LANE = -1;

export class ComparedFrames {
  readonly ends: Readonly<Record<Role, Frames>>;
  readonly #expected: Readonly<Record<Role, ReadonlyMap<number, Expected[]>>>;
  readonly #pipes: Readonly<Record<Role, Pipe>> = { sender: new Pipe(), receiver: new Pipe() };
  #stopped: Stopped | undefined;
  #compared = 0;

  /** `records`: what each side kept of the session. */
  constructor(records: Readonly<Record<Role, readonly StreamRecord[]>>) {
    this.#expected = { sender: sentBy(records.sender), receiver: sentBy(records.receiver) };
    this.ends = { sender: this.#end("sender"), receiver: this.#end("receiver") };
  }

  get stopped(): Stopped | undefined {
    return this.#stopped;
  }

  /** Messages that were as an honest node sends them. */
  get compared(): number {
    return this.#compared;
  }

  /** The first message of `side` that was not compared, if there is one. */
  next(side: Role): MessageName | undefined {
    const [expected] = [...this.#expected[side].values()].flatMap((messages) => messages.slice(0, 1));
    return expected && nameOf(side, expected);
  }

  /** Frames for `side` that come from no replay of its partner; nothing follows them. */
  async deliver(side: Role, frames: readonly Uint8Array[]): Promise<void> {
    for (const frame of frames) await this.#pipes[side].put(frame);
    this.#pipes[side].end();
  }

  /** A role has ended for a reason of its own: the other waits for nothing. */
  giveUp(): void {
    for (const pipe of Object.values(this.#pipes)) pipe.end();
  }

  #end(side: Role): Frames {
    return {
      send: (frame) => this.#send(side, frame),
      recv: () => this.#pipes[side].take(),
      close: async () => {},
    };
  }

  async #send(side: Role, frame: Uint8Array): Promise<void> {
    if (this.#stopped !== undefined) throw new ProtocolError("closed");
    const lane = frame[0] === LANE_MARK ? (frame[1]! << 8) | frame[2]! : NO_LANE;
    const head = lane === NO_LANE ? 0 : HEAD_BYTES;
    const expected = this.#expected[side].get(lane)?.shift();
    if (expected === undefined) throw this.#stop({ why: "end", by: undefined });
    const message = nameOf(side, expected);
    if (expected.type === "abort") throw this.#stop({ why: "end", by: message });
    if (Buffer.compare(frameDigest(frame.subarray(head)), expected.digest) !== 0)
      throw this.#stop({ why: "departure", message });
    this.#compared++;
    await this.#pipes[otherRole(side)].put(frame);
  }

  #stop(stopped: Stopped): ProtocolError {
    this.#stopped ??= stopped;
    for (const pipe of Object.values(this.#pipes)) pipe.end();
    return new ProtocolError("closed");
  }
}

/** Everything from the statements on, by lane; a talk before them is no computation. */
function sentBy(record: readonly StreamRecord[]): Map<number, Expected[]> {
  const sent = new Map<number, Expected[]>();
  for (const { stream, messages } of record) {
    const lane = typeof stream === "number" ? stream : NO_LANE;
    const own = messages.filter(isComputed).map((message) => ({ ...message, stream }));
    sent.set(lane, [...(sent.get(lane) ?? []), ...own]);
  }
  return sent;
}

const TALK: ReadonlySet<MessageRecord["type"]> = new Set(["propose", "preview", "answer"]);

/** Sent by this side, and no part of coming to terms. */
export function isComputed({ direction, type }: MessageRecord): boolean {
  return direction === "sent" && !TALK.has(type);
}

function nameOf(side: Role, { stream, sequence, type }: Expected): MessageName {
  return { side, stream, sequence, type };
}

/** Frames on their way to one side. */
class Pipe {
  readonly #frames: Uint8Array[] = [];
  #bytes = 0;
  #ended = false;
  #reader: PromiseWithResolvers<void> | undefined;
  #writers: PromiseWithResolvers<void>[] = [];

  async put(frame: Uint8Array): Promise<void> {
    this.#frames.push(frame);
    this.#bytes += frame.length;
    this.#reader?.resolve();
    while (this.#bytes > WAITING_BYTES_HIGH && !this.#ended) {
      const room = deferred();
      this.#writers.push(room);
      await room.promise;
    }
  }

  async take(): Promise<Uint8Array> {
    while (this.#frames.length === 0) {
      if (this.#ended) throw new ProtocolError("closed");
      this.#reader = deferred();
      await this.#reader.promise;
    }
    const frame = this.#frames.shift()!;
    this.#bytes -= frame.length;
    for (const writer of this.#writers.splice(0)) writer.resolve();
    return frame;
  }

  end(): void {
    this.#ended = true;
    this.#reader?.resolve();
    for (const writer of this.#writers.splice(0)) writer.resolve();
  }
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

function deferred(): PromiseWithResolvers<void> {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
