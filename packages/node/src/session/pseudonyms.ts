// This side's pseudonyms: those that it has kept, those that the session makes, and the time when each is worked on. The
// sender evaluates its own people as soon as it has prepared them, while the partner still prepares and both agree; both
// write down new pseudonyms while the match is already under way.
import { systemRng } from "@halfroom/crypto";
import { evaluateForPartner, evaluateOwn, oprfReceiver } from "@halfroom/match";
import type { SenderStatement } from "../agreement/agreement.types.ts";
import type { Identifiers } from "../data/prepare-dataset.ts";
import { MissingRows } from "../epochs/enrolment.ts";
import type { Epoch } from "../epochs/epochs.types.ts";
import type { Known, PseudonymCache } from "../epochs/pseudonym-cache.ts";
import type { HashRows } from "../epochs/tags.ts";
import type { SessionInput } from "../pipeline.ts";
import type { SessionJob } from "./session.types.ts";

export interface Pseudonyms {
  /** The stage of that name. Once it is over, nobody holds the identifiers any more. */
  readonly pseudonymise: NonNullable<SessionInput["pseudonymise"]>;
  /** Resolves once new ones are on the disk. Rejects if that fails. */
  kept(): Promise<void>;
  /** Gives up what is not finished; never rejects. */
  stop(): Promise<void>;
}

/** What is known of people, and of whom. */
interface Enrolled {
  readonly identifiers: Identifiers;
  readonly known: Known;
}

/** The sender's, from before the agreement on. */
export class SenderPseudonyms {
  readonly #job: SessionJob;
  readonly #epoch: Epoch;
  readonly #cache: PseudonymCache;
  readonly #keeping: Keeping;
  readonly #stopped = new AbortController();
  #own: Promise<Enrolled> | undefined;
  /** Of how many own people, how many are done. */
  readonly #progress = { total: 0, done: 0 };
  #onProgress: () => void = () => {};

  /** Starts with the people who have no pseudonym under this key yet. */
  constructor(job: SessionJob, identifiers: Identifiers, epoch: Epoch) {
    this.#job = job;
    this.#epoch = epoch;
    this.#cache = openCache(job, epoch.publicKey, epoch.endsAt);
    this.#keeping = new Keeping(this.#cache);
    this.#own = handled(this.#evaluateOwn(identifiers));
  }

  /** Those of a session in which the receiver was granted so many evaluations. */
  forSession(evaluations: number): Pseudonyms {
    const { pool } = this.#job;
    return {
      pseudonymise: async (ch, progress) => {
        let granted = 0;
        const { total } = this.#progress;
        this.#onProgress = () => progress(granted + this.#progress.done, evaluations + total);
        const partners = evaluateForPartner(ch, evaluations, this.#epoch.secretKey, pool, (done) => {
          granted = done;
          this.#onProgress();
        });
        const [own] = await Promise.all([this.#own!, partners]);
        this.#own = undefined;
        return await this.#keeping.start(own);
      },
      kept: () => this.#keeping.done,
      stop: () => this.stop(),
    };
  }

  /** Gives up what is not finished; never rejects. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.allSettled([this.#own, this.#keeping.done]);
  }

  async #evaluateOwn(identifiers: Identifiers): Promise<Enrolled> {
    const known = await this.#cache.find(identifiers.enrolled);
    const rows = new MissingRows(known, identifiers.enrolled);
    this.#progress.total = rows.count;
    const onDone = (done: number) => {
      this.#progress.done = done;
      this.#onProgress();
    };
    await evaluateOwn(rows, this.#epoch.secretKey, this.#job.pool, onDone, this.#stopped.signal);
    return { identifiers, known };
  }
}

/** The receiver's, once it knows the sender's key; `evaluations` are what it lacks, padded to the public step. */
export async function receiverPseudonyms(
  job: SessionJob,
  identifiers: Identifiers,
  { epochKey, epochEndsAt }: SenderStatement,
): Promise<Pseudonyms & { readonly evaluations: number }> {
  const cache = openCache(job, epochKey, epochEndsAt);
  const known = await cache.find(identifiers.enrolled);
  const rows = new MissingRows(known, identifiers.enrolled, systemRng.fork("enrolment"));
  const evaluations = rows.count;
  const keeping = new Keeping(cache);
  let asked: (Enrolled & { readonly rows: MissingRows }) | undefined = { identifiers, known, rows };
  return {
    evaluations,
    pseudonymise: async (ch, progress) => {
      const { rows, ...enrolled } = asked!;
      asked = undefined;
      const blinds = systemRng.fork("oprf-blinds");
      await oprfReceiver(ch, rows, job.pool, blinds, (done) => progress(done, evaluations));
      return await keeping.start(enrolled);
    },
    kept: () => keeping.done,
    stop: async () => {
      await Promise.allSettled([keeping.done]);
    },
  };
}

/** Writes new pseudonyms down beside the stages that use them. */
class Keeping {
  readonly #cache: PseudonymCache;
  #done: Promise<void> = Promise.resolve();

  constructor(cache: PseudonymCache) {
    this.#cache = cache;
  }

  get done(): Promise<void> {
    return this.#done;
  }

  /** The pseudonyms of the people of the session, once all of the dataset are enrolled. */
  async start({ identifiers: { session, enrolled }, known }: Enrolled): Promise<Uint8Array> {
    this.#done = handled(this.#cache.keep(known));
    if (session === enrolled) return known.pseudonyms;
    await this.#done;
    return (await this.#cache.find(session)).pseudonyms;
  }
}

/** A promise that somebody awaits later: its rejection is no event of its own. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

function openCache(
  { node, partner, pool }: SessionJob,
  epochKey: Uint8Array,
  endsAt: number,
): PseudonymCache {
  const { kernel } = pool;
  const hashRows: HashRows = (prefix, rows, suffix) => kernel.hashRows(prefix, rows, suffix);
  return node.caches.open(partner.name, epochKey, endsAt, Date.now(), hashRows);
}
