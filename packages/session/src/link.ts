// The connection of a session. The two nodes come to terms and sign on one channel; the stages run on another over the same
// frames, whose sequence numbers and transcripts begin again.
import type { Role } from "@halfroom/mpc";
import { openChannel, type Frames, type OpenChannel } from "@halfroom/wire";

export class SessionLink {
  readonly #frames: Frames;
  #channel: OpenChannel;

  /** `talk`: the channel over `frames` on which the proposal was accepted. */
  constructor(frames: Frames, talk: OpenChannel) {
    this.#frames = frames;
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

  /** Tells the partner the error's code alone. Never rejects. */
  async abort(error: unknown): Promise<void> {
    await this.#channel.abort(error);
  }

  /** Closes once what was sent has left. Never rejects. */
  async close(): Promise<void> {
    await this.#channel.close();
  }
}
