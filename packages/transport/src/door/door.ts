// The connections of a listener, from the moment that TCP has accepted them. A stranger costs a socket and a handshake: both are
// bounded, for each address and in all, and who has pinned a certificate here before is let in beside them.
import type { Socket } from "node:net";
import { guarded, ignored } from "@halfroom/wire";
import type { OtherThanTls } from "../first-bytes.ts";
import { addressGroup } from "./address-group.ts";
import { Buckets } from "./buckets.ts";
import type { DoorLimits } from "./limits.ts";

/**
 * Why a connection was dropped, all but one that is not pinned without a word. no-certificate: it ended, or its handshake did,
 * before one was shown. not-tls, not-tls-http, not-tls-proxy: what its first bytes are instead. other-protocol: TLS, but an older
 * version or without Halfroom's protocol. no-caller: a machine in front does not say for whom it calls. not-pinned: an unknown certificate. slow: not done in time. crowd: a newer one took its
 * place. unknown-stream: it names a stream that nobody awaits. rate: too many handshakes. partner: its partner has too many. full: all partners together have.
 */
export type TurnedAway =
  | "no-certificate"
  | OtherThanTls
  | "other-protocol"
  | "no-caller"
  | "not-pinned"
  | "slow"
  | "unknown-stream"
  | "crowd"
  | "rate"
  | "partner"
  | "full";

/** Addresses of each partner that are remembered. */
const KNOWN_ADDRESSES = 4;
/** Partners, or of a gateway addresses, of which they are. */
const KNOWN_MAX = 1024;
/** Longer than a stranger, or a first contact, may stay with a leader. */
const KEPT_MS = 60_000;
/** How long a caller that is turned away in words has to read them. */
const DISMISS_MS = 1000;
/** A lost connection counts until it is noticed, and the one that replaces it counts too. */
const CONNECTIONS_A_LINK = 2;
/** The name of the one bucket of all strangers. */
const EVERYBODY = "";

interface Stranger {
  readonly socket: Socket;
  readonly address: string;
  timer: NodeJS.Timeout;
  /** Let in for a while without a pinned certificate, or turned away in words: its end is no news. */
  isToldOf: boolean;
}

export class Door {
  readonly #limits: DoorLimits;
  readonly #onTurnedAway: (why: TurnedAway, fingerprint?: string) => void;
  readonly #addressRate: Buckets;
  readonly #strangerRate: Buckets;
  readonly #partnerRate: Buckets;
  /** By the ends of the connection, oldest first. */
  readonly #strangers = new Map<string, Stranger>();
  readonly #partners = new Map<string, Set<Socket>>();
  readonly #known = new Map<string, string[]>();
  #connections = 0;

  constructor(limits: DoorLimits, onTurnedAway: (why: TurnedAway, fingerprint?: string) => void) {
    this.#limits = limits;
    // A log that fails costs its line, and no connection.
    this.#onTurnedAway = guarded(onTurnedAway, ignored);
    this.#addressRate = new Buckets(limits.addressHandshakesPerSecond);
    this.#strangerRate = new Buckets(limits.handshakesPerSecond);
    this.#partnerRate = new Buckets(limits.addressHandshakesPerSecond);
  }

  /** Most sockets that are open at a time. */
  get socketsMax(): number {
    return this.#limits.strangersMax + CONNECTIONS_A_LINK * this.#limits.connectionsMax;
  }

  /** Whether another partner could not come in. */
  get isFull(): boolean {
    return this.#connections >= CONNECTIONS_A_LINK * this.#limits.connectionsMax;
  }

