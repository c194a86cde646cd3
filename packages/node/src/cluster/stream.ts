// The stream between a leader and a worker for one attempt of a shard, over a WebSocket: the frames of the shard's lane both ways, as binary
// messages, unless the shard has a stream of its own to the partner; and as text what the two tell each other. Between the machines of one
// company only; the partner sees none of it.
//
//     match | aggregate                   that stage begins
//     listens NAME FINGERPRINT HOST:PORT  the worker awaits the partner's end of the shard's own stream: its name, and where it is dialled
//     dials FINGERPRINT                   the worker is ready to dial it
//     partner FINGERPRINT [NAME]          from the leader: the partner's end, with its name if it is dialled
//     result                              the result lies in the share
//     failed CODE                         the shard's protocol failed, with a code of section 5 of the protocol
//     worker-failed                       the worker failed, and the shard's protocol did not
//     unopened | stream-lost              there was no stream of the shard's own to have; it was lost
import { SocketEnd, SocketMessages } from "@halfroom/transport";
import { isErrorCode, type ErrorCode } from "@halfroom/wire";
import type { WebSocket } from "ws";

export type StreamMessage =
  | { readonly frame: Uint8Array }
  | { readonly stage: "match" | "aggregate" }
  | { readonly listens: ListeningEnd }
  | { readonly dials: { readonly fingerprint: string } }
  | { readonly partner: PartnersEnd }
  | { readonly end: (typeof ENDS)[number] }
  | { readonly failed: ErrorCode };

/** A name and a fingerprint, in hexadecimal digits, and HOST:PORT. */
export interface ListeningEnd {
  readonly name: string;
  readonly fingerprint: string;
  readonly address: string;
}
export interface PartnersEnd {
  readonly fingerprint: string;
  readonly name: string | undefined;
}

/** How a worker's part ends without an error of the protocol. */
const ENDS = ["result", "worker-failed", "unopened", "stream-lost"] as const;
const FAILED = "failed ";
const LISTENS = /^listens ([0-9a-f]{32}) ([0-9a-f]{64}) (\S{1,255})$/;
const DIALS = /^dials ([0-9a-f]{64})$/;
const PARTNER = /^partner ([0-9a-f]{64})(?: ([0-9a-f]{32}))?$/;

/** A machine that is paused or cut off is noticed after about 10 s. */
const IDLE_MS = 20_000;

export { SocketEnd as StreamEnd };

export class Stream {
  readonly #messages: SocketMessages;

  constructor(ws: WebSocket) {
    this.#messages = new SocketMessages(ws, IDLE_MS);
  }

  /** Resolves once there is room for more. Errors: StreamEnd, as of all that follow. */
  async sendFrame(frame: Uint8Array): Promise<void> {
    await this.#messages.send(frame);
  }

  async sendStage(stage: "match" | "aggregate"): Promise<void> {
    await this.#messages.send(stage);
  }

  async sendListens({ name, fingerprint, address }: ListeningEnd): Promise<void> {
    await this.#messages.send(`listens ${name} ${fingerprint} ${address}`);
  }

  async sendDials(fingerprint: string): Promise<void> {
    await this.#messages.send(`dials ${fingerprint}`);
  }

  async sendPartner({ fingerprint, name }: PartnersEnd): Promise<void> {
    await this.#messages.send(`partner ${fingerprint}${name === undefined ? "" : ` ${name}`}`);
  }

  async sendEnd(end: (typeof ENDS)[number]): Promise<void> {
    await this.#messages.send(end);
  }

  async sendFailure(code: ErrorCode): Promise<void> {
    await this.#messages.send(FAILED + code);
  }

  /** One call may be pending at a time. Errors: StreamEnd, once all that arrived was taken. */
  async recv(): Promise<StreamMessage> {
    const { data, isBinary } = await this.#messages.recv();
    if (isBinary) return { frame: data };
    const message = decode(data.toString("latin1"));
    if (message !== undefined) return message;
    this.close();
    throw new SocketEnd("a message between machines is not in its form");
  }

  /** At once; what waits to be sent is lost. */
  close(): void {
    this.#messages.close();
  }

  /** Ends it once what was sent has left. */
  finish(): void {
    this.#messages.finish();
  }
}

function decode(text: string): StreamMessage | undefined {
  if (text === "match" || text === "aggregate") return { stage: text };
  const end = ENDS.find((each) => each === text);
  if (end !== undefined) return { end };
  const listens = LISTENS.exec(text);
  if (listens !== null)
    return { listens: { name: listens[1]!, fingerprint: listens[2]!, address: listens[3]! } };
  const dials = DIALS.exec(text);
  if (dials !== null) return { dials: { fingerprint: dials[1]! } };
  const partner = PARTNER.exec(text);
  if (partner !== null) return { partner: { fingerprint: partner[1]!, name: partner[2] } };
  const code = text.slice(FAILED.length);
  return text.startsWith(FAILED) && isErrorCode(code) ? { failed: code } : undefined;
}
