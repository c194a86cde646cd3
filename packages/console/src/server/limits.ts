// How often one may ask. What is counted is in memory: a restart forgets it.
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { RequestError } from "./request-error.ts";

export interface Limits {
  /** Requests of one token in a minute. */
  readonly tokenPerMinute: number;
  /** Requests without a token that holds, from one address in a minute. */
  readonly strangerPerMinute: number;
  readonly bodyBytes: number;
  readonly connections: number;
  /** Reports that are run at a time. */
  readonly runs: number;
  /** How often a stream of events shows that it is alive, and its token is looked at again. */
  readonly aliveMs: number;
}

export const LIMITS: Limits = {
  tokenPerMinute: 1200,
  strangerPerMinute: 120,
  bodyBytes: 1 << 20,
  connections: 256,
  runs: 8,
  aliveMs: 15_000,
};

const MINUTE_SECONDS = 60;

export class Rates {
  readonly #tokens: RateLimiterMemory;
  readonly #strangers: RateLimiterMemory;

  constructor({ tokenPerMinute, strangerPerMinute }: Limits) {
    const duration = MINUTE_SECONDS;
    this.#tokens = new RateLimiterMemory({ points: tokenPerMinute, duration });
    this.#strangers = new RateLimiterMemory({ points: strangerPerMinute, duration });
  }

  /** Rejects with RequestError `too-often`. */
  async ofToken(name: string): Promise<void> {
    await count(this.#tokens, name);
  }

  /** Rejects with RequestError `too-often`. */
  async ofStranger(address: string): Promise<void> {
    await count(this.#strangers, address);
  }
}

async function count(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    const seconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
    const words = `There are more than ${limiter.points} requests in a minute; ask again in ${seconds} s.`;
    throw new RequestError("too-often", words, { headers: { "retry-after": String(seconds) } });
  }
}
