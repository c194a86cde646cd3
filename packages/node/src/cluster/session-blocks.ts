// One session's jobs over this process's threads and over workers. A job runs here while a thread is free, else it goes out as a block.
// A thread that becomes free takes back blocks that nobody has begun, or whose worker fell silent or takes too long: so a session ends with any number of
// workers, with none, and without Redis. A job is a pure function of its input, so it does no harm if one is computed twice.
import { systemRng, type Arrays, type Job, type JobRunner, type RunOptions } from "@halfroom/crypto";
import { validBatch } from "@halfroom/match";
import { detached, ignored } from "@halfroom/wire";
import { every } from "../every.ts";
import type { SpanPlace } from "../telemetry/telemetry.ts";
import { Vault } from "../vault/vault.ts";
import {
  BLOCK_BYTES_MAX,
  kindOf,
  openResult,
  resultBytesMax,
  sealInput,
  type AnyBlockJob,
  type BlockKind,
  type BlockPlace,
} from "./blocks.ts";
import type { Cluster, ReturnReason } from "./cluster.ts";
import { sealGrant, SESSION_KEY_BYTES, type Grant } from "./grants.ts";
import { blockFile, keyFile } from "./share.ts";

/** How often an idle thread looks for blocks to take back, and how long one stays out at least. */
const TAKE_BACK_MS = 250;
/** A block takes a second or two: after so long an idle thread does not wait for it any more, however alive its worker is. */
const SLOW_MS = 10_000;
/** Of those that living workers have, so many are asked for in vain at a time. */
const TRIES_MAX = 8;

/** Secrets of the session's jobs, by the names that jobs have for them; the arrays are copied. */
type SessionSecrets = Readonly<Record<string, Uint8Array>>;

/** What a session gives to workers beside its jobs. */
export interface SessionFacts {
  readonly secrets: SessionSecrets;
  /** Its span, where a collector is told of it; undefined until both have signed. */
  readonly span?: (() => SpanPlace | undefined) | undefined;
}

/** A block that is out. */
interface Out {
  readonly kind: BlockKind;
  readonly block: number;
  readonly background: boolean;
  /** When it came into the queue, by the process's own clock; undefined before. */
  queuedAt: number | undefined;
  back(why: ReturnReason): void;
  fail(error: Error): void;
}

export class SessionBlocks implements JobRunner {
  readonly #cluster: Cluster;
  readonly #local: JobRunner;
  readonly #session: string;
  readonly #grant: Grant;
  readonly #spanOf: SessionFacts["span"];
  /** Of the session: what goes to workers and comes from them is sealed under it. */
  readonly key: Vault;
  readonly #stop: () => void;
  readonly #out = new Map<number, Out>();
  /** Workers that were given the session's key. */
  readonly #granted = new Map<string, Promise<void>>();
  #next = 0;
  #isTaking = false;
  #closed: Promise<void> | undefined;

  private constructor(cluster: Cluster, local: JobRunner, session: string, { secrets, span }: SessionFacts) {
    this.#cluster = cluster;
    this.#spanOf = span;
    this.#local = local;
    this.#session = session;
    const sessionKey = systemRng.bytes(SESSION_KEY_BYTES);
    const copies = Object.entries(secrets).map(([name, secret]) => [name, new Uint8Array(secret)] as const);
    this.#grant = { sessionKey, secrets: Object.fromEntries(copies) };
    this.key = Vault.ofSecret(sessionKey);
    this.#stop = every(TAKE_BACK_MS, () => detached(() => this.#takeBack(), ignored), ignored);
  }

  /** Only `Cluster.session` calls it. */
  static async open(cluster: Cluster, local: JobRunner, facts: SessionFacts): Promise<SessionBlocks> {
    return new SessionBlocks(cluster, local, await cluster.folders.make(), facts);
  }

  get kernel() {
    return this.#local.kernel;
  }

  get width(): number {
    return this.#room + this.#cluster.ahead;
  }

