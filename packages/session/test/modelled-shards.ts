// Two sides that run shards on machines that are slow and get lost, all under one seed: the real schedule and the real talk about attempts
// over a made-up protocol of a shard, which takes nothing but messages and waiting.
import { RecordStore, ringArray, hash256, type RingArray, type Rng } from "@halfroom/crypto";
import type { OtSource, Role } from "@halfroom/mpc";
import { memoryFrames, seededRng, streamedPseudonyms, testSession } from "@halfroom/testkit";
import {
  ATTEMPTS_MAX,
  openChannel,
  ProtocolError,
  withHead,
  type Frames,
  type OpenChannel,
} from "@halfroom/wire";
import { StageMeter } from "../src/meter.ts";
import { runShards } from "../src/shards/run.ts";
import type { OwnStream } from "../src/shards/own-streams.ts";
import { LostShard, type ShardOutcome, type ShardRunner, type ShardTask } from "../src/shards/runner.ts";
import type { SidePeople } from "../src/shards/split.ts";
import { ItemNumbers } from "../src/table/item-numbers.ts";
import type { Layout } from "../src/table/layout.ts";

const SESSION = testSession("modelled shards");
const LAYOUT = { cells: 1, columns: 1 } as unknown as Layout;
const SHARD_PEOPLE = 16;
/** Messages each way. */
const ROUNDS = 3;
/** Losses of a shard, both sides together: beyond its fourth attempt the session ends. */
const LOSSES_MAX = ATTEMPTS_MAX - 1;

export interface Model {
  readonly shards: number;
  /** Of each side, a number in [1, 8) that changes while shards run. */
  readonly width: Readonly<Record<Role, () => number>>;
  /** In how many of a hundred messages the machine is lost that would send it. */
  readonly lossPercent: number;
  /** Whether first attempts have streams of their own; the sender dials. */
  readonly ownStreams: boolean;
}

export interface ModelEnd {
  /** What the shares of both sides add up to. */
  readonly total: bigint;
  /** Lanes that were run, by side. */
  readonly lanes: Readonly<Record<Role, readonly number[]>>;
  readonly lost: number;
}

/** Between the two ends of streams: who is dialled is found by name. */
class Network {
  readonly #ends = new Map<string, Frames>();
  #names = 0;

  async bring(stream: OwnStream): Promise<Frames> {
    const fingerprint = new Uint8Array(32).fill(stream.dials ? 1 : 2);
    if (stream.dials) {
      await stream.tell({ name: undefined, fingerprint });
      const { name } = await stream.partners;
      return this.#ends.get(Buffer.from(name!).toString("hex"))!;
    }
    const [own, theirs] = memoryFrames({ idleMs: 600_000 });
    const name = new Uint8Array(16);
    new DataView(name.buffer).setUint32(0, ++this.#names);
    this.#ends.set(Buffer.from(name).toString("hex"), theirs);
    await stream.tell({ name, fingerprint });
    await stream.partners;
    return own;
  }
}

const tick = () => new Promise((resolve) => setImmediate(resolve));

class Chance {
  readonly #rng: Rng;

  constructor(seed: string) {
    this.#rng = seededRng(seed);
  }

