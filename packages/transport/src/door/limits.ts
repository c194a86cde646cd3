// What a listener lets in before and after it knows who calls.

export interface DoorLimits {
  /** Connections that have not shown a pinned certificate, in all. */
  readonly strangersMax: number;
  /** Those of one address (of IPv6: of one network of 64 bits). */
  readonly addressStrangersMax: number;
  /** Milliseconds until a connection must have shown its certificate; then again for its upgrade, and for its first message. */
  readonly handshakeMs: number;
  /** Handshakes a second that are begun for addresses from which no pinned certificate came lately, together. */
  readonly handshakesPerSecond: number;
  /** Handshakes a second that are begun for one address; those of pinned certificates are not counted. */
  readonly addressHandshakesPerSecond: number;
  /** Links of all partners at a time. */
  readonly connectionsMax: number;
  /** Links of one partner at a time. */
  readonly partnerConnectionsMax: number;
  /** New links a second of one partner. */
  readonly partnerConnectionsPerSecond: number;
}

/** What holds where nothing else is said. */
export const DOOR_LIMITS: DoorLimits = {
  strangersMax: 128,
  addressStrangersMax: 16,
  handshakeMs: 10_000,
  handshakesPerSecond: 100,
  addressHandshakesPerSecond: 20,
  connectionsMax: 256,
  partnerConnectionsMax: 16,
  partnerConnectionsPerSecond: 5,
};
