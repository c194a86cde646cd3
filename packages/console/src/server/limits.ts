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
  /** Of one user's attempts to sign in that failed, and of those of all other names together: so many in an hour stand in the audit log. */
  readonly failuresWritten: number;
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
  failuresWritten: 10,
  passwordLogN: 17,
};

const MINUTE_SECONDS = 60;
const QUARTER_SECONDS = 900;
const HOUR_SECONDS = 3600;

export class Rates {
  readonly #tokens: RateLimiterMemory;
  readonly #strangers: RateLimiterMemory;
  readonly #names: RateLimiterMemory;
  readonly #addresses: RateLimiterMemory;
  readonly #failures: RateLimiterMemory;

  constructor(limits: Limits) {
    const { tokenPerMinute, strangerPerMinute, signInsOfName, signInsOfAddress } = limits;
    const duration = MINUTE_SECONDS;
    this.#tokens = new RateLimiterMemory({ points: tokenPerMinute, duration });
    this.#strangers = new RateLimiterMemory({ points: strangerPerMinute, duration });
    this.#names = new RateLimiterMemory({ points: signInsOfName, duration: QUARTER_SECONDS });
    this.#addresses = new RateLimiterMemory({ points: signInsOfAddress, duration: QUARTER_SECONDS });
    this.#failures = new RateLimiterMemory({ points: limits.failuresWritten, duration: HOUR_SECONDS });
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

  /** Whether one more attempt that failed may stand in the audit log, and is then the last one for a while. `whose`: one of few names. */
  async ofFailure(whose: string): Promise<"written" | "last" | "silent"> {
    try {
      const { remainingPoints } = await this.#failures.consume(whose);
      return remainingPoints > 0 ? "written" : "last";
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      return "silent";
    }
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
