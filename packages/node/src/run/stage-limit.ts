// How long a stage may take in total: a partner that sends a byte now and then is never silent, yet never done.
import { guarded, ProtocolError, type Phase } from "@halfroom/wire";

export class StageLimit {
  readonly #seconds: number;
  readonly #expire: (error: ProtocolError) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(seconds: number, expire: (error: ProtocolError) => void) {
    this.#seconds = seconds;
    this.#expire = expire;
  }

  /** Ends the limit on the stage before it. */
  start(stage: Phase): void {
    this.stop();
    const words = `the stage took longer than ${this.#seconds} s, the node's limit (stage_seconds)`;
    const expire = () => {
      const error = new ProtocolError("timeout", words);
      error.phase = stage;
      this.#expire(error);
    };
    this.#timer = setTimeout(
      guarded(expire, (error) => this.#expire(error)),
      this.#seconds * 1000,
    );
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
