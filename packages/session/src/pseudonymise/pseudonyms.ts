// This side's pseudonyms: those that it has kept, those that the session makes, and the time when each is worked on. The
// sender evaluates its own people as soon as it has prepared them, while the partner still prepares and both agree; both
// write down new pseudonyms while the match is already under way.
import { rowCount, type JobRunner, type Rng } from "@halfroom/crypto";
import { evaluateForPartner, evaluateOwn, oprfReceiver } from "@halfroom/match";
import type { OpenChannel } from "@halfroom/wire";
import type { Epoch, Known, PseudonymStore } from "./keys.ts";
import { MissingRows } from "./missing-rows.ts";
import { assertKnown, type SessionItems } from "./session-items.ts";

/** The stage of that name, in a session whose evaluations are agreed. */
export interface Pseudonyms {
  /** Numbers of the receiver's identifiers that the session enrols, ascending; none of the sender's. */
  readonly missing: Uint32Array;
  /** Items of the session x 64 bytes; `rng` is the session's. Once it is over, nobody holds the identifiers any more. */
  pseudonymise(ch: OpenChannel, rng: Rng, progress: Progress): Promise<Uint8Array>;
  /** Resolves once new ones are kept. Rejects if that fails. */
  kept(): Promise<void>;
  /** Gives up what is not finished; never rejects. */
  stop(): Promise<void>;
}

type Progress = (done: number, total: number) => void;

/** What is known of the identifiers of a dataset, and the session's items among them. */
interface Enrolled {
  readonly items: SessionItems;
  readonly known: Known;
}

/** What this side has kept. Throws RangeError if the store lost a pseudonym. */
async function enrolledIn(store: PseudonymStore, items: SessionItems): Promise<Enrolled> {
  const known = await store.find(items.identifiers);
  assertKnown(known, rowCount(items.identifiers));
  return { items, known };
}

/** Those that a session draws for itself. */
const localPseudonyms = (rng: Rng): Rng => rng.fork("local-pseudonyms");

/** The sender's, from before the agreement on. */
export class SenderPseudonyms {
  readonly #epoch: Epoch;
  readonly #pool: JobRunner;
  readonly #keeping: Keeping;
  readonly #stopped = new AbortController();
  #found: Promise<Enrolled> | undefined;
  #own: Promise<Enrolled> | undefined;
  /** Of how many own people, how many are done. */
  readonly #progress = { total: 0, done: 0 };
  #onProgress: () => void = () => {};

  /** Starts with the people who have no pseudonym under this key yet. */
  constructor(items: SessionItems, epoch: Epoch, store: PseudonymStore, pool: JobRunner) {
    this.#epoch = epoch;
    this.#pool = pool;
    this.#keeping = new Keeping(store);
    this.#found = handled(enrolledIn(store, items));
    this.#own = handled(this.#evaluateOwn(this.#found));
  }

  /** Those of a session in which the receiver is granted so many evaluations. */
  forSession(evaluations: number): Pseudonyms {
    return {
      missing: new Uint32Array(0),
      pseudonymise: async (ch, rng, progress) => {
        let granted = 0;
        // Nothing is sent unless everybody has a pseudonym or is about to get one.
        await this.#found;
        this.#found = undefined;
        const { total } = this.#progress;
        this.#onProgress = () => progress(granted + this.#progress.done, evaluations + total);
        const proofs = rng.fork("oprf-proofs");
        const partners = evaluateForPartner(ch, evaluations, this.#epoch, this.#pool, proofs, (done) => {
          granted = done;
          this.#onProgress();
        });
        const [own] = await Promise.all([this.#own!, partners]);
        this.#own = undefined;
        return this.#keeping.start(own, localPseudonyms(rng));
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

  async #evaluateOwn(found: Promise<Enrolled>): Promise<Enrolled> {
    const { items, known } = await found;
    const rows = new MissingRows(known, items.identifiers);
    this.#progress.total = rows.count;
    const onDone = (done: number) => {
      this.#progress.done = done;
      this.#onProgress();
    };
    await evaluateOwn(rows, this.#epoch.secretKey, this.#pool, onDone, this.#stopped.signal);
    return { items, known };
  }
}

/**
 * The receiver's, once it knows the sender's public key, a valid point; `evaluations` are what it lacks, padded to whole steps
 * of `step`. `beside` is done while new ones are kept.
 */
export async function receiverPseudonyms(
  items: SessionItems,
  publicKey: Uint8Array,
  store: PseudonymStore,
  pool: JobRunner,
  enrolment: Rng,
  step: number,
  beside?: () => Promise<void>,
): Promise<Pseudonyms & { readonly evaluations: number }> {
  const { known } = await enrolledIn(store, items);
  const rows = new MissingRows(known, items.identifiers, { step, rng: enrolment });
  const evaluations = rows.count;
  const keeping = new Keeping(store, beside);
  let asked: (Enrolled & { readonly rows: MissingRows }) | undefined = { items, known, rows };
  return {
    evaluations,
    missing: known.missing,
    pseudonymise: async (ch, rng, progress) => {
      const { rows, ...enrolled } = asked!;
      asked = undefined;
      const blinds = rng.fork("oprf-blinds");
      await oprfReceiver(ch, rows, publicKey, pool, blinds, (done) => progress(done, evaluations));
      return keeping.start(enrolled, localPseudonyms(rng));
    },
    kept: () => keeping.done,
    stop: async () => {
      await Promise.allSettled([keeping.done]);
    },
  };
}

/** Writes new pseudonyms down beside the stages that use them. */
class Keeping {
  readonly #store: PseudonymStore;
  readonly #beside: (() => Promise<void>) | undefined;
  #done: Promise<unknown> = Promise.resolve();

  constructor(store: PseudonymStore, beside?: () => Promise<void>) {
    this.#store = store;
    this.#beside = beside;
  }

  get done(): Promise<void> {
    return this.#done.then(() => undefined);
  }

  /** The pseudonyms of the session's items, once the whole dataset is enrolled. */
  start({ items, known }: Enrolled, rng: Rng): Uint8Array {
    this.#done = handled(Promise.all([this.#store.keep(known), this.#beside?.()]));
    return items.pseudonyms(known, rng);
  }
}

/** A promise that somebody awaits later: its rejection is no event of its own. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
