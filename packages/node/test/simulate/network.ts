// The line between the two nodes: frames in memory that take their time, in an order of their own on each connection, until the
// connection is cut. What a node's link makes good by itself, a connection that comes back, is a frame that comes late.
import { closeCodeOf, errorOfClose, type TlsConnection } from "@halfroom/transport";
import { decodeFrame, ProtocolError, type MessageType } from "@halfroom/wire";
import { Gone, lives, type Life, type Machine } from "./machine.ts";
import type { Works } from "../../src/run/works.ts";

type LinkFrames = TlsConnection["frames"];

const RETRY_MS = 500;
const HANDSHAKE_MS = 5;

/** A node that can be reached. */
export interface Host {
  readonly fingerprint: string;
  /** Undefined while it is down. */
  readonly life: Life | undefined;
  /** Called in the host's own life. */
  meet(connection: TlsConnection): void;
}

export class Network {
  readonly hosts = new Map<string, Host>();
  /** Milliseconds that a frame takes. */
  delayMs: () => number = () => 1;
  /** After how many frames, of both directions together, the next connection is cut. */
  cutAfter: () => number = () => Infinity;
  /** Told before a frame leaves. */
  onSend: (life: Life, type: MessageType) => void = () => undefined;
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** What dials, for the node of this fingerprint. */
  connectFrom(caller: string): Works["connect"] {
    return async ({ address, purpose, waitMs, idleMs, resumeMs }) => {
      const deadline = this.#machine.now + waitMs;
      for (;;) {
        await this.#machine.wait(HANDSHAKE_MS);
        const host = this.hosts.get(address);
        if (host?.life !== undefined && !host.life.isOver) {
          const [near, far] = this.#connect(lives.getStore()!, host.life, idleMs, resumeMs);
          const connection = { frames: far, peer: peerOf(caller, purpose) };
          lives.run(host.life, () => this.#machine.after(0, () => host.meet(connection)));
          return { frames: near, peer: peerOf(host.fingerprint, purpose) };
        }
        if (this.#machine.now + RETRY_MS > deadline)
          throw new ProtocolError("timeout", `nobody answers at ${address}`);
        await this.#machine.wait(RETRY_MS);
      }
    };
  }

  #connect(caller: Life, callee: Life, idleMs: number, resumeMs: number): [End, End] {
    const wire: Wire = { machine: this.#machine, network: this, left: this.cutAfter(), idleMs, resumeMs };
    const near = new End(wire, caller);
    const far = new End(wire, callee);
    near.join(far);
    far.join(near);
    return [near, far];
  }
}

interface Wire {
  readonly machine: Machine;
  readonly network: Network;
  readonly idleMs: number;
  readonly resumeMs: number;
  /** Frames that still pass. */
  left: number;
}

class End implements LinkFrames {
  readonly #wire: Wire;
  readonly #life: Life;
  #partner: End = this;
  readonly #arrived: Uint8Array[] = [];
  #waiting: { resolve(frame: Uint8Array): void; reject(error: Error): void } | undefined;
  #stopIdle = () => {};
  /** Why nothing comes any more, once all that arrived is taken. */
  #error: ProtocolError | undefined;
  #closing = false;
  /** When the last frame sent will have arrived: frames do not overtake each other. */
  #lastAt = 0;
  #resolveClosed: () => void = () => {};
  isConnected = true;
  readonly bytesPerSecond = undefined;
  #resolveEnded: () => void = () => {};
  readonly ended = new Promise<void>((resolve) => (this.#resolveEnded = resolve));
  readonly #closed = new Promise<void>((resolve) => (this.#resolveClosed = resolve));

  constructor(wire: Wire, life: Life) {
    this.#wire = wire;
    this.#life = life;
    // The partner of a process that is gone waits for it to come back.
    life.onEnd(() => this.#partner.#loses());
  }

  join(partner: End): void {
    this.#partner = partner;
  }

  async send(frame: Uint8Array): Promise<void> {
    if (this.#life.isOver) throw new Gone();
    if (this.#closing) throw new ProtocolError("closed");
    if (this.#error !== undefined) throw this.#error;
    const { network } = this.#wire;
    network.onSend(this.#life, typeOf(frame));
    const copy = new Uint8Array(frame);
    this.#later(() => this.#partner.#takes(copy));
  }

  async recv(): Promise<Uint8Array> {
    const next = this.#arrived.shift();
    if (next !== undefined) return next;
    if (this.#error !== undefined) throw this.#error;
    return await new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      const { machine, idleMs } = this.#wire;
      this.#stopIdle = lives.run(this.#life, () =>
        machine.after(idleMs, () => this.#ends(new ProtocolError("timeout"))),
      );
    });
  }

  async close(code?: string): Promise<void> {
    if (this.#life.isOver) throw new Gone();
    if (this.#closing) return await this.#closed;
    this.#closing = true;
    const wasOver = this.#error !== undefined;
    this.#arrived.length = 0;
    this.#ends(new ProtocolError("closed"));
    if (wasOver) return this.#resolveClosed();
    this.#later(() => {
      this.#partner.#ends(errorOfClose(closeCodeOf(code)));
      this.#partner.#resolveClosed();
      this.#later(() => this.#resolveClosed());
    });
    await this.#closed;
  }

  /** Once what was sent before has arrived, unless the connection is cut. */
  #later(work: () => void): void {
    const { machine, network } = this.#wire;
    if (this.#wire.left-- <= 0) {
      if (this.#wire.left === -1) machine.tell("cut");
      this.#loses();
      this.#partner.#loses();
      return;
    }
    this.#lastAt = Math.max(this.#lastAt + 0.001, machine.now + network.delayMs());
    lives.exit(() => machine.after(this.#lastAt - machine.now, () => work()));
  }

  /** The connection does not come back in time. */
  #loses(): void {
    const { machine, resumeMs } = this.#wire;
    this.isConnected = false;
    const words = "the connection was lost and did not come back in time";
    const give = () => {
      this.#ends(new ProtocolError("closed", words));
      this.#resolveClosed();
    };
    lives.exit(() => machine.after(resumeMs * (0.5 + machine.chance.number()), give));
  }

  #takes(frame: Uint8Array): void {
    if (this.#life.isOver || this.#error !== undefined) return;
    const waiting = this.#waiting;
    if (waiting === undefined) return void this.#arrived.push(frame);
    this.#waiting = undefined;
    this.#stopIdle();
    waiting.resolve(frame);
  }

  #ends(error: ProtocolError): void {
    if (this.#life.isOver || this.#error !== undefined) return;
    this.#error = error;
    this.isConnected = false;
    this.#resolveEnded();
    this.#stopIdle();
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}

/** Nobody looks at the certificate behind a fingerprint once it is pinned. */
function peerOf(fingerprint: string, purpose: TlsConnection["peer"]["purpose"]): TlsConnection["peer"] {
  return { fingerprint, purpose, certificate: undefined as never };
}

/** Of a frame of the session's own channel. */
function typeOf(frame: Uint8Array): MessageType {
  return decodeFrame(frame).message.type;
}
