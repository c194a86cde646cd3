// Key epochs of the OPRF (design section 2.2).

export interface Epoch {
  readonly partner: string;
  /** From 1. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endsAt: number;
  /** The OPRF's secret scalar, 32 bytes, and public key, 32 bytes. */
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** OPRF evaluations that the partner asks for in one session. */
export interface Grant {
  readonly partner: string;
  readonly epoch: number;
  /** The session id in hex; a session is granted once. */
  readonly session: string;
  readonly evaluations: number;
  /** The policy's bound for the whole epoch. */
  readonly evaluationsMax: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}