  below(end: number): number {
    return Buffer.from(this.#rng.bytes(4)).readUInt32LE() % end;
  }
}

/** What is wrong with the run of this seed, in words; undefined if nothing is. */
export async function faultOf(seed: string): Promise<string | undefined> {
  const model = modelOf(seed);
  const { shards } = model;
  const { total, lanes, lost } = await playModel(seed, model);
  if (total !== BigInt((shards * (shards + 1)) / 2))
    return `${seed}: a shard is counted twice, or not at all`;
  for (const ofSide of Object.values(lanes)) {
    if (new Set(ofSide).size < ofSide.length) return `${seed}: an attempt was run twice`;
    if (lost === 0 && ofSide.length > shards)
      return `${seed}: a shard was run again although nothing was lost`;
  }
  return undefined;
}

/** Any number of shards, room and losses. */
export function modelOf(seed: string): Model {
  const chance = new Chance(seed);
  const room = () => {
    const most = 1 + chance.below(5);
    return () => 1 + chance.below(most);
  };
  return {
    shards: 2 + chance.below(9),
    width: { sender: room(), receiver: room() },
    lossPercent: [0, 2, 10, 40][chance.below(4)]!,
    ownStreams: chance.below(2) === 1,
  };
}

export async function playModel(
  seed: string,
  { shards, width, lossPercent, ownStreams }: Model,
): Promise<ModelEnd> {
  const network = new Network();
  const [left, right] = memoryFrames({ idleMs: 600_000 });
  const chance = new Chance(`${seed}/chance`);
  const losses = new Map<number, number>();
  const lanes: Record<Role, number[]> = { sender: [], receiver: [] };
  let lost = 0;
  const mayLose = (shard: number) => {
    const before = losses.get(shard) ?? 0;
    if (before >= LOSSES_MAX || chance.below(100) >= lossPercent) return false;
    losses.set(shard, before + 1);
    lost++;
    return true;
  };
  const runnerOf = (role: Role): ShardRunner => ({
    get width() {
      return width[role]();
    },
    start() {},
    async run(task, lane, enter) {
      lanes[role].push(task.numbers.shard);
      return await madeUpShard(
        task,
        lane,
        () => chance.below(6),
        () => mayLose(task.numbers.shard % shards),
        enter,
      );
    },
    async runApart(task, stream, enter) {
      const { shard } = task.numbers;
      lanes[role].push(shard);
      const ticks = () => chance.below(6);
      for (let left = ticks(); left > 0; left--) await tick();
      // No way to the partner, or the other side noticed first.
      if (mayLose(shard)) throw new LostShard();
      const frames = await network.bring(stream);
      stream.over.addEventListener("abort", () => void frames.close());
      try {
        return await madeUpShard(task, frames, ticks, () => mayLose(shard), enter);
      } catch (error) {
        throw error instanceof ProtocolError && error.code === "closed" ? new LostShard() : error;
      } finally {
        await frames.close();
      }
    },
  });
  const sideOf = (role: Role, frames: Frames) =>
    runSide(openChannel(frames, role), role, shards, runnerOf(role), ownStreams);
  const [sent, received] = await Promise.all([sideOf("sender", left), sideOf("receiver", right)]);
  return { total: numberOf(sent) + numberOf(received), lanes, lost };
}

/** Both sides send `ROUNDS` messages, and each waits before each step. Its share is masked by what the lane alone decides. */
async function madeUpShard(
  { numbers }: ShardTask,
  lane: Frames,
  ticks: () => number,
  isLost: () => boolean,
  enter: (stage: "match" | "aggregate") => void,
): Promise<ShardOutcome> {
  const { shard, role } = numbers;
  const ch = openChannel(withHead(lane, shard), role);
  const step = async () => {
    for (let left = ticks(); left > 0; left--) await tick();
    if (isLost()) throw new LostShard();
  };
  const seed = new Uint8Array(32).fill(shard & 0xff);
  for (let round = 0; round < ROUNDS; round++) {
    enter(round === 0 ? "match" : "aggregate");
    await step();
    if (role === "sender") await ch.send({ type: "seedShare", share: seed });
    await step();
    await ch.recv("seedShare");
    await step();
    if (role === "receiver") await ch.send({ type: "seedShare", share: seed });
  }
  await step();
  await lane.close();
  const mask = Buffer.from(hash256("test/mask", SESSION, shard)).readUInt32LE();
  const value = BigInt((shard % numbers.shards) + 1);
  const share = role === "sender" ? BigInt(mask) : value - BigInt(mask);
  return { table: ringOf(share), transcript: ch.transcript(), stages: [] };
}

async function runSide(
  ch: OpenChannel,
  role: Role,
  shards: number,
  runner: ShardRunner,
  ownStreams: boolean,
): Promise<RingArray> {
  const people = SHARD_PEOPLE * shards;
  const own: SidePeople = {
    pseudonyms: streamedPseudonyms(seededRng(`people of ${role}`).bytes(people * 64)),
    numbers: new ItemNumbers(people, { longs: [], shorts: [] }),
    numbersOf: () => ({ payloads: [], cellsOf: [], times: [] }),
  };
  return await runShards(ch, own, {
    session: SESSION,
    role,
    layout: LAYOUT,
    senderPeople: people,
    receiverPeople: people,
    rng: seededRng(`rng of ${role}`),
    transfers: { state: () => ({}) } as unknown as OtSource,
    binSeed: async () => new Uint8Array(32),
    scratch: new RecordStore(),
    runner,
    meter: new StageMeter(),
    keep: () => {},
    shardPeople: SHARD_PEOPLE,
    ownStreams: ownStreams ? (role === "sender" ? "dials" : "is dialled") : undefined,
    runShard: async () => {
      throw new Error("a session of several shards");
    },
  });
}

function ringOf(value: bigint): RingArray {
  const table = ringArray(1);
  new DataView(table.buffer).setBigInt64(0, value, true);
  return table;
}

function numberOf(table: RingArray): bigint {
  return new DataView(table.buffer).getBigInt64(0, true);
}
