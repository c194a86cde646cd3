// This side's pseudonyms: those that it has kept, those that the session makes, and the time when each is worked on. The
// sender evaluates its own people as soon as it has prepared them, while the partner still prepares and both agree; both
// write down new pseudonyms while the match is already under way.
import { systemRng, type ByteRows } from "@halfroom/crypto";
import { evaluateForPartner, evaluateOwn, oprfReceiver } from "@halfroom/match";
import type { SenderStatement } from "../agreement/agreement.types.ts";
import type { PreparedDataset } from "../data/prepare-dataset.ts";
import { MissingRows } from "../epochs/enrolment.ts";
import type { Epoch } from "../epochs/epochs.types.ts";
import type { Known, PseudonymCache } from "../epochs/pseudonym-cache.ts";
import type { HashRows } from "../epochs/tags.ts";
import type { SessionInput } from "../pipeline.ts";
import type { SessionJob } from "./session.types.ts";

type People = Pick<PreparedDataset, "identifiers" | "enrolled">;

export interface Pseudonyms {
  /** The stage of that name. */
  readonly pseudonymise: NonNullable<SessionInput["pseudonymise"]>;
  /** Resolves once new ones are on the disk. Rejects if that fails. */
  kept(): Promise<void>;
  /** Gives up what is not finished; never rejects. */
  stop(): Promise<void>;
}

/** The sender's, from before the agreement on. */
export class SenderPseudonyms {
  readonly #job: SessionJob;
  readonly #people: People;
  readonly #epoch: Epoch;
  readonly #cache: PseudonymCache;
  readonly #stopped = new AbortController();
  readonly #own: Promise<Known>;
  #ownDone = 0;
  #onOwnDone: () => void = () => {};

  /** Starts with the people who have no pseudonym under this key yet. */
  constructor(job: SessionJob, people: People, epoch: Epoch) {
    this.#job = job;
    this.#people = people;
    this.#epoch = epoch;
    this.#cache = openCache(job, epoch.publicKey, epoch.endsAt);
    this.#own = this.#evaluateOwn();
    this.#own.catch(() => {});
  }

  /** Those of a session in which the receiver was granted so many evaluations. */
  forSession(evaluations: number): Pseudonyms {
    const { pool } = this.#job;
    const { secretKey } = this.#epoch;
    const keeping = new Keeping(this.#cache);
    return {
      pseudonymise: async (ch, progress) => {
        let granted = 0;
        this.#onOwnDone = () =>
          progress(granted + this.#ownDone, evaluations + this.#people.enrolled.offsets.length - 1);
        const partners = evaluateForPartner(ch, evaluations, secretKey, pool, (done) => {
          granted = done;
          this.#onOwnDone();
        });
        const [known] = await Promise.all([this.#own, partners]);
        return await keeping.start(known, this.#people);
      },
      kept: () => keeping.done,
      stop: async () => {
        await Promise.allSettled([this.stop(), keeping.done]);
      },
    };
  }

  /** Gives up what is not finished; never rejects. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.allSettled([this.#own]);
  }

  async #evaluateOwn(): Promise<Known> {
    const { enrolled } = this.#people;
    const known = await this.#cache.find(enrolled);
    const rows = new MissingRows(known, enrolled);
    const found = enrolled.offsets.length - 1 - rows.count;
    const onDone = (done: number) => {
      this.#ownDone = found + done;
      this.#onOwnDone();
    };
    onDone(0);
    await evaluateOwn(rows, this.#epoch.secretKey, this.#job.pool, onDone, this.#stopped.signal);
    return known;
  }
}

/** The receiver's, once it knows the sender's key; `evaluations` are what it lacks, padded to the public step. */
export async function receiverPseudonyms(
  job: SessionJob,
  people: People,
  { epochKey, epochEndsAt }: SenderStatement,
): Promise<Pseudonyms & { readonly evaluations: number }> {
  const cache = openCache(job, epochKey, epochEndsAt);
  const known = await cache.find(people.enrolled);
  const rows = new MissingRows(known, people.enrolled, systemRng.fork("enrolment"));
  const keeping = new Keeping(cache);
  return {
    evaluations: rows.count,
    pseudonymise: async (ch, progress) => {
      const blinds = systemRng.fork("oprf-blinds");
      await oprfReceiver(ch, rows, job.pool, blinds, (done) => progress(done, rows.count));
      return await keeping.start(known, people);
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
  async start(known: Known, { identifiers, enrolled }: People): Promise<Uint8Array> {
    this.#done = this.#cache.keep(known);
    this.#done.catch(() => {});
    return identifiers === enrolled ? known.pseudonyms : await this.#ofSome(identifiers);
  }

  async #ofSome(identifiers: ByteRows): Promise<Uint8Array> {
    await this.#done;
    return (await this.#cache.find(identifiers)).pseudonyms;
  }
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
