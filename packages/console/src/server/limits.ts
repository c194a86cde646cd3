// How often one may ask. What is counted is in memory: a restart forgets it.
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { RequestError } from "./request-error.ts";

export interface Limits {
  /** Requests of one token, or of one person, in a minute. */
  readonly tokenPerMinute: number;
  /** Requests of nobody who is known, from one address in a minute. */
  readonly strangerPerMinute: number;
  readonly bodyBytes: number;
  readonly connections: number;
  /** Reports that are run at a time. */
  readonly runs: number;
  /** How often a stream of events shows that it is alive, and its token is looked at again. */
  readonly aliveMs: number;
  /** Attempts to sign in that fail within a quarter of an hour: under one name, and from one address. */
  readonly signInsOfName: number;
  readonly signInsOfAddress: number;
  /** What passwords cost to guess: the binary logarithm of scrypt's N. */
  readonly passwordLogN: number;
}

export const LIMITS: Limits = {
  tokenPerMinute: 1200,
  strangerPerMinute: 120,
  bodyBytes: 1 << 20,
  connections: 256,
  runs: 8,
  aliveMs: 15_000,
  signInsOfName: 10,
  signInsOfAddress: 30,
  passwordLogN: 17,
};

const MINUTE_SECONDS = 60;
const QUARTER_SECONDS = 900;

export class Rates {
  readonly #tokens: RateLimiterMemory;
  readonly #strangers: RateLimiterMemory;
  readonly #names: RateLimiterMemory;
  readonly #addresses: RateLimiterMemory;

  constructor({ tokenPerMinute, strangerPerMinute, signInsOfName, signInsOfAddress }: Limits) {
    const duration = MINUTE_SECONDS;
    this.#tokens = new RateLimiterMemory({ points: tokenPerMinute, duration });
    this.#strangers = new RateLimiterMemory({ points: strangerPerMinute, duration });
    this.#names = new RateLimiterMemory({ points: signInsOfName, duration: QUARTER_SECONDS });
    this.#addresses = new RateLimiterMemory({ points: signInsOfAddress, duration: QUARTER_SECONDS });
  }

  /** Rejects with RequestError `too-often`. */
  async ofCaller(actor: string): Promise<void> {
    await count(this.#tokens, actor, "requests in a minute");
  }

  /** Rejects with RequestError `too-often`. */
  async ofStranger(address: string): Promise<void> {
    await count(this.#strangers, address, "requests in a minute");
  }

  /** An attempt to sign in, before it is looked at, whether or not there is such a name. Rejects with RequestError `too-often`. */
  async ofSignIn(name: string, address: string): Promise<void> {
    const what = "attempts to sign in within a quarter of an hour";
    await count(this.#addresses, address, what);
    await count(this.#names, name, what);
  }

  /** It was a good one. */
  async signedIn(name: string, address: string): Promise<void> {
    await this.#names.delete(name);
    await this.#addresses.reward(address);
  }
}

async function count(limiter: RateLimiterMemory, key: string, what: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    const seconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
    const words = `There are more than ${limiter.points} ${what}; ask again in ${seconds} s.`;
    throw new RequestError("too-often", words, { headers: { "retry-after": String(seconds) } });
  }
}