  /** Takes a connection that was just accepted, from the address `caller`; false if it was dropped instead. */
  enter(socket: Socket, caller: string): boolean {
    const address = addressGroup(caller);
    if (!this.#mayShakeHands(address)) {
      socket.destroy();
      this.#onTurnedAway("rate");
      return false;
    }
    const ends = endsOf(socket);
    const timer = this.#dropAfter(this.#limits.handshakeMs, ends, socket);
    this.#strangers.set(ends, { socket, address, timer, isToldOf: false });
    socket.on(
      "close",
      guarded(() => this.#gone(ends, socket), ignored),
    );
    this.#makeRoom(address);
    return true;
  }

  /** The connection's certificate is pinned. False if it was dropped: its partner, or all of them, have too many. */
  prove(connection: Socket, fingerprint: string): boolean {
    const ends = endsOf(connection);
    const stranger = this.#strangers.get(ends);
    if (stranger === undefined) return false;
    const { socket, address } = stranger;
    const own = this.#partners.get(fingerprint) ?? new Set();
    if (own.size >= CONNECTIONS_A_LINK * this.#limits.partnerConnectionsMax)
      return this.#drop(ends, "partner", fingerprint);
    if (this.isFull) return this.#drop(ends, "full", fingerprint);
    this.#admit(ends, socket, fingerprint);
    if (this.#partnerRate.take(fingerprint, performance.now())) this.#addressRate.refund(address);
    this.#know(fingerprint, address);
    return true;
  }

  /**
   * A gateway's: what begins as a partner does goes on to a leader, which asks who it is, and counts as the address's. False if it was
   * dropped: there are too many.
   */
  pass(connection: Socket): boolean {
    const ends = endsOf(connection);
    const stranger = this.#strangers.get(ends);
    if (stranger === undefined) return false;
    if (this.isFull) return this.#drop(ends, "full");
    const { socket, address } = stranger;
    this.#admit(ends, socket, address);
    // Strangers do not stay with a leader for so long.
    const kept = setTimeout(
      guarded(() => this.#know(address, address), ignored),
      KEPT_MS,
    );
    socket.once("close", () => clearTimeout(kept));
    return true;
  }

  /**
   * The connection names a stream that is awaited: it counts no more, as whoever awaits it bounds it. False if it has gone already.
   */
  release(connection: Socket): boolean {
    const ends = endsOf(connection);
    const stranger = this.#strangers.get(ends);
    if (stranger === undefined) return false;
    this.#forget(ends, stranger.socket);
    this.#addressRate.refund(stranger.address);
    return true;
  }

  /** A stranger who is let in all the same stays one, and has `ms` milliseconds from now on. */
  admitGuest(connection: Socket, ms: number): void {
    const ends = endsOf(connection);
    const stranger = this.#strangers.get(ends);
    if (stranger === undefined) return;
    stranger.isToldOf = true;
    clearTimeout(stranger.timer);
    stranger.timer = this.#dropAfter(ms, ends, stranger.socket);
  }

  /** Drops a stranger for a reason found elsewhere; nothing happens if it has gone already. */
  refuse(connection: Socket, why: TurnedAway, fingerprint?: string): void {
    this.#drop(endsOf(connection), why, fingerprint);
  }

  /**
   * The same after some words, for which the connection has a moment. What the stranger says meanwhile is thrown away unread:
   * left where it is, it would make TCP take the words back.
   */
  dismiss(connection: Socket, words: string, why: TurnedAway, fingerprint?: string): void {
    const stranger = this.#strangers.get(endsOf(connection));
    if (stranger === undefined) return;
    stranger.isToldOf = true;
    clearTimeout(stranger.timer);
    stranger.timer = setTimeout(() => stranger.socket.destroy(), DISMISS_MS);
    this.#onTurnedAway(why, fingerprint);
    connection.resume();
    connection.end(words);
  }

  /** Drops everybody. */
  clear(): void {
    for (const { socket } of this.#strangers.values()) socket.destroy();
    for (const sockets of this.#partners.values()) for (const socket of sockets) socket.destroy();
  }

  #mayShakeHands(address: string): boolean {
    const now = performance.now();
    if (!this.#addressRate.take(address, now)) return false;
    return this.#isKnown(address) || this.#strangerRate.take(EVERYBODY, now);
  }

  /** The oldest gives way: whoever is about to say who it is needs a moment, and whoever stays silent wants to stay. */
  #makeRoom(address: string): void {
    const ofAddress = this.#oldestFirst((stranger) => stranger.address === address);
    if (ofAddress.length > this.#limits.addressStrangersMax) this.#drop(ofAddress[0]!, "crowd");
    if (this.#strangers.size <= this.#limits.strangersMax) return;
    const [unknown] = this.#oldestFirst((stranger) => !this.#isKnown(stranger.address));
    this.#drop(unknown ?? this.#oldestFirst(() => true)[0]!, "crowd");
  }

  #oldestFirst(fits: (stranger: Stranger) => boolean): string[] {
    return [...this.#strangers].filter(([, stranger]) => fits(stranger)).map(([ends]) => ends);
  }

  #dropAfter(ms: number, ends: string, socket: Socket): NodeJS.Timeout {
    return setTimeout(
      guarded(
        () => this.#drop(ends, "slow"),
        () => socket.destroy(),
      ),
      ms,
    );
  }

  #drop(ends: string, why: TurnedAway, fingerprint?: string): false {
    const stranger = this.#strangers.get(ends);
    if (stranger === undefined) return false;
    this.#forget(ends, stranger.socket);
    stranger.socket.destroy();
    this.#onTurnedAway(why, fingerprint);
    return false;
  }

  #admit(ends: string, socket: Socket, whose: string): void {
    this.#forget(ends, socket);
    const own = this.#partners.get(whose) ?? new Set();
    this.#partners.set(whose, own.add(socket));
    this.#connections++;
    socket.once(
      "close",
      guarded(() => this.#left(socket, whose, own), ignored),
    );
  }

  #gone(ends: string, socket: Socket): void {
    const stranger = this.#strangers.get(ends);
    this.#forget(ends, socket);
    if (stranger?.socket === socket && !stranger.isToldOf) this.#onTurnedAway("no-certificate");
  }

  #forget(ends: string, socket: Socket): void {
    const stranger = this.#strangers.get(ends);
    if (stranger?.socket !== socket) return;
    clearTimeout(stranger.timer);
    this.#strangers.delete(ends);
  }

  #left(socket: Socket, fingerprint: string, own: Set<Socket>): void {
    own.delete(socket);
    this.#connections--;
    if (own.size === 0) this.#partners.delete(fingerprint);
  }

  #know(fingerprint: string, address: string): void {
    const others = (this.#known.get(fingerprint) ?? []).filter((known) => known !== address);
    // The last of the map is the one that came last.
    this.#known.delete(fingerprint);
    this.#known.set(fingerprint, [address, ...others].slice(0, KNOWN_ADDRESSES));
    const [oldest] = this.#known.keys();
    if (this.#known.size > KNOWN_MAX) this.#known.delete(oldest!);
  }

  #isKnown(address: string): boolean {
    for (const addresses of this.#known.values()) if (addresses.includes(address)) return true;
    return false;
  }
}

/** Both ends of the connection, which are the same for the socket of TCP and the one of TLS over it. */
function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
