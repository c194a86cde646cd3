// The connection of a session. The two nodes come to terms and sign on one channel; the stages run on another over the same
// frames, whose sequence numbers and transcripts begin again.
import type { Role } from "@halfroom/mpc";
import { openChannel, type Frames, type MessageRecord, type OpenChannel } from "@halfroom/wire";

/** A stream of a session: what was said before both had signed, the session's own, or the lane of a shard's attempt. */
export type Stream = "talk" | "session" | number;

export interface StreamRecord {
  readonly stream: Stream;
  /** In the order in which this side sent and took them. */
  readonly messages: readonly MessageRecord[];
}

/** The lanes of a record, by their numbers. */
export function lanesOf(record: readonly StreamRecord[]): number[] {
  return record.flatMap(({ stream }) => (typeof stream === "number" ? [stream] : []));
}

export class SessionLink {
  readonly #frames: Frames;
  readonly #talk: OpenChannel;
  readonly #lanes: Promise<StreamRecord>[] = [];
  #channel: OpenChannel;

  /** `talk`: the channel over `frames` on which the proposal was accepted. */
  constructor(frames: Frames, talk: OpenChannel) {
    this.#frames = frames;
    this.#talk = talk;
    this.#channel = talk;
  }

  get channel(): OpenChannel {
    return this.#channel;
  }

  /** The channel of the stages; nothing more goes over the one before. */
  begin(role: Role): OpenChannel {
    this.#channel = openChannel(this.#frames, role);
    return this.#channel;
  }

  /** What went over the lane of a shard's attempt, once it has ended. Never rejects. */
  keepLane(lane: number, messages: Promise<readonly MessageRecord[]>): void {
    this.#lanes.push(messages.then((all) => ({ stream: lane, messages: all })));
  }

  /** All messages, once the session is over: lanes that the others' failure cuts short end when the connection is closed. */
  async record(): Promise<readonly StreamRecord[]> {
    const talk = { stream: "talk", messages: this.#talk.messages } as const;
    if (this.#channel === this.#talk) return [talk];
    const lanes = await Promise.all(this.#lanes);
    return [talk, { stream: "session", messages: this.#channel.messages }, ...lanes];
  }

  /** Tells the partner the error's code alone. Never rejects. */
  async abort(error: unknown): Promise<void> {
    await this.#channel.abort(error);
  }

  /** Closes once what was sent has left. Never rejects. */
  async close(): Promise<void> {
    await this.#channel.close();
  }
}
