// Frames that outlive their connection: when it is lost, the caller dials again and both ends send again what the other has
// not received, byte for byte (design section 3).
import { guarded, ProtocolError, type Frames } from "@halfroom/wire";
import { WebSocket, type RawData } from "ws";
import { CLOSE_CODES, CLOSE_DONE, closeCodeOf, errorOfClose } from "../close-codes.ts";
import { SendGate } from "../gate.ts";
import { keepAlive } from "../keep-alive.ts";
import { frameCost, FrameQueue } from "../queue.ts";
import { errorOfSocket, SOCKET_OPTIONS, type SocketLimits } from "../socket.ts";
import { startTimer } from "../timer.ts";
import { decodeControl, encodeControl, type Control } from "./control.ts";
import { EarlyFrames } from "./early-frames.ts";
import { SendRate } from "./send-rate.ts";
import { SentFrames, WINDOW_BYTES } from "./sent-frames.ts";

/** After how many taken bytes the partner is told. */
const TELL_BYTES = WINDOW_BYTES / 8;
/** Most connections of a link, the first included. */
const STRANDS_MAX = 8;
/** A strand gets no further frame while it has this much that the system has not taken. */
const STRAND_BYTES = 1 << 18;
/** The close code of a connection that ended without one (RFC 6455, section 7.1.5). */
const CLOSE_LOST = 1006;

export interface LinkLimits extends SocketLimits {
  /** How long a lost connection may stay lost; 0 if nothing is ever resumed. */
  readonly resumeMs: number;
}

/** The numbers of the next frames on one connection. */
interface Flow {
  /** Undefined until the partner says. */
  in: number | undefined;
  out: number | undefined;
}

/** Frames over a connection that may be lost and come back. */
export interface LinkFrames extends Frames {
  /** Resolves when no frame leaves or comes any more, whoever ended it. */
  readonly ended: Promise<void>;
  /** Whether its connection stands right now. */
  readonly isConnected: boolean;
  /** How many bytes a second the line has taken of what this side sent (`SendRate`); undefined if too few have left to say. */
  readonly bytesPerSecond: number | undefined;
}

export class Link implements LinkFrames {
  /** Resolves when the link is over and its connection gone. */
  readonly closed: Promise<void>;
  readonly ended: Promise<void>;
  readonly #limits: LinkLimits;
  readonly #onLost: (() => void) | undefined;
  readonly #sent = new SentFrames();
  readonly #rate = new SendRate();
  readonly #queue: FrameQueue;
  readonly #gate: SendGate;
  /** The first connection, which has the control messages. */
  #socket: WebSocket | undefined;
  /** Further ones, over which frames alone go, each as long as the first one lasts. */
  readonly #strands = new Set<WebSocket>();
  readonly #flows = new WeakMap<WebSocket, Flow>();
  readonly #early = new EarlyFrames();
  /** Moves on with each frame, so that connections take turns. */
  #turn = 0;
  /** The partner's `end`, while frames before it are still on their way over other connections. */
  #endAhead: Extract<Control, { type: "end" }> | undefined;
  #received = 0;
  #taken = 0;
  #untoldBytes = 0;
  /** This side's close code, once it has called `close`. */
  #ending: number | undefined;
  #endSent = false;
  /** The code for a caller that comes back once the link is over. */
  #over: number | undefined;
  #partnerEnded = false;
  /** Whether the partner has answered this side's `end`. */
  #endHeard = false;
  #settled = false;
  #cancelLost = () => {};
  #cancelStill = () => {};
  #resolveClosed = () => {};
  #resolveEnded = () => {};

  /** Only the caller has `onLost`, which dials again; it is called whenever the connection is lost too early. */
  constructor(limits: LinkLimits, onLost?: () => void) {
    this.#limits = limits;
    this.#onLost = onLost;
    this.#queue = new FrameQueue(limits.idleMs, () => {});
    this.#gate = new SendGate(limits.idleMs, () => this.#sent.bytes);
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
  }

