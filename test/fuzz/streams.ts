// What a partner can say over time: frames on the session's stream and on lanes, and what arrives on the connections of a link. An
// input is a list of events, each a kind, a length and as many bytes.
import { EventEmitter } from "node:events";
import {
  MESSAGES,
  openChannel,
  ProtocolError,
  withHead,
  type Frames,
  type MessageType,
} from "@halfroom/wire";
import type { WebSocket } from "ws";
import { Link } from "../../packages/transport/src/link/link.ts";
import { Fault, type Target } from "./target.ts";

interface Event {
  readonly kind: number;
  readonly bytes: Uint8Array;
}

function eventsOf(input: Uint8Array): Event[] {
  const events: Event[] = [];
  for (let at = 0; at + 2 <= input.length;) {
    const end = at + 2 + input[at + 1]!;
    events.push({ kind: input[at]!, bytes: input.slice(at + 2, end) });
    at = end;
  }
  return events;
}

const event = (kind: number, bytes: string | Uint8Array) => {
  const own = Buffer.from(bytes as Uint8Array);
  return Buffer.concat([Uint8Array.of(kind, own.length), own]);
};
const textEvent = (kind: number, words: string) => event(kind, Buffer.from(words, "latin1"));

function assertOwn(error: unknown): void {
  if (!(error instanceof ProtocolError)) throw new Fault("no ProtocolError", { cause: error });
  if (error.code === "internal" && !error.fromPartner)
    throw new Fault("a partner's doing counts as a defect", { cause: error });
}

const LANES = 3;
const TYPES = Object.keys(MESSAGES) as MessageType[];

/** A session's stream and lanes, of which one is opened only once another has ended. */
async function runLanes(input: Uint8Array): Promise<void> {
  const arriving = eventsOf(input).map(({ bytes }) => bytes);
  const frames: Frames = {
    send: async () => {},
    recv: async () => {
      const frame = arriving.shift();
      if (frame === undefined) throw new ProtocolError("closed");
      return frame;
    },
    close: async () => {},
  };
  const ch = openChannel(frames, "receiver");
  ch.lanes.create(LANES);
  const untilEnd = async (one: () => Promise<unknown>) => {
    try {
      for (;;) await one();
    } catch (error) {
      assertOwn(error);
    }
  };
  const lane = (number: number) => {
    const own = withHead(ch.lanes.open(number), number);
    return untilEnd(() => own.recv());
  };
  await Promise.all([untilEnd(() => ch.recvOneOf(TYPES)), lane(0), lane(1).then(() => lane(2))]);
}

/** As far as a link uses a WebSocket. */
class Socket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  isPaused = false;
  bufferedAmount = 0;

  send(_data: unknown, ...rest: unknown[]): void {
    const done = rest.at(-1);
    if (typeof done === "function") queueMicrotask(() => done());
  }

  ping(): void {}

  close(): void {
    this.left(1005);
  }

  terminate(): void {
    this.left(1006);
  }

  left(code: number): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    queueMicrotask(() => this.emit("close", code, Buffer.alloc(0)));
  }
}

/** Longer than the events of an input take. */
const PATIENCE_MS = 60_000;

/** A link on either side; what its connections bring is the partner's, and this side sends, takes and ends as well. */
async function runLink(input: Uint8Array): Promise<void> {
  const events = eventsOf(input);
  let dialled = 0;
  const isCaller = ((events[0]?.kind ?? 0) & 0x80) === 0;
  const limits = { idleMs: PATIENCE_MS, resumeMs: PATIENCE_MS };
  const link = new Link(limits, isCaller ? () => dialled++ : undefined);
  const sockets: Socket[] = [];
  const open = () => {
    const socket = new Socket();
    sockets.push(socket);
    return socket as unknown as WebSocket;
  };
  const waits: Promise<unknown>[] = [];
  let isTaking = false;
  const take = () => {
    if (isTaking) return;
    isTaking = true;
    waits.push(link.recv().then(() => (isTaking = false), assertOwn));
  };
  link.attach(open(), 0);
  for (const { kind, bytes } of events) {
    const socket = sockets[(kind >> 4) % sockets.length]!;
    const isHeard = socket.readyState === 1;
    if (kind % 8 === 0 && isHeard) socket.emit("message", Buffer.from(bytes), false);
    else if (kind % 8 === 1 && isHeard) socket.emit("message", Buffer.from(bytes), true);
    else if (kind % 8 === 2) socket.left(bytes[0] === undefined ? 1006 : 4000 + bytes[0]);
    else if (kind % 8 === 3) link.addStrand(open());
    else if (kind % 8 === 4) waits.push(link.send(bytes).catch(assertOwn));
    else if (kind % 8 === 5) take();
    else if (kind % 8 === 6) link.attach(open(), bytes[0] ?? 0);
    else if (kind % 8 === 7 && bytes.length > 2) waits.push(link.close());
    if (bytes.length % 3 === 0) await Promise.resolve();
  }
  link.fail(new ProtocolError("closed"));
  for (const socket of sockets) socket.left(1006);
  await Promise.all([...waits, link.ended, link.closed]);
}

const propose = Buffer.from("9300cc0800", "hex");

export const STREAMS: readonly Target[] = [
  {
    name: "lanes",
    sources: /\/packages\/wire\//,
    words: ["\u00cd\u0000\u0000", "\u00cd\u0000\u0001", "\u00cd\u0000\u0002", "\u00cd\u0000\u0003"],
    seeds: [
      Buffer.concat([
        event(0, Uint8Array.of(0xcd, 0, 0, 9)),
        event(0, Uint8Array.of(0xcd, 0, 2, 9)),
        event(0, propose),
      ]),
      Buffer.concat([event(0, Uint8Array.of(0x93, 0, 0, 0xa0)), event(0, Uint8Array.of(0x93, 1, 0, 0xa0))]),
    ],
    batch: 64,
    run: runLanes,
  },
  {
    name: "link",
    sources: /\/packages\/transport\//,
    words: [
      "\u0000\u0004at 0",
      "\u0000\u0007taken 1",
      "\u0000\u000aend 1 1000",
      "\u0000\u0005ended",
      "\u0001\u0001x",
      "\u0004\u0001y",
    ],
    seeds: [
      Buffer.concat([textEvent(0, "at 0"), event(1, "frame"), event(5, ""), textEvent(0, "end 1 1000")]),
      Buffer.concat([
        event(4, "abc"),
        textEvent(0, "taken 1"),
        event(7, "end"),
        textEvent(0, "ended"),
        event(2, ""),
      ]),
      Buffer.concat([
        event(0x83, ""),
        textEvent(0x10, "at 1"),
        event(0x11, "two"),
        event(1, "one"),
        textEvent(0, "end 2 4003"),
        event(0x12, ""),
      ]),
      Buffer.concat([
        event(1, "one"),
        event(2, ""),
        event(6, "\u0000"),
        event(5, ""),
        textEvent(0x10, "taken 0"),
        event(2, "\u0003"),
      ]),
    ],
    batch: 64,
    run: runLink,
  },
];
