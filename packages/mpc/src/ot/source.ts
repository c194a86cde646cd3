// Random oblivious transfers, whatever makes them (protocol-spec.md, section 10): the one interface through which protocols
// draw them, so that no protocol depends on a source. The agreement names the source; `establish.ts` is the one place that knows all
// there are.
//
// A draw is atomic: its corrections, then, in a source that has one, the check over all of them, masked by sacrificed transfers
// that the source makes beside those asked for. Only then does the draw resolve, so that no string is used before its check.
// The end that chooses sends and never waits for the other, which lets protocols choose one piece ahead; so the check is a
// non-interactive one that travels with the corrections. A source that has to talk to and fro does so in `prepare`, once a shard;
// nothing is sent then where what it prepared is drawn.
import type { Channel, MessageType } from "@halfroom/wire";
import type { Role } from "../parties.ts";
import type { OtState } from "./state.ts";

/** Messages that go from one side to the other while transfers are drawn. */
type OtMessage = "otCorrections";

/** The channel over which a shard's transfers are prepared. */
export type PrepareChannel = Channel<PrepareMessage, PrepareMessage>;
type PrepareMessage = OtMessage | "treeCorrections" | "silentMask" | "silentProof";

/** What a shard will draw of one supply: as many transfers, each draw rounded up to a multiple of 32, all of one kind: see `OtSender`. */
export interface Draw {
  readonly purpose: string;
  /** Those of a vector (`vectorDraw`) are not drawn by themselves: `sendingVector`, `receivingVector`. */
  readonly kind: "bits" | "blocks" | "correlated" | "vector";
  readonly transfers: number;
}

/** By direction: the role that learns both strings. Both parties know the same, from public sizes. */
export type Draws = Readonly<Record<Role, readonly Draw[]>>;

/** The channel of the side that learns both strings; `Sent` and `Received` are those of the protocol that draws. */
export type OtSenderChannel<Sent extends MessageType = never, Received extends MessageType = never> = Channel<
  Sent,
  OtMessage | Received
>;

/** The channel of the side that learns one string. */
export type OtReceiverChannel<
  Sent extends MessageType = never,
  Received extends MessageType = never,
> = Channel<OtMessage | Sent, Received>;

/** The channel of a protocol that draws in both directions. */
export type OtChannel<Sent extends MessageType = never, Received extends MessageType = Sent> = Channel<
  OtMessage | Sent,
  OtMessage | Received
>;

/** Strings as single bits, as vectors of ceil(n / 32) words; bits past n are random. */
export interface SenderBits {
  readonly zero: Uint32Array;
  readonly one: Uint32Array;
}
export interface ReceiverBits {
  readonly choices: Uint32Array;
  readonly chosen: Uint32Array;
}

/** Transfers before they are hashed: string 0 of each as a row of 4 words; string 1 is the row xor `delta`, the same for all of them. */
export interface SenderRows {
  readonly rows: Uint32Array;
  readonly delta: Uint32Array;
}
/** Choices, ceil(n / 32) words, and the chosen strings, n x 4 words. */
export interface ReceiverRows {
  readonly choices: Uint32Array;
  readonly rows: Uint32Array;
}

/**
 * A vector of oblivious linear evaluations in GF(2^128), n x 4 words a column: in each place a row of the receiver's is the sender's
 * plus `delta` times the receiver's factor, which is random. As with correlated transfers, nothing hides the rows but `delta`.
 */
export interface SenderVector {
  readonly rows: Uint32Array;
  readonly delta: Uint32Array;
}
export interface ReceiverVector {
  readonly factors: Uint32Array;
  readonly rows: Uint32Array;
}

/** One supply of random transfers, at the end that learns both strings. What it hands out it never hands out again. */
export interface OtSender {
  /** `count` transfers of 128-bit strings: count x 4 words each. Errors: `count`, `check`. */
  blocks(
    ch: OtSenderChannel,
    count: number,
  ): Promise<{ readonly zero: Uint32Array; readonly one: Uint32Array }>;
  /** `count` transfers of single bits. Errors: `count`, `check`. */
  bits(ch: OtSenderChannel, count: number): Promise<SenderBits>;
  /**
   * `count` transfers of 128-bit strings that nothing hides but `delta`, which serves again: whoever draws them hashes what it makes of
   * them, under a key of its own, before any of it is used. The rows may be memory of the supply. Errors: `count`, `check`.
   */
  correlated(ch: OtSenderChannel, count: number): Promise<SenderRows>;
}

/** One supply of random transfers, at the end that learns one string of each pair, by a random choice. */
export interface OtReceiver {
  /** `count` transfers of 128-bit strings: choices, ceil(count / 32) words, and the chosen strings, count x 4 words. */
  blocks(
    ch: OtReceiverChannel,
    count: number,
  ): Promise<{ readonly choices: Uint32Array; readonly chosen: Uint32Array }>;
  /** `count` transfers of single bits. */
  bits(ch: OtReceiverChannel, count: number): Promise<ReceiverBits>;
  /** `count` transfers before they are hashed. */
  correlated(ch: OtReceiverChannel, count: number): Promise<ReceiverRows>;
}

/** This party's ends of one supply in each direction. */
export interface OtEnds {
  readonly sending: OtSender;
  readonly receiving: OtReceiver;
}

/**
 * One party's transfers of a session, both directions. A supply is independent of every other: both parties open the same
 * ones, each (direction, purpose, shard) at most once in a session, and draw the same counts from it in the same order.
 */
export interface OtSource {
  /** Whether `prepare` makes what a shard draws, so that it costs nothing to send. Both parties know the same. */
  readonly prepares: boolean;
  /**
   * Makes what is drawn of a shard's supplies, where the source makes much at once; the supplies are opened afterwards, and others than those
   * named may be too. Both parties call it at the same place, at most once for a shard. Errors: `count`, `check`.
   */
  prepare(ch: PrepareChannel, shard: number, draws: Draws): Promise<void>;
  /** The supply of which this party learns both strings. */
  sending(purpose: string, shard: number): OtSender;
  /** The supply of which this party learns one string of each pair. */
  receiving(purpose: string, shard: number): OtReceiver;
  /** The vector that was prepared for a draw of this purpose, once. Errors: RangeError where there is none. */
  sendingVector(purpose: string, shard: number): SenderVector;
  receivingVector(purpose: string, shard: number): ReceiverVector;
  /**
   * Everything that supplies are made from, as plain data for `openOtSource` in another thread or on another machine. It is as
   * secret as the session's keys, and says nothing about which supplies have been opened.
   */
  state(): OtState;
}

/** Both ends of one purpose, for the steps in which each side is sender once. */
export function bothEnds(source: OtSource, purpose: string, shard: number): OtEnds {
  return { sending: source.sending(purpose, shard), receiving: source.receiving(purpose, shard) };
}
