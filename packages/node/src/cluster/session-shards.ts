// One session's shards over this process's threads and over workers. A shard runs here while a thread is free, else it goes out as a job,
// and comes back to a thread that becomes free as long as no worker has begun it. What a worker has begun belongs to it alone: if it is
// lost, both companies begin another attempt (protocol-spec.md, section 11.0).
import { randomBytes } from "node:crypto";
import {
  LostShard,
  type EnterStage,
  type KeepMessages,
  type OwnStream,
  type ShardOutcome,
  type ShardRunner,
  type ShardTask,
} from "@halfroom/session";
import { detached, ignored, ProtocolError, type Frames } from "@halfroom/wire";
import { every } from "../every.ts";
import type { SessionStreams } from "../streams/session-streams.ts";
import { SHARD_BYTES_MAX } from "./blocks.ts";
import type { Cluster, ReturnReason } from "./cluster.ts";
import type { SessionBlocks } from "./session-blocks.ts";
import { openShardResult, sealShard, SHARD, type ApartInput, type ShardPlace } from "./shard-jobs.ts";
import { blockFile } from "./share.ts";
import { ApartRelay } from "./apart-relay.ts";
import { TOKEN_BYTES, type Awaited } from "./stream-door.ts";
import { StreamEnd, type Stream } from "./stream.ts";

/** How often a free thread looks for shards that nobody has begun. */
const TAKE_BACK_MS = 250;
/** Workers that are there begin at once: after so long this machine finds the time. */
const WAIT_MS = 10_000;

/** A shard that no worker has begun yet. */
interface Waiting {
  readonly since: number;
  back(why: ReturnReason): void;
}

export class SessionShards implements ShardRunner {
  readonly #cluster: Cluster;
  readonly #local: ShardRunner;
  readonly #blocks: SessionBlocks;
  readonly #stop: () => void;
  readonly #waiting = new Set<Waiting>();
  readonly #streams = new Set<Stream>();
  readonly #own: SessionStreams | undefined;
  #here = 0;
  #out = 0;
  #isClosed = false;

  /** `blocks`: of the same session, whose key and folder the shards have too; `own`: streams of shards' own, if it may have them. */
  constructor(cluster: Cluster, local: ShardRunner, blocks: SessionBlocks, own: SessionStreams | undefined) {
    this.#cluster = cluster;
    this.#own = own;
    this.#local = local;
    this.#blocks = blocks;
    this.#stop = every(TAKE_BACK_MS, () => this.#takeBack(), ignored);
  }

  get width(): number {
    return this.#room + this.#cluster.shardsAhead;
  }

