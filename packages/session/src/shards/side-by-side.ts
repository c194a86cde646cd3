// Several shards side by side, each attempt over a lane of its own. Both sides take shards in ascending order, as many at a time as their
// runner has room for; and the lowest one that a side still lacks never waits for room. So the lowest shard that is open on either side is
// under way on both, and no two sides wait for each other, whatever room each has.
import { addInto, hash256, ringArray, type RingArray } from "@halfroom/crypto";
import {
  detached,
  LANE_HEAD_BYTES,
  openChannel,
  ProtocolError,
  withHead,
  type MessageRecord,
  type OpenChannel,
} from "@halfroom/wire";
import { paddingRng, shardSeed } from "../randomness.ts";
import { Attempts } from "./attempts.ts";
import { laneCount, laneOf, talkLane } from "./lane-numbers.ts";
import { OwnStreams } from "./own-streams.ts";
import type { ShardsContext } from "./run.ts";
import { LostShard, type EnterStage, type ShardOutcome, type ShardTask } from "./runner.ts";
import { roomOf, type ShardSizes } from "./sizes.ts";
import { Split, type SidePeople } from "./split.ts";

/** As `runShards`, of two shards or more. */
export async function runSideBySide(
  ch: OpenChannel,
  people: SidePeople,
  context: ShardsContext,
  sizes: ShardSizes,
): Promise<RingArray> {
  const split = await Split.of(people, context.session, sizes.shards, context.scratch);
  split.assertRoom(roomOf(sizes, context.role));
  const binSeed = await context.binSeed();
  ch.lanes.create(laneCount(sizes.shards));
  const { outcomes, attempts } = await new SideBySide(ch, { split, binSeed, context, sizes }).run();
  context.meter.divide(outcomes.map(({ stages }) => stages));
  await compareTranscripts(ch, context.session, attempts, outcomes);
  const { cells, columns } = context.layout;
  const table = ringArray(cells * columns);
  for (const outcome of outcomes) addInto(table, outcome.table);
  return table;
}

interface Work {
  readonly split: Split;
  readonly binSeed: Uint8Array;
  readonly context: ShardsContext;
  readonly sizes: ShardSizes;
}

interface Ran {
  /** Of each shard. */
  readonly outcomes: readonly ShardOutcome[];
  readonly attempts: Uint8Array;
}

class SideBySide {
  readonly #ch: OpenChannel;
  readonly #work: Work;
  readonly #attempts: AgreedAttempts;
  /** Of first attempts, where these do not go over lanes. */
  readonly #streams: OwnStreams | undefined;
  readonly #outcomes: (ShardOutcome | undefined)[];
  /** The lowest shard that is not done. */
  #lowest = 0;
  /** Shards under way. */
  readonly #running = new Set<number>();
  readonly #aggregating = new Set<number>();
  /** The last shard whose people are being read: one after the other, so that shards begin in the order in which they were started. */
  #reading: Promise<unknown> = Promise.resolve();
  #fail: (error: unknown) => void = () => {};
  #isOver = false;

