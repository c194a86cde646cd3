// Worker threads that run shards; the caller's thread only passes frames on.
import { fileURLToPath } from "node:url";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { ThreadPool } from "@halfroom/crypto";
import { detached, guarded, ProtocolError, type Frames } from "@halfroom/wire";
import { PortFrames } from "./port-frames.ts";
import type { EnterStage, KeepMessages, ShardOutcome, ShardRunner, ShardTask } from "./runner.ts";
import type { ShardJob, WorkerOutcome } from "./worker.ts";

const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));
/** Shards side by side in one thread: while one waits for the partner, the other works. */
export const SHARDS_PER_THREAD = 2;
/**
 * What may wait between the threads in each direction, all lanes together: a thread that computes for a second without a pause has sent
 * ahead what keeps the line busy meanwhile, and finds what came.
 */
const AHEAD_BYTES = 1 << 24;
/** Of which a lane has this much, however many there are. */
const LANE_BYTES_MIN = 1 << 21;

export class ShardWorkers implements ShardRunner {
  readonly width: number;
  readonly #threads: number;
  readonly #waitingBytesHigh: number;
  #pool: ThreadPool<ShardJob, WorkerOutcome> | undefined;

  /** Threads start with `start`, or with the first shard. */
  constructor(threads: number) {
    this.#threads = threads;
    this.width = threads * SHARDS_PER_THREAD;
    this.#waitingBytesHigh = Math.max(LANE_BYTES_MIN, AHEAD_BYTES / this.width);
  }

  start(): void {
    this.#open();
  }

  /** The task's arrays move to the worker. */
  async run(task: ShardTask, lane: Frames, enter: EnterStage, keep: KeepMessages): Promise<ShardOutcome> {
    const { port1, port2 } = new MessageChannel();
    const stages = new MessageChannel();
    const waitingBytesHigh = this.#waitingBytesHigh;
    const port = new PortFrames(port1, waitingBytesHigh);
    stages.port1.on(
      "message",
      guarded(enter, (error) => port.fail(error)),
    );
    // The worker closes its end behind the last stage, and the outcome takes another way, which may be shorter.
    const allTold = new Promise<void>((resolve) => stages.port1.once("close", () => resolve()));
    const relay = passOn(port, lane);
    try {
      const job = { task, port: port2, waitingBytesHigh, stages: stages.port2 };
      const outcome = await this.#open().run(job, { transferList: movable(job) });
      keep(outcome.messages);
      if ("failure" in outcome) {
        const { code, message, fromPartner } = outcome.failure;
        throw new ProtocolError(code, message, { fromPartner });
      }
      await Promise.all([relay, allTold]);
      return outcome;
    } finally {
      stages.port1.close();
      port1.close();
      await lane.close();
    }
  }

  /** Ends the threads; shards under way reject. */
  async close(): Promise<void> {
    await this.#pool?.destroy();
  }

  #open(): ThreadPool<ShardJob, WorkerOutcome> {
    if (this.#pool !== undefined) return this.#pool;
    this.#pool = new ThreadPool({
      filename: WORKER,
      name: "runShardJob",
      minThreads: this.#threads,
      maxThreads: this.#threads,
      concurrentTasksPerWorker: SHARDS_PER_THREAD,
      // A worker that slept until its next task would not hear the frames of the one it has.
      atomics: "disabled",
    });
    return this.#pool;
  }
}

/** Passes frames both ways; resolves once all that the worker sent has been handed to the lane. */
async function passOn(port: PortFrames, lane: Frames): Promise<void> {
  const toWorker = async () => {
    for (;;) await port.send(await lane.recv());
  };
  detached(toWorker, (error) => port.fail(error));
  try {
    for (;;) await lane.send(await port.recv());
  } catch {
    // The worker has closed its end, or this one has failed: what went wrong is told where the frames are waited for.
  }
}

function movable({ task, port, stages }: ShardJob): (ArrayBuffer | MessagePort)[] {
  const { pseudonyms, payloads, cellsOf, times } = task.people;
  const arrays = [pseudonyms, ...payloads, ...cellsOf, ...times];
  return [port, stages, ...arrays.map(({ buffer }) => buffer as ArrayBuffer)];
}
