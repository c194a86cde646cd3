// The listener's links, so that a caller whose connection was lost comes back to its own.
import type { WebSocket } from "ws";
import { CLOSE_CODES } from "../close-codes.ts";
import type { TlsPeer } from "../tls-peer.ts";
import { decodeControl, encodeControl, type Control } from "./control.ts";
import { Link, type LinkLimits } from "./link.ts";

/** Most links, including those that are lost or have just ended. */
const LINKS_MAX = 1024;
type Hello = Extract<Control, { type: "link" }>;

export class Links {
  readonly #limits: LinkLimits;
  readonly #helloMs: number;
  readonly #meet: (link: Link, peer: TlsPeer) => void;
  readonly #links = new Map<string, Link>();

  /** `meet` is called once for each link; a caller has `helloMs` for its first message. */
  constructor(limits: LinkLimits, helloMs: number, meet: (link: Link, peer: TlsPeer) => void) {
    this.#limits = limits;
    this.#helloMs = helloMs;
    this.#meet = meet;
  }

  /** Takes a connection that has just opened, for a new link or for one that was lost. */
  greet(socket: WebSocket, peer: TlsPeer): void {
    const timer = setTimeout(() => socket.terminate(), this.#helloMs);
    socket.once("close", () => clearTimeout(timer));
    socket.on("error", () => {});
    socket.once("message", (data, isBinary) => {
      clearTimeout(timer);
      const hello = isBinary ? undefined : helloOf(data as Buffer);
      if (hello === undefined) socket.close(CLOSE_CODES.malformed);
      else this.#open(socket, peer, hello);
    });
  }

  #open(socket: WebSocket, peer: TlsPeer, { id, received }: Hello): void {
    // The id is secret, and useless to anyone but the holder of the certificate.
    const key = `${peer.purpose} ${peer.fingerprint} ${id}`;
    const known = this.#links.get(key);
    if (known?.over !== undefined) return socket.close(known.over);
    // The link was lost for too long, or belonged to an earlier process of this side: its frames are gone.
    if (known === undefined && received > 0) return socket.close(CLOSE_CODES.closed);
    if (known === undefined && this.#links.size >= LINKS_MAX) return socket.close(CLOSE_CODES.busy);
    const link = known ?? this.#begin(key);
    link.detach();
    socket.send(encodeControl({ type: "link", id, received: link.received }));
    link.attach(socket, received);
    if (known === undefined) this.#meet(link, peer);
  }

  #begin(key: string): Link {
    const link = new Link(this.#limits);
    this.#links.set(key, link);
    // Kept for a while, for a caller that has not received the end.
    const forget = () => setTimeout(() => this.#links.delete(key), this.#limits.resumeMs).unref();
    void link.closed.then(forget);
    return link;
  }
}

function helloOf(data: Buffer): Hello | undefined {
  try {
    const control = decodeControl(data);
    return control.type === "link" ? control : undefined;
  } catch {
    return undefined;
  }
}