  constructor(ch: OpenChannel, work: Work) {
    const { shards } = work.sizes;
    const { runner, role, ownStreams } = work.context;
    this.#ch = ch;
    this.#work = work;
    this.#outcomes = Array.from({ length: shards });
    if (runner.replayed !== undefined) {
      this.#attempts = new ReplayedAttempts(runner.replayed(shards));
      return;
    }
    const talk = openChannel(withHead(ch.lanes.open(talkLane(shards)), talkLane(shards)), role);
    if (ownStreams !== undefined) {
      this.#streams = new OwnStreams(talk, shards, ownStreams === "dials");
      ch.lanes.exclude(Array(shards).keys());
    }
    this.#attempts = new Attempts({
      ch: talk,
      lanes: ch.lanes,
      shards,
      streams: this.#streams,
      onAgain: (shard) => this.#startOver(shard),
    });
  }

  /** Rejects with the first error; what runs then goes on until its lane ends. */
  async run(): Promise<Ran> {
    const failed = new Promise<never>((_resolve, reject) => (this.#fail = reject));
    const ended = Promise.race([this.#attempts.settled(), failed]);
    ended.catch(() => {});
    try {
      this.#startNext();
      await ended;
      return { outcomes: this.#outcomes.map((outcome) => outcome!), attempts: this.#attempts.all };
    } finally {
      this.#isOver = true;
      this.#streams?.close();
      await this.#attempts.close();
    }
  }

  /** Starts as many shards as there is room for, the lowest first, and says when none is left. */
  #startNext(): void {
    const { width } = this.#work.context.runner;
    const { shards } = this.#work.sizes;
    while (this.#lowest < shards && this.#outcomes[this.#lowest] !== undefined) this.#lowest++;
    for (let shard = this.#lowest; shard < shards && !this.#isOver; shard++) {
      if (this.#outcomes[shard] !== undefined || this.#running.has(shard)) continue;
      const isFull = this.#running.size >= width;
      if (isFull && shard > this.#lowest) return;
      this.#start(shard, isFull);
    }
    if (this.#lowest === shards) detached(() => this.#attempts.done(), this.#fail);
  }

  #start(shard: number, urgent: boolean): void {
    const lane = this.#attempts.laneOf(shard);
    const isCurrent = () => !this.#isOver && this.#attempts.laneOf(shard) === lane;
    const ended = (outcome: ShardOutcome) => {
      if (!isCurrent()) return;
      this.#running.delete(shard);
      this.#outcomes[shard] = outcome;
      this.#startNext();
    };
    const failed = async (error: unknown) => {
      if (!isCurrent()) return;
      if (!(error instanceof LostShard)) throw error;
      await this.#attempts.again(shard);
    };
    this.#running.add(shard);
    detached(() => this.#runAttempt(shard, lane, urgent).then(ended, failed), this.#fail);
  }

  async #runAttempt(shard: number, lane: number, urgent: boolean): Promise<ShardOutcome> {
    const { context, sizes } = this.#work;
    const { keep, runner, meter } = context;
    let messages: readonly MessageRecord[] = [];
    const onStage: EnterStage = (stage) => {
      if (stage !== "aggregate" || this.#isOver || this.#aggregating.has(shard)) return;
      this.#aggregating.add(shard);
      if (this.#aggregating.size === sizes.shards) meter.enter("aggregate");
    };
    const stream = lane === shard ? this.#streams?.open(shard) : undefined;
    const frames = stream === undefined ? this.#ch.lanes.open(lane) : undefined;
    const task = this.#reading.then(() => this.#taskOf(shard, lane));
    this.#reading = task.catch(() => undefined);
    const tell = (all: readonly MessageRecord[]) => (messages = all);
    const running = task.then((all) =>
      frames === undefined
        ? runner.runApart!(all, stream!, onStage, tell, urgent)
        : runner.run(all, frames, onStage, tell, urgent),
    );
    const kept = () => messages;
    keep(lane, running.then(kept, kept));
    try {
      return await running;
    } finally {
      if (stream !== undefined) this.#countApart(messages);
    }
  }

  /** What went over a stream of its own is of the session as well. */
  #countApart(messages: readonly MessageRecord[]): void {
    const bytes = { sent: 0, received: 0 };
    for (const { direction, length } of messages) bytes[direction] += LANE_HEAD_BYTES + length;
    this.#ch.lanes.count(bytes.sent, bytes.received);
  }

  async #taskOf(shard: number, lane: number): Promise<ShardTask> {
    const { split, binSeed, context, sizes } = this.#work;
    const { session, role, layout, transfers, rng } = context;
    const attempt = (lane - shard) / sizes.shards;
    return {
      people: await split.people(shard, roomOf(sizes, role), paddingRng(rng, shard, attempt)),
      binSeed,
      numbers: { ...sizes, shard: lane, session, role, layout },
      transfers: transfers.state(),
      seed: shardSeed(rng, shard, attempt),
    };
  }

  #startOver(shard: number): void {
    this.#streams?.drop(shard);
    this.#outcomes[shard] = undefined;
    this.#lowest = Math.min(this.#lowest, shard);
    this.#running.delete(shard);
    this.#startNext();
  }
}

type AgreedAttempts = Pick<Attempts, "all" | "laneOf" | "again" | "done" | "settled" | "close">;

/** Those of a session that was: each shard is run once, in the attempt that counted. */
class ReplayedAttempts implements AgreedAttempts {
  readonly all: Uint8Array;
  #finish: () => void = () => {};

  constructor(attempts: Uint8Array) {
    this.all = attempts;
  }

  laneOf(shard: number): number {
    return laneOf(shard, this.all[shard]!, this.all.length);
  }

  async again(): Promise<void> {
    throw new ProtocolError("lost");
  }

  async done(): Promise<void> {
    this.#finish();
  }

  async settled(): Promise<void> {
    await new Promise<void>((resolve) => (this.#finish = resolve));
  }

  async close(): Promise<void> {}
}

/** What both sides compare once all shards are done: SHA-256 over each shard's attempt and the transcript of its lane. */
export function transcriptsDigest(
  session: Uint8Array,
  attempts: Uint8Array,
  transcripts: readonly Uint8Array[],
): Uint8Array {
  return hash256("shards/transcripts", session, attempts, Buffer.concat(transcripts));
}

/** Binds the lanes to the session: its own transcript covers this message. */
async function compareTranscripts(
  ch: OpenChannel,
  session: Uint8Array,
  attempts: Uint8Array,
  outcomes: readonly ShardOutcome[],
): Promise<void> {
  const digest = transcriptsDigest(
    session,
    attempts,
    outcomes.map(({ transcript }) => transcript),
  );
  await ch.send({ type: "laneTranscripts", digest });
  if (Buffer.compare((await ch.recv("laneTranscripts")).digest, digest) !== 0)
    throw new ProtocolError("transcript");
}
