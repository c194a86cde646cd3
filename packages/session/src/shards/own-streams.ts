// Streams of their own for first attempts (protocol-spec.md, section 11.0): both sides say over the lane of attempts where their ends of each
// are, and whoever runs the shards brings the stream about. What goes over it is what would go over the lane.
import { guarded, ProtocolError, type Message, type OpenChannel } from "@halfroom/wire";
import { LostShard } from "./runner.ts";

/** What a side says of its end of a stream. */
export interface StreamEnd {
  /** 16 bytes by which it is dialled, once; undefined of the side that dials. */
  readonly name: Uint8Array | undefined;
  /** SHA-256 of the certificate, 32 bytes. */
  readonly fingerprint: Uint8Array;
}

/** One stream, for one attempt of a shard. */
export interface OwnStream {
  /** The number of the lane in whose place it is: its frames carry that lane's heads. */
  readonly lane: number;
  /** Whether this side dials; else it is dialled. */
  readonly dials: boolean;
  /** Says to the partner where this side's end is; once. Rejects with LostShard if the attempt was given up. */
  tell(end: StreamEnd): Promise<void>;
  /** The partner's end, once it is known. Rejects with LostShard if the attempt is given up before. */
  readonly partners: Promise<StreamEnd>;
  /** Aborted when the attempt was given up, by whichever side, or the session is over. */
  readonly over: AbortSignal;
}

/** What says where an end is. */
export type StreamMessage = Message<"streamListens" | "streamDials">;

interface Known {
  readonly partners: Promise<StreamEnd>;
  readonly take: (end: StreamEnd) => void;
  readonly lost: AbortController;
  isTold: boolean;
}

export class OwnStreams {
  readonly #ch: OpenChannel;
  readonly #dials: boolean;
  readonly #known: readonly Known[];

  /** `ch`: the channel on which both say which attempts there are; `dials`: whether this side dials. */
  constructor(ch: OpenChannel, shards: number, dials: boolean) {
    this.#ch = ch;
    this.#dials = dials;
    this.#known = Array.from({ length: shards }, unknown);
  }

  /** What the partner says of its ends. */
  get theirs(): StreamMessage["type"] {
    return this.#dials ? "streamListens" : "streamDials";
  }

  /** The stream of a shard's first attempt. */
  open(shard: number): OwnStream {
    const { partners, lost } = this.#known[shard]!;
    return {
      lane: shard,
      dials: this.#dials,
      tell: async ({ name, fingerprint }) => {
        // The partner takes nothing of it behind this side's word that it is over.
        if (lost.signal.aborted) throw new LostShard("the attempt was given up");
        if (this.#dials) await this.#ch.send({ type: "streamDials", shard, fingerprint });
        else await this.#ch.send({ type: "streamListens", shard, name: name!, fingerprint });
      },
      partners,
      over: lost.signal,
    };
  }

  /** Errors: `unexpected`, if there is no such shard, or the partner has said it before. */
  take(message: StreamMessage): void {
    const known = this.#known[message.shard];
    if (known === undefined || known.isTold)
      throw new ProtocolError("unexpected", "a stream that is not due");
    known.isTold = true;
    const name = message.type === "streamListens" ? new Uint8Array(message.name) : undefined;
    known.take({ name, fingerprint: new Uint8Array(message.fingerprint) });
  }

  /** The shard's first attempt was given up. */
  drop(shard: number): void {
    this.#known[shard]!.lost.abort();
  }

  close(): void {
    for (const { lost } of this.#known) lost.abort();
  }
}

function unknown(): Known {
  const lost = new AbortController();
  let take: Known["take"] = () => {};
  const partners = new Promise<StreamEnd>((resolve, reject) => {
    take = resolve;
    const over = guarded(() => reject(new LostShard("the attempt was given up")), reject);
    lost.signal.addEventListener("abort", over);
  });
  // Whoever runs the shard may never ask.
  partners.catch(() => {});
  return { partners, take, lost, isTold: false };
}