  /** Frames received so far. */
  get received(): number {
    return this.#received;
  }

  /** Undefined as long as the link may be resumed, then the close code for whoever tries. */
  get over(): number | undefined {
    return this.#over;
  }

  /** Whether the link is over and needs no connection any more. */
  get settled(): boolean {
    return this.#settled;
  }

  get isConnected(): boolean {
    return this.#openSocket() !== undefined;
  }

  get bytesPerSecond(): number | undefined {
    return this.#rate.bytesPerSecond;
  }

  /** Drops the connections, if there are any: the partner has opened another. */
  detach(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.terminate();
    this.#dropStrands();
  }

  /** Whether a further connection may carry frames now. */
  get takesStrand(): boolean {
    return (
      this.#openSocket() !== undefined && this.#over === undefined && this.#strands.size + 1 < STRANDS_MAX
    );
  }

  /** Lets frames go over a further connection, which both ends have agreed on; it is lost with the first one, and that with it. */
  addStrand(socket: WebSocket): void {
    if (!this.takesStrand) return socket.terminate();
    this.#strands.add(socket);
    this.#flows.set(socket, { in: undefined, out: undefined });
    this.#listen(socket, (code) => this.#strandLeft(socket, code));
    this.#flush();
  }

  /** Resumes on an open connection; `received` is how many frames the partner says it has. */
  attach(socket: WebSocket, received: number): void {
    this.detach();
    socket.on("error", () => {});
    if (this.#over !== undefined && (this.#settled || !this.#partnerEnded)) return socket.close(this.#over);
    this.#cancelLost();
    this.#socket = socket;
    this.#endSent = false;
    this.#flows.set(socket, { in: this.#received, out: received });
    this.#listen(socket, (code) => this.#left(socket, code));
    if (!this.#sent.rewind(received)) return this.fail(new ProtocolError("malformed", "an impossible count"));
    if (this.#ending !== undefined) this.#giveUpWhenStill();
    if (this.#taken > 0) this.#tell();
    this.#flush();
  }

  async send(frame: Uint8Array): Promise<void> {
    if (this.#ending !== undefined) throw new ProtocolError("closed");
    this.#sent.push(frame);
    this.#flush();
    await this.#gate.wait(WINDOW_BYTES);
  }

  async recv(): Promise<Uint8Array> {
    const frame = await this.#queue.shift();
    this.#taken++;
    this.#untoldBytes += frameCost(frame);
    if (this.#untoldBytes >= TELL_BYTES) this.#tell();
    return frame;
  }

  async close(code?: string): Promise<void> {
    if (this.#ending === undefined) {
      this.#ending = closeCodeOf(code);
      this.#queue.end(new ProtocolError("closed"));
      this.#resolveEnded();
      this.#queue.clear();
      this.#takeAll();
      if (this.#over === undefined) this.#giveUpWhenStill();
      this.#flush();
    }
    await this.closed;
  }

  /** Ends the link for a reason found elsewhere, for example while dialling again. */
  fail(error: ProtocolError): void {
    this.#end(error);
    this.#finish(error.fromPartner ? CLOSE_DONE : CLOSE_CODES[error.code]);
  }

  /** As long as the socket is one of the link's, until it has closed. */
  #listen(socket: WebSocket, left: (code: number) => void): void {
    const isOurs = () => socket === this.#socket || this.#strands.has(socket);
    const failed = (error: ProtocolError) => this.fail(error);
    const wrong = (error: Error) => {
      if (isOurs() && errorOfSocket(error).code === "malformed") failed(errorOfSocket(error));
    };
    const heard = (data: RawData, isBinary: boolean) => {
      if (isOurs()) this.#receive(socket, data as Buffer, isBinary);
    };
    socket.on("error", guarded(wrong, failed));
    socket.on("close", guarded(left, failed));
    socket.on("message", guarded(heard, failed));
    keepAlive(socket, this.#limits.idleMs, () => socket.terminate());
  }

  #receive(socket: WebSocket, data: Buffer, isBinary: boolean): void {
    const flow = this.#flows.get(socket)!;
    if (isBinary) return this.#receiveFrame(flow, data);
    const control = decodeControl(data);
    if (control.type === "at") flow.in = control.count;
    else if (socket === this.#socket) this.#obey(control);
    else throw new ProtocolError("malformed", "a control message beside the first connection");
  }

  #receiveFrame(flow: Flow, frame: Buffer): void {
    if (this.#over !== undefined) return;
    const number = flow.in;
    if (number === undefined || number < this.#received || !this.#early.add(number, frame))
      throw new ProtocolError("malformed", "a frame without a number, or with one that was there before");
    flow.in = number + 1;
    for (let next = this.#early.take(this.#received); next; next = this.#early.take(this.#received)) {
      this.#received++;
      if (this.#ending === undefined) this.#queue.push(next);
    }
    if (this.#ending !== undefined) this.#takeAll();
    if (this.#queue.bytes + this.#early.bytes > WINDOW_BYTES)
      throw new ProtocolError("malformed", "more frames than the window holds");
    if (this.#endAhead?.count === this.#received) this.#partnerEnds(this.#endAhead);
  }

  #obey(control: Control): void {
    if (control.type === "taken") this.#forget(control.count);
    else if (control.type === "end") this.#partnerEnds(control);
    else if (control.type === "ended" && this.#endSent) {
      this.#endHeard = true;
      this.#finish(this.#ending!);
    } else throw new ProtocolError("malformed", "a control message out of turn");
  }

  #forget(count: number): void {
    if (!this.#sent.forget(count)) throw new ProtocolError("malformed", "an impossible count");
    if (this.#ending !== undefined && this.#over === undefined) this.#giveUpWhenStill();
    this.#flush();
    this.#gate.moved();
  }

  #partnerEnds(end: Extract<Control, { type: "end" }>): void {
    const { count, close } = end;
    this.#endAhead = undefined;
    if (count > this.#received && this.#strands.size > 0) {
      this.#endAhead = end;
      return;
    }
    if (count !== this.#received) throw new ProtocolError("malformed", "an impossible count");
    this.#say({ type: "ended" });
    this.#partnerEnded = true;
    this.#over ??= CLOSE_DONE;
    this.#end(errorOfClose(close));
    // The partner closes the connection once it has the answer.
    this.#stopWaiting();
    const timer = setTimeout(() => this.#socket?.terminate(), SOCKET_OPTIONS.closeTimeout);
    this.#cancelStill = () => clearTimeout(timer);
  }

  #tell(): void {
    this.#untoldBytes = 0;
    this.#say({ type: "taken", count: this.#taken });
  }

  #takeAll(): void {
    this.#taken = this.#received;
    this.#tell();
  }

  #say(control: Control): void {
    this.#openSocket()?.send(encodeControl(control));
  }

  #openSocket(): WebSocket | undefined {
    return this.#socket?.readyState === WebSocket.OPEN ? this.#socket : undefined;
  }

  /** Sends what the window allows, and `end` after the last frame. */
  #flush(): void {
    const socket = this.#openSocket();
    if (socket === undefined || this.#over !== undefined) return;
    const left = (bytes: number) =>
      guarded(
        (error?: Error | null) => this.#frameLeft(error instanceof Error ? 0 : bytes),
        (error) => this.fail(error),
      );
    for (;;) {
      const free = this.#nextSocket(socket);
      const number = this.#sent.nextNumber;
      const frame = free && this.#sent.next();
      if (frame === undefined) break;
      const flow = this.#flows.get(free!)!;
      if (flow.out !== number) free!.send(encodeControl({ type: "at", count: number }));
      this.#rate.handed();
      free!.send(frame, { binary: true }, left(frame.length));
      flow.out = number + 1;
    }
    if (this.#ending === undefined || this.#endSent || !this.#sent.allOut) return;
    this.#endSent = true;
    this.#say({ type: "end", count: this.#sent.count, close: this.#ending });
  }

  /** The system has taken a frame, or lost it with its connection: `bytes` is 0 then. */
  #frameLeft(bytes: number): void {
    this.#rate.taken(bytes);
    if (this.#strands.size > 0) this.#flush();
  }

  /**
   * The connection for the next frame; undefined while all strands have enough to send. Where there are strands, frames go over them
   * alone: a `taken` that waited behind frames of this side would hold up those of the partner, whose window it opens.
   */
  #nextSocket(first: WebSocket): WebSocket | undefined {
    if (this.#strands.size === 0) return first;
    const strands = [...this.#strands];
    const turn = this.#turn++;
    const inTurn = strands.map((_, i) => strands[(turn + i) % strands.length]!);
    return inTurn.find(
      (socket) => socket.readyState === WebSocket.OPEN && socket.bufferedAmount < STRAND_BYTES,
    );
  }

  /** A further connection that is lost takes the first one with it: what was on its way is sent again, over new ones. */
  #strandLeft(socket: WebSocket, code: number): void {
    if (!this.#strands.delete(socket) || this.#over !== undefined) return;
    if (code === CLOSE_LOST) this.#socket?.terminate();
    else this.fail(errorOfClose(code));
  }

  #dropStrands(): void {
    const strands = [...this.#strands];
    this.#strands.clear();
    this.#early.clear();
    this.#endAhead = undefined;
    for (const socket of strands) socket.terminate();
  }

  #left(socket: WebSocket, code: number): void {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    this.#dropStrands();
    this.#cancelStill();
    if (this.#over !== undefined && !this.#owesAnswer()) return this.#settle();
    if (code !== CLOSE_LOST) return this.fail(errorOfClose(code));
    if (this.#limits.resumeMs === 0) return this.fail(new ProtocolError("closed"));
    const words = "the connection was lost and did not come back in time";
    const failed = (error: ProtocolError) => this.fail(error);
    const late = guarded(() => failed(new ProtocolError("closed", words)), failed);
    const timer = setTimeout(late, this.#limits.resumeMs);
    this.#cancelLost = () => clearTimeout(timer);
    this.#onLost?.();
  }

  /** Whether this side is the caller and the partner may still wait for it to repeat that it received the end. */
  #owesAnswer(): boolean {
    return this.#partnerEnded && !this.#endHeard && this.#onLost !== undefined;
  }

  /** While this side ends, it does not wait forever for a stalled partner; after an error less long, as nothing depends on it. */
  #giveUpWhenStill(): void {
    this.#cancelStill();
    if (this.#socket === undefined) return;
    const { idleMs } = this.#limits;
    const patienceMs = this.#ending === CLOSE_DONE ? idleMs : Math.min(idleMs, SOCKET_OPTIONS.closeTimeout);
    const failed = (error: ProtocolError) => {
      this.fail(error);
      this.#socket?.terminate();
    };
    this.#cancelStill = startTimer(patienceMs, () => failed(new ProtocolError("timeout")), failed);
  }

  #stopWaiting(): void {
    this.#cancelLost();
    this.#cancelStill();
  }

  /** The link is over for this side; the connection is closed with `close`. */
  #finish(close: number): void {
    this.#over ??= close;
    this.#stopWaiting();
    for (const strand of this.#strands) strand.close(close);
    if (this.#socket === undefined) this.#settle();
    else this.#socket.close(close);
  }

  #end(error: ProtocolError): void {
    this.#queue.end(error);
    this.#gate.end(error);
    this.#resolveEnded();
  }

  #settle(): void {
    this.#stopWaiting();
    this.#end(new ProtocolError("closed"));
    this.#settled = true;
    this.#resolveClosed();
  }
}
