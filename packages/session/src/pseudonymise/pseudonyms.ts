// This side's pseudonyms: those that it has kept, those that the session makes, and the time when each is worked on. The
// sender evaluates its own people as soon as it has prepared them, while the partner still prepares and both agree; both
// write down new pseudonyms while the match is already under way.
import type { JobRunner, RecordStore, Rng, StoredRecords } from "@halfroom/crypto";
import { evaluateForPartner, evaluateOwn, oprfReceiver } from "@halfroom/match";
import type { OpenChannel } from "@halfroom/wire";
import { PSEUDONYM_WORDS, type Epoch, type NewPseudonyms, type PseudonymStore } from "./keys.ts";
import { MissingRows } from "./missing-rows.ts";
import { KnownRows, type SessionItems } from "./session-items.ts";

/** The stage of that name, in a session whose evaluations are agreed. */
export interface Pseudonyms {
  /** Numbers of the receiver's identifiers that the session enrols, ascending; none of the sender's. */
  readonly missing: Uint32Array;
  /**
   * Records of item and pseudonym, each item of the session once and in any order; they can be read once. `rng` is the session's. Once it is
   * over, nobody holds the identifiers any more.
   */
  pseudonymise(ch: OpenChannel, rng: Rng, progress: Progress): Promise<AsyncIterable<Uint32Array>>;
  /** Resolves once new ones are kept. Rejects if that fails. */
  kept(): Promise<void>;
  /** Gives up what is not finished; never rejects. */
  stop(): Promise<void>;
}

type Progress = (done: number, total: number) => void;

/** A dataset's identifiers and the session's items among them, with what is known of them. */
interface Enrolled {
  readonly items: SessionItems;
  /** Records of row and pseudonym of those that are known, and of the others once they are made. */
  readonly pseudonyms: StoredRecords;
  /** Rows of those without a pseudonym, ascending. */
  readonly missing: Uint32Array;
  /** Where what is made goes too. */
  readonly fresh: NewPseudonyms;
}

/** What this side has kept. Throws RangeError if the store lost a pseudonym. */
async function enrolledIn(
  store: PseudonymStore,
  items: SessionItems,
  scratch: RecordStore,
): Promise<Enrolled> {
  const pseudonyms = scratch.records(PSEUDONYM_WORDS);
  const known = new KnownRows(items.identifiers.count);
  const missing = await store.find(items.identifiers, scratch, async (records) => {
    known.take(records);
    pseudonyms.append(records);
    await pseudonyms.settled();
  });
  known.assertAll(missing);
  return { items, pseudonyms, missing, fresh: store.collect(scratch) };
}

/** Those that a session draws for itself. */
const localPseudonyms = (rng: Rng): Rng => rng.fork("local-pseudonyms");

/** The sender's, from before the agreement on. */
export class SenderPseudonyms {
  readonly #epoch: Epoch;
  readonly #pool: JobRunner;
  readonly #scratch: RecordStore;
  readonly #keeping = new Keeping();
  readonly #stopped = new AbortController();
  #found: Promise<Enrolled> | undefined;
  #own: Promise<Enrolled> | undefined;
  /** Of how many own people, how many are done. */
  readonly #progress = { total: 0, done: 0 };
  #onProgress: () => void = () => {};

  /** Starts with the people who have no pseudonym under this key yet. */
  constructor(
    items: SessionItems,
    epoch: Epoch,
    store: PseudonymStore,
    pool: JobRunner,
    scratch: RecordStore,
  ) {
    this.#epoch = epoch;
    this.#pool = pool;
    this.#scratch = scratch;
    this.#found = handled(enrolledIn(store, items, scratch));
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
    const enrolled = await found;
    const rows = await MissingRows.of(
      { ...enrolled, identifiers: enrolled.items.identifiers },
      this.#scratch,
    );
    this.#progress.total = rows.count;
    const onDone = (done: number) => {
      this.#progress.done = done;
      this.#onProgress();
    };
    await evaluateOwn(rows, this.#epoch.secretKey, this.#pool, onDone, this.#stopped.signal);
    await rows.close();
    await enrolled.items.identifiers.close();
    return enrolled;
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
  scratch: RecordStore,
  enrolment: Rng,
  step: number,
  beside?: () => Promise<void>,
): Promise<Pseudonyms & { readonly evaluations: number }> {
  const found = await enrolledIn(store, items, scratch);
  const padding = { step, rng: enrolment };
  const rows = await MissingRows.of({ ...found, identifiers: items.identifiers }, scratch, padding);
  const evaluations = rows.count;
  const keeping = new Keeping(beside);
  let asked: (Enrolled & { readonly rows: MissingRows }) | undefined = { ...found, rows };
  return {
    evaluations,
    missing: found.missing,
    pseudonymise: async (ch, rng, progress) => {
      const { rows, ...enrolled } = asked!;
      asked = undefined;
      const blinds = rng.fork("oprf-blinds");
      await oprfReceiver(ch, rows, publicKey, pool, blinds, (done) => progress(done, evaluations));
      await rows.close();
      await enrolled.items.identifiers.close();
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
  readonly #beside: (() => Promise<void>) | undefined;
  #done: Promise<unknown> = Promise.resolve();

  /** `beside` is done at the same time. */
  constructor(beside?: () => Promise<void>) {
    this.#beside = beside;
  }

  get done(): Promise<void> {
    return this.#done.then(() => undefined);
  }

  /** The pseudonyms of the session's items, once the whole dataset is enrolled. */
  start({ items, pseudonyms, fresh }: Enrolled, rng: Rng): AsyncIterable<Uint32Array> {
    this.#done = handled(Promise.all([fresh.keep(), this.#beside?.()]));
    return readOnce(items, pseudonyms, rng);
  }
}

async function* readOnce(
  items: SessionItems,
  pseudonyms: StoredRecords,
  rng: Rng,
): AsyncGenerator<Uint32Array> {
  yield* items.pseudonyms(pseudonyms, rng);
  await pseudonyms.close();
}

/** A promise that somebody awaits later: its rejection is no event of its own. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
