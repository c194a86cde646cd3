// Frames between the two roles of a replay. Each frame is compared, before it is delivered, with what its side sent in the session:
// so everything that a role has read when it sends is what it read then, and the first frame that differs is its own doing. What a
// record calls a message counts for nothing; its digest does. A stream that ends early ends for itself alone: whatever follows from
// what was read elsewhere is still compared.
import { otherRole, ROLES, type Role } from "@halfroom/mpc";
import {
  encodeFrame,
  ERROR_CODES,
  frameDigest,
  ProtocolError,
  type Frames,
  type MessageRecord,
} from "@halfroom/wire";
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

/** Talk and session, which share their frames. */
const MAIN = "main";
type Lane = number | typeof MAIN;

/** A sender waits while its partner has more than this to take. */
const WAITING_BYTES_HIGH = 1 << 21;

export class ComparedFrames {
  readonly #expected: Readonly<Record<Role, ReadonlyMap<Lane, Expected[]>>>;
  readonly #pipes = new Map<string, Pipe>();
  /** Sides with a lane that did not come to its end, and those of them whose record of it did. */
  readonly #cut = new Set<Role>();
  readonly #short = new Set<Role>();
  #departure: MessageName | undefined;
  #over = false;
  #compared = 0;

  /** `records`: what each side kept of the session. */
  constructor(records: Readonly<Record<Role, readonly StreamRecord[]>>) {
    this.#expected = { sender: sentBy(records.sender), receiver: sentBy(records.receiver) };
  }

  /** The first message that no honest node would have sent. */
  get departure(): MessageName | undefined {
    return this.#departure;
  }

  /** Messages that were as an honest node sends them. */
  get compared(): number {
    return this.#compared;
  }

  /** The first message of `side` outside of lanes that was not compared and is no `abort`, if there is one. */
  next(side: Role): MessageName | undefined {
    const [expected] = this.#expected[side].get(MAIN) ?? [];
    return expected && !isAbort(expected) ? nameOf(side, expected) : undefined;
  }

  /** The `abort` with which `side` ended what was compared, if it did. */
  abortOf(side: Role): MessageName | undefined {
    const [expected] = this.#expected[side].get(MAIN) ?? [];
    return expected && isAbort(expected) ? nameOf(side, expected) : undefined;
  }

  /** Whether an honest node would have sent more over a lane than `side` did. */
  isShort(side: Role): boolean {
    return this.#short.has(side);
  }

  /** The end of `side` of a lane, or of talk and session. */
  end(side: Role, lane: Lane = MAIN): Frames {
    return {
      send: (frame) => this.#send(side, lane, frame),
      recv: () => this.#pipe(side, lane).take(),
      close: async () => {},
    };
  }

  /** `side` takes nothing more from the lane, and sends nothing more: it did not come to its end. */
  cut(side: Role, lane: number): void {
    for (const role of ROLES) this.#pipe(role, lane).end();
    this.#cut.add(side);
  }

  /** Frames for `side` that come from no replay of its partner; nothing follows them. */
  async deliver(side: Role, frames: readonly Uint8Array[]): Promise<void> {
    for (const frame of frames) await this.#pipe(side, MAIN).put(frame);
    this.#pipe(side, MAIN).end();
  }

  /** A role has ended early: the other still gets what was sent, and waits for nothing more. */
  giveUp(): void {
    this.#over = true;
    for (const pipe of this.#pipes.values()) pipe.end();
  }

  #pipe(reader: Role, lane: Lane): Pipe {
    const name = `${reader} ${lane}`;
    const known = this.#pipes.get(name);
    if (known !== undefined) return known;
    const pipe = new Pipe();
    if (this.#over) pipe.end();
    this.#pipes.set(name, pipe);
    return pipe;
  }

  async #send(side: Role, lane: Lane, frame: Uint8Array): Promise<void> {
    const expected = this.#expected[side].get(lane) ?? [];
    const [next] = expected;
    if (next === undefined && lane !== MAIN) this.#short.add(side);
    // With a lane that ended early a side cannot know what it would have sent after it.
    const isCut = lane === MAIN && this.#cut.has(side);
    if (this.#departure === undefined && next !== undefined && !isCut) {
      if (Buffer.compare(frameDigest(frame), next.digest) === 0) {
        expected.shift();
        this.#compared++;
        await this.#pipe(otherRole(side), lane).put(frame);
        return;
      }
      if (!isAbort(next)) this.#depart(nameOf(side, next));
    }
    this.#pipe(otherRole(side), lane).end();
    throw new ProtocolError("closed");
  }

  #depart(message: MessageName): void {
    this.#departure = message;
    this.giveUp();
  }
}

/** Everything from the statements on, by lane; a talk before them is no computation. */
function sentBy(record: readonly StreamRecord[]): Map<Lane, Expected[]> {
  const sent = new Map<Lane, Expected[]>();
  for (const { stream, messages } of record) {
    const lane = typeof stream === "number" ? stream : MAIN;
    const own = computedOf({ stream, messages }).map((message) => ({ ...message, stream }));
    sent.set(lane, [...(sent.get(lane) ?? []), ...own]);
  }
  return sent;
}

const TALK: ReadonlySet<MessageRecord["type"]> = new Set(["propose", "preview", "answer"]);

/** What this side sent over the stream, but for coming to terms. */
export function computedOf({ stream, messages }: StreamRecord): readonly MessageRecord[] {
  const isOfTalk = ({ type }: MessageRecord) => stream === "talk" && TALK.has(type);
  return messages.filter((message) => message.direction === "sent" && !isOfTalk(message));
}

/** Whether the message is an `abort`, whatever the record calls it. */
function isAbort({ sequence, digest }: MessageRecord): boolean {
  return Object.keys(ERROR_CODES).some((code) => {
    const frame = encodeFrame(sequence, { type: "abort", code });
    return Buffer.compare(frameDigest(frame), digest) === 0;
  });
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