  /** Of this process's threads. */
  get #room(): number {
    return this.#cluster.roomHere(this.#local.width);
  }

  start(): void {
    this.#local.start();
  }

  async run(
    task: ShardTask,
    lane: Frames,
    enter: EnterStage,
    keep: KeepMessages,
    urgent = false,
  ): Promise<ShardOutcome> {
    const begun = await this.#begun(task, urgent);
    if (begun === undefined) return await this.#inRoom(() => this.#local.run(task, lane, enter, keep));
    return await this.#away(begun, () => this.#relay(begun, task, lane, enter, keep));
  }

  async runApart(
    ...[task, own, enter, keep, urgent = false]: Parameters<NonNullable<ShardRunner["runApart"]>>
  ): Promise<ShardOutcome> {
    const streams = this.#own!;
    streams.assertHope();
    const begun = await this.#begun(task, urgent, this.#apartInput(streams));
    if (begun === undefined)
      return await this.#inRoom(() => streams.runHere(this.#local, task, own, enter, keep));
    return await this.#away(begun, () => this.#watch({ begun, task, own, streams, enter, keep }));
  }

  /** All that nobody has begun runs here. */
  takeAllBack(): void {
    for (const waiting of this.#waiting) waiting.back("lost");
  }

  /** Ends what is under way on workers. */
  close(): void {
    this.#isClosed = true;
    this.#stop();
    this.takeAllBack();
    for (const stream of this.#streams) stream.close();
  }

  async #inRoom(run: () => Promise<ShardOutcome>): Promise<ShardOutcome> {
    this.#here++;
    try {
      return await run();
    } finally {
      this.#here--;
    }
  }

  async #away({ stream, place }: Begun, run: () => Promise<ShardOutcome>): Promise<ShardOutcome> {
    this.#streams.add(stream);
    try {
      return await run();
    } finally {
      this.#streams.delete(stream);
      stream.close();
      this.#out--;
      detached(() => this.#removeFiles(place), ignored);
    }
  }

  #apartInput({ route }: SessionStreams): ApartInput {
    if ("front" in route) return { dials: false };
    return {
      dials: true,
      partner: route.way.address,
      by: this.#cluster.workersDial === "leader" ? "leader" : "worker",
    };
  }

  /** The stream of a worker that has begun the shard; undefined if it is to run here. */
  async #begun(task: ShardTask, urgent: boolean, apart?: ApartInput): Promise<Begun | undefined> {
    const mayGoOut = !urgent && !this.#isClosed && this.#out < this.#cluster.shardsAhead;
    if (this.#here < this.#room || !mayGoOut) return undefined;
    const { door, workersAddress: address } = this.#cluster;
    const token = randomBytes(TOKEN_BYTES).toString("hex");
    const place = this.#blocks.nextPlace();
    const awaited = door.expect(token);
    this.#out++;
    let inputBytes = 0;
    const begun = await this.#waitFor(awaited, async () => {
      const { fingerprint } = door;
      const sealed = sealShard(this.#blocks.key, place, {
        address,
        fingerprint,
        token,
        task,
        apart,
        span: this.#blocks.span,
      });
      if (sealed.length > SHARD_BYTES_MAX) throw new RangeError("a shard is too large for a worker");
      await this.#blocks.grantToAll();
      await this.#cluster.share.write(place.session, blockFile(place.block, "in"), sealed);
      inputBytes = sealed.length;
      await this.#cluster.dispatchShard(place, inputBytes);
    });
    if (begun !== undefined) return { stream: begun, place, since: performance.now(), inputBytes };
    this.#out--;
    detached(() => this.#cluster.takeBackShard(place), ignored);
    detached(() => this.#removeFiles(place), ignored);
    return undefined;
  }

  async #waitFor(awaited: Awaited, send: () => Promise<void>): Promise<Stream | undefined> {
    return await new Promise((resolve) => {
      const back = (why: ReturnReason) => {
        if (!awaited.cancel()) return;
        this.#waiting.delete(waiting);
        this.#cluster.watch?.returned(SHARD, why);
        resolve(undefined);
      };
      const waiting: Waiting = { since: performance.now(), back };
      this.#waiting.add(waiting);
      const begins = (stream: Stream) => {
        this.#waiting.delete(waiting);
        resolve(stream);
      };
      detached(async () => begins(await awaited.stream), ignored);
      detached(send, () => back("failed"));
    });
  }

  #takeBack(): void {
    const now = performance.now();
    let free = this.#room - this.#here;
    for (const { since, back } of this.#waiting) {
      if (free-- <= 0 && now - since < WAIT_MS) return;
      if (now - since >= TAKE_BACK_MS) back("waited");
    }
  }

  /** Passes frames on until the worker has its result. Errors: LostShard; those of the lane; the code that the worker tells. */
  async #relay(
    begun: Begun,
    { numbers }: ShardTask,
    lane: Frames,
    enter: EnterStage,
    keep: KeepMessages,
  ): Promise<ShardOutcome> {
    const { stream } = begun;
    const { watch } = this.#cluster;
    let ofLane: unknown;
    const toWorker = async () => {
      for (;;) {
        const frame = await lane.recv().catch((error: unknown) => {
          ofLane = error;
          throw error;
        });
        watch?.passed("worker", "frames", frame.length);
        await stream.sendFrame(frame);
      }
    };
    detached(toWorker, () => stream.close());
    try {
      await this.#untilResult(stream, lane, enter);
    } catch (error) {
      const cause = error instanceof StreamEnd ? (ofLane ?? this.#lost()) : error;
      if (!(cause instanceof LostShard)) await lane.close();
      throw cause;
    }
    const outcome = await this.#takeResult(begun, numbers, keep, false);
    await lane.close();
    return outcome;
  }

  /** Waits for the result of a worker whose frames go to the partner by themselves. Errors: LostShard; the code that the worker tells. */
  async #watch({ begun, task, own, streams, enter, keep }: Apart): Promise<ShardOutcome> {
    const relay = new ApartRelay(begun.stream, own, streams.route, this.#cluster);
    try {
      await relay.untilResult(enter);
    } catch (error) {
      if (own.over.aborted) throw new LostShard("the attempt was given up");
      if (error instanceof ProtocolError) throw error;
      if (relay.ended === "unopened") throw streams.unopened("see the worker's log");
      if (relay.ended === "stream-lost") throw streams.lost("the partner's end of a shard's stream was lost");
      throw this.#lost();
    } finally {
      relay.close();
    }
    return await this.#takeResult(begun, task.numbers, keep, true);
  }

  async #takeResult(
    { place, since, inputBytes: input }: Begun,
    { layout }: ShardTask["numbers"],
    keep: KeepMessages,
    apart: boolean,
  ): Promise<ShardOutcome> {
    const { table, transcript, stages, messages, worker, result } = await this.#readResult(place, layout);
    keep(messages);
    const seconds = (performance.now() - since) / 1000;
    this.#cluster.watch?.done({ kind: SHARD, worker, seconds, attempt: 1, apart, bytes: { input, result } });
    return { table, transcript, stages };
  }

  async #untilResult(stream: Stream, lane: Frames, enter: EnterStage): Promise<void> {
    for (;;) {
      const message = await stream.recv();
      if ("frame" in message) {
        this.#cluster.watch?.passed("partner", "frames", message.frame.length);
        await lane.send(message.frame);
      } else if ("stage" in message) enter(message.stage);
      else if ("failed" in message) throw new ProtocolError(message.failed);
      else if ("end" in message && message.end === "result") return;
      else throw this.#lost();
    }
  }

  async #readResult(place: ShardPlace, { cells, columns }: ShardTask["numbers"]["layout"]) {
    try {
      const sealed = await this.#cluster.share.read(
        place.session,
        blockFile(place.block, "out"),
        SHARD_BYTES_MAX,
      );
      if (sealed === undefined) throw new Error("a shard's result is gone");
      const opened = openShardResult(this.#blocks.key, place, sealed, cells * columns * 2);
      return { ...opened, result: sealed.length };
    } catch {
      throw this.#lost();
    }
  }

  #lost(): LostShard {
    this.#cluster.watch?.returned(SHARD, "lost");
    this.#cluster.trouble("a worker was lost with a shard: it is computed again");
    return new LostShard("a worker was lost");
  }

  async #removeFiles({ session, block }: ShardPlace): Promise<void> {
    for (const what of ["in", "out"] as const)
      await this.#cluster.share.remove(session, blockFile(block, what));
  }
}

interface Apart {
  readonly begun: Begun;
  readonly task: ShardTask;
  readonly own: OwnStream;
  readonly streams: SessionStreams;
  readonly enter: EnterStage;
  readonly keep: KeepMessages;
}

interface Begun {
  readonly stream: Stream;
  readonly place: ShardPlace;
  readonly since: number;
  readonly inputBytes: number;
}
