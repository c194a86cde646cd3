// The listener's links, so that a caller whose connection was lost comes back to its own.
import { detached, guarded, ignored, ProtocolError } from "@halfroom/wire";
import type { RawData, WebSocket } from "ws";
import { CLOSE_CODES } from "../close-codes.ts";
import { Buckets } from "../door/buckets.ts";
import type { DoorLimits } from "../door/limits.ts";
import type { TlsPeer } from "../tls-peer.ts";
import { decodeControl, encodeControl, type Control } from "./control.ts";
import { Link, type LinkLimits } from "./link.ts";

/** Most links of one caller that are over and are still known, for a caller that has not received the end. */
const ENDED_MAX = 64;
type Hello = Extract<Control, { type: "link" | "strand" }>;

/** The links of one caller: those that go on, and those that are over, oldest first. */
interface Own {
  readonly live: Set<string>;
  readonly ended: Set<string>;
}

export class Links {
  readonly #limits: LinkLimits;
  readonly #door: DoorLimits;
  readonly #meet: (link: Link, peer: TlsPeer) => void;
  readonly #links = new Map<string, Link>();
  /** By purpose and fingerprint. */
  readonly #callers = new Map<string, Own>();
  readonly #rate: Buckets;
  /** Those of partners. */
  #live = 0;
  #draining = false;

  /** `meet` is called once for each link. */
  constructor(limits: LinkLimits, door: DoorLimits, meet: (link: Link, peer: TlsPeer) => void) {
    this.#limits = limits;
    this.#door = door;
    this.#meet = meet;
    this.#rate = new Buckets(door.partnerConnectionsPerSecond);
  }

  get isFull(): boolean {
    return this.#live >= this.#door.connectionsMax;
  }

  /** From now on a caller can only come back to a link that was lost. */
  drain(): void {
    this.#draining = true;
  }

  /** Ends all links, those too whose connection is lost. */
  endAll(): void {
    for (const link of this.#links.values()) if (!link.settled) link.fail(new ProtocolError("closed"));
  }

  /** Takes a connection that has just opened, for a new link or for one that was lost. */
  greet(socket: WebSocket, peer: TlsPeer): void {
    const timer = setTimeout(() => socket.terminate(), this.#door.handshakeMs);
    socket.once("close", () => clearTimeout(timer));
    socket.on("error", () => {});
    const heard = (data: RawData, isBinary: boolean) => {
      clearTimeout(timer);
      const hello = isBinary ? undefined : helloOf(data as Buffer);
      if (hello === undefined) socket.close(CLOSE_CODES.malformed);
      else this.#open(socket, peer, hello);
    };
    socket.once(
      "message",
      guarded(heard, () => socket.close(CLOSE_CODES.internal)),
    );
  }

  #open(socket: WebSocket, peer: TlsPeer, hello: Hello): void {
    const { id } = hello;
    // The id is secret, and useless to anyone but the holder of the certificate.
    const caller = `${peer.purpose} ${peer.fingerprint}`;
    const key = `${caller} ${id}`;
    const known = this.#links.get(key);
    if (hello.type === "strand") {
      if (known?.takesStrand !== true) return socket.close(CLOSE_CODES.busy);
      socket.send(encodeControl(hello));
      return known.addStrand(socket);
    }
    const { received } = hello;
    if (known?.over !== undefined) return socket.close(known.over);
    // The link was lost for too long, or belonged to an earlier process of this side: its frames are gone.
    if (known === undefined && received > 0) return socket.close(CLOSE_CODES.closed);
    if (known === undefined && !this.#hasRoom(caller, peer)) return socket.close(CLOSE_CODES.busy);
    const link = known ?? this.#begin(key, caller, peer);
    link.detach();
    socket.send(encodeControl({ type: "link", id, received: link.received }));
    link.attach(socket, received);
    if (known === undefined) this.#meet(link, peer);
  }

  /** Guests are bounded as strangers are, by their connections. */
  #hasRoom(caller: string, { purpose }: TlsPeer): boolean {
    if (this.#draining) return false;
    if (purpose === "join") return true;
    const live = this.#callers.get(caller)?.live.size ?? 0;
    return (
      !this.isFull && live < this.#door.partnerConnectionsMax && this.#rate.take(caller, performance.now())
    );
  }

  #begin(key: string, caller: string, { purpose }: TlsPeer): Link {
    // A guest begins anew; a stranger's lost connection leaves nothing behind.
    const resumeMs = purpose === "join" ? 0 : this.#limits.resumeMs;
    const link = new Link({ ...this.#limits, resumeMs });
    const own = this.#callers.get(caller) ?? { live: new Set(), ended: new Set() };
    this.#callers.set(caller, own);
    own.live.add(key);
    if (purpose === "session") this.#live++;
    this.#links.set(key, link);
    const over = () => {
      own.live.delete(key);
      if (purpose === "session") this.#live--;
      own.ended.add(key);
      const forget = guarded(() => this.#forget(key, caller, own), ignored);
      setTimeout(forget, resumeMs).unref();
      const [oldest] = own.ended;
      if (own.ended.size > ENDED_MAX) this.#forget(oldest!, caller, own);
    };
    detached(() => link.closed.then(over), ignored);
    return link;
  }

  #forget(key: string, caller: string, own: Own): void {
    if (!own.ended.delete(key)) return;
    this.#links.delete(key);
    if (own.ended.size === 0 && own.live.size === 0) this.#callers.delete(caller);
  }
}

function helloOf(data: Buffer): Hello | undefined {
  try {
    const control = decodeControl(data);
    return control.type === "link" || control.type === "strand" ? control : undefined;
  } catch {
    return undefined;
  }
}