  /** Of this process's threads. */
  get #room(): number {
    return this.#cluster.roomHere(this.#local.width);
  }

  /** The session's, where a collector is told of it; undefined until both have signed. */
  get span(): SpanPlace | undefined {
    return this.#spanOf?.();
  }

  /** The place of a further job in the session. */
  nextPlace(): Omit<BlockPlace, "kind"> {
    return { session: this.#session, block: this.#next++ };
  }

  async run<Input extends Arrays, Output extends Arrays>(
    job: Job<Input, Output>,
    input: Input,
    options: RunOptions = {},
  ): Promise<Output | undefined> {
    const kind = kindOf(job);
    if (kind === undefined || !this.#mayGoOut(job as unknown as AnyBlockJob, input))
      return await this.#here(job, input, options);
    const away = await this.#away(kind, job as unknown as AnyBlockJob, input, options.background ?? false);
    if (away === undefined) return await this.#here(job, input, options);
    for (const array of Object.values(input)) array.fill(0);
    return away.result as Output | undefined;
  }

  /** Computes here all that is out. */
  takeAllBack(): void {
    for (const out of this.#out.values()) out.back("lost");
  }

  /** Ends what is out, and removes all that the session has in the share. */
  async close(): Promise<void> {
    await (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#stop();
    const left = [...this.#out.values()];
    for (const out of left) out.fail(new Error("the session is over"));
    const place = (block: number) => ({ session: this.#session, block });
    await Promise.allSettled(left.map(({ block }) => this.#cluster.takeBack(place(block))));
    await Promise.allSettled(this.#granted.values());
    await this.#cluster.folders.remove(this.#session);
    this.key.wipe();
    for (const secret of Object.values(this.#grant.secrets)) secret.fill(0);
  }

  #mayGoOut(job: AnyBlockJob, input: Arrays): boolean {
    const { secrets } = this.#grant;
    const isKnown = (name: string) =>
      secrets[name] !== undefined && Buffer.compare(bytesOf(secrets[name]), bytesOf(input[name]!)) === 0;
    const isFull = this.#cluster.busyHere >= this.#room;
    const bytes = Object.values(input).reduce((sum, { byteLength }) => sum + byteLength, 0);
    const isOpen = this.#closed === undefined && this.#out.size < this.#cluster.blocksMax;
    return isOpen && isFull && bytes < BLOCK_BYTES_MAX / 2 && job.secrets.every(isKnown);
  }

  async #here<Input extends Arrays, Output extends Arrays>(
    job: Job<Input, Output>,
    input: Input,
    options: RunOptions,
  ): Promise<Output | undefined> {
    this.#cluster.busyHere++;
    try {
      return await this.#local.run(job, input, options);
    } finally {
      this.#cluster.busyHere--;
    }
  }

  /** Undefined, if it is to be computed here. Rejects once the session is over. */
  async #away(
    kind: BlockKind,
    job: AnyBlockJob,
    input: Arrays,
    background: boolean,
  ): Promise<Computed | undefined> {
    const { block } = this.nextPlace();
    try {
      return await new Promise((resolve, reject) => {
        const back = (why: ReturnReason) => {
          this.#cluster.watch?.returned(kind, why);
          resolve(undefined);
        };
        const out: Out = { kind, block, background, queuedAt: undefined, back, fail: reject };
        this.#out.set(block, out);
        const failed = () => {
          if (this.#out.get(block) !== out) return;
          this.#cluster.trouble("workers gave no result of a block, or a wrong one: it is computed here");
          back("failed");
        };
        detached(async () => resolve(await this.#byWorker(job, input, out)), failed);
      });
    } finally {
      this.#out.delete(block);
      detached(() => this.#removeFiles(block), ignored);
    }
  }

  /** Rejects, if no worker gives a result that can be right. */
  async #byWorker(job: AnyBlockJob, input: Arrays, out: Out): Promise<Computed> {
    const place: BlockPlace = { session: this.#session, kind: out.kind, block: out.block };
    const shape = job.shape(input);
    // Before anything is waited for: the input may be computed here, and so be gone, at any time after.
    const sealed = sealInput(this.key, place, input, this.span);
    const { share, watch } = this.#cluster;
    await this.grantToAll();
    await share.write(this.#session, blockFile(out.block, "in"), sealed);
    const { worker, ms, attempt } = await this.#cluster.dispatch(place, sealed.length, out.background, () => {
      out.queuedAt = performance.now();
    });
    const answer = await share.read(this.#session, blockFile(out.block, "out"), resultBytesMax(shape));
    if (answer === undefined) throw new Error("a block's result is gone");
    const result = openResult(this.key, place, answer, shape);
    const valid = result && (await this.#withValidPoints(result, shape));
    const bytes = { input: sealed.length, result: answer.length };
    // Unless it was computed here in the meantime.
    if (this.#out.has(out.block)) watch?.done({ kind: out.kind, worker, seconds: ms / 1000, attempt, bytes });
    return { result: valid };
  }

  /** The result, once its points are known to be points. Throws RangeError, if one is not. */
  async #withValidPoints(result: Arrays, shape: ReturnType<AnyBlockJob["shape"]>): Promise<Arrays> {
    const checked: [string, Arrays[string]][] = [];
    for (const [name, array] of Object.entries(result)) {
      if (shape[name]!.points !== true) {
        checked.push([name, array]);
        continue;
      }
      const valid = await this.#here(validBatch, { points: array as Uint8Array<ArrayBuffer> }, {});
      if (valid === undefined) throw new RangeError("a worker's result holds what is no point");
      checked.push([name, valid.points]);
    }
    return Object.fromEntries(checked);
  }

  /** As many blocks as threads are idle: first those of the foreground, of these the oldest. */
  async #takeBack(): Promise<void> {
    if (this.#isTaking || this.#out.size === 0) return;
    this.#isTaking = true;
    try {
      const hasBeenOut = (ms: number) => (out: Out) =>
        out.queuedAt !== undefined && out.queuedAt < performance.now() - ms;
      const old = [...this.#out.values()].filter(hasBeenOut(TAKE_BACK_MS));
      const inOrder = old.sort((a, b) => Number(a.background) - Number(b.background) || a.block - b.block);
      for (const out of inOrder.slice(0, TRIES_MAX)) {
        if (this.#cluster.busyHere >= this.#room) return;
        const { block } = out;
        if (await this.#cluster.takeBack({ session: this.#session, block })) out.back("waited");
        else if (hasBeenOut(SLOW_MS)(out)) out.back("slow");
      }
    } finally {
      this.#isTaking = false;
    }
  }

  /** Gives the session's key to all workers that were added; they may be added and removed while the session runs. */
  async grantToAll(): Promise<void> {
    const workers = this.#cluster.workers();
    const ids = new Set(workers.map(({ id }) => id));
    for (const id of this.#granted.keys()) {
      if (ids.has(id)) continue;
      this.#granted.delete(id);
      await this.#cluster.share.remove(this.#session, keyFile(id));
    }
    for (const { id, publicKey } of workers) {
      if (this.#granted.has(id)) continue;
      const sealed = sealGrant(publicKey, this.#session, id, this.#grant);
      const written = this.#cluster.share.write(this.#session, keyFile(id), sealed);
      this.#granted.set(id, written);
      written.catch(() => this.#granted.delete(id));
    }
    await Promise.all(this.#granted.values());
  }

  async #removeFiles(block: number): Promise<void> {
    for (const what of ["in", "out"] as const)
      await this.#cluster.share.remove(this.#session, blockFile(block, what));
  }
}

/** What came of a block; a result of `undefined` is that of a job that met an invalid point. */
interface Computed {
  readonly result: Arrays | undefined;
}

function bytesOf(array: Arrays[string]): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
