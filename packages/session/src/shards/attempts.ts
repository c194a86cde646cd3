// Which attempt of each shard counts (protocol-spec.md, section 11.0). A side that has lost the machine of a shard gives its attempt up
// and says so; the partner gives it up as well and answers with the same words, and both begin the next attempt, which has a lane and
// randomness of its own. A side says `shardsDone` once it has its shares of all shards, and again whenever an attempt began after that.
import { ATTEMPTS_MAX, ProtocolError, type Lanes, type OpenChannel } from "@halfroom/wire";
import { laneOf } from "./lane-numbers.ts";
import type { OwnStreams, StreamMessage } from "./own-streams.ts";

export interface AttemptsOptions {
  /** The channel on which both sides say which attempts there are. */
  readonly ch: OpenChannel;
  readonly lanes: Lanes;
  readonly shards: number;
  /** Those of first attempts, if these have streams of their own: the partner says where its ends are over the same channel. */
  readonly streams?: OwnStreams | undefined;
  /** Called when a shard's attempt was given up, by whichever side: it is to be run again. */
  readonly onAgain: (shard: number) => void;
}

export class Attempts {
  readonly #options: AttemptsOptions;
  readonly #attempts: Uint8Array;
  /** Of each shard, the attempt up to which the partner knows. */
  readonly #known: Uint8Array;
  /** Attempts that the partner has not confirmed. */
  #unanswered = 0;
  #isDone = false;
  /** The partner has all shares, and no attempt began since it said so. */
  #isPartnerDone = false;
  /** Settles what `settled` waits for, whenever something has changed. */
  #changed: () => void = () => {};

  constructor(options: AttemptsOptions) {
    this.#options = options;
    this.#attempts = new Uint8Array(options.shards);
    this.#known = new Uint8Array(options.shards);
  }

  /** Of each shard, the attempt that counts. */
  get all(): Uint8Array {
    return this.#attempts.slice();
  }

  /** The lane of the shard's attempt. */
  laneOf(shard: number): number {
    return laneOf(shard, this.#attempts[shard]!, this.#options.shards);
  }

  /** This side has lost what ran the shard. Errors: `lost`, if that was its last attempt. */
  async again(shard: number): Promise<void> {
    const attempt = this.#attempts[shard]! + 1;
    if (attempt >= ATTEMPTS_MAX) throw new ProtocolError("lost");
    this.#unanswered++;
    this.#begin(shard, attempt);
    await this.#options.ch.send({ type: "shardAgain", shard, attempt });
  }

  /** This side has its shares of all shards. */
  async done(): Promise<void> {
    this.#isDone = true;
    this.#changed();
    await this.#options.ch.send({ type: "shardsDone" });
  }

  /** Takes what the partner says until both sides have all shares of the same attempts. Errors: `unexpected`, and those of the channel. */
  async settled(): Promise<void> {
    while (!(this.#isDone && this.#isPartnerDone)) {
      // Then the partner says nothing before it hears of another attempt of ours.
      if (this.#isPartnerDone && this.#unanswered === 0) await this.#change();
      else await this.#take();
    }
  }

  /** Nothing more is said of attempts. */
  async close(): Promise<void> {
    await this.#options.ch.close();
  }

  async #change(): Promise<void> {
    await new Promise<void>((resolve) => (this.#changed = resolve));
  }

  async #take(): Promise<void> {
    const { ch, streams } = this.#options;
    const types = ["shardAgain", "shardsDone", ...(streams === undefined ? [] : [streams.theirs])] as const;
    const message = await ch.recvOneOf(types);
    if (message.type === "shardAgain") await this.#takeAgain(message.shard, message.attempt);
    // Said before it heard of an attempt, it is void.
    else if (message.type === "shardsDone") this.#isPartnerDone = this.#unanswered === 0;
    else this.#takeStream(message);
  }

  /** It may cross this side's word that the attempt is given up; behind the partner's own there is none. */
  #takeStream(message: StreamMessage): void {
    if ((this.#known[message.shard] ?? 0) > 0)
      throw new ProtocolError("unexpected", "a stream of an attempt that the partner has given up");
    this.#options.streams!.take(message);
  }

  async #takeAgain(shard: number, attempt: number): Promise<void> {
    const { ch, lanes, shards } = this.#options;
    if (shard >= shards || attempt !== this.#known[shard]! + 1)
      throw new ProtocolError("unexpected", "an attempt that is not the next one");
    this.#known[shard] = attempt;
    const isAnswer = attempt <= this.#attempts[shard]!;
    if (isAnswer) this.#unanswered--;
    else this.#begin(shard, attempt);
    lanes.end(laneOf(shard, attempt - 1, shards));
    if (!isAnswer) await ch.send({ type: "shardAgain", shard, attempt });
  }

  #begin(shard: number, attempt: number): void {
    this.#options.lanes.drop(this.laneOf(shard));
    this.#attempts[shard] = attempt;
    this.#isDone = false;
    this.#isPartnerDone = false;
    this.#options.onAgain(shard);
    this.#changed();
  }
}
