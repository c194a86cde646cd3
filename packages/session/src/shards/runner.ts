// Who runs a shard, as an interface: this thread, worker threads of this process, or another machine. The session only says
// what is to be done, as plain data, and lends the lane to do it over.
import type { RingArray } from "@halfroom/crypto";
import type { OtState, Role } from "@halfroom/mpc";
import type { Frames, MessageRecord } from "@halfroom/wire";
import type { StageTiming } from "../meter.ts";
import type { Layout } from "../table/layout.ts";
import type { OwnStream } from "./own-streams.ts";
import type { People } from "./split.ts";

/** What both sides know of one shard: plain data, which travels to worker threads. */
export interface ShardNumbers {
  /** The session id, 32 bytes. */
  readonly session: Uint8Array;
  readonly role: Role;
  /** The number of the shard's lane, which stands for shard and attempt in every derivation; 0 in a session of one shard. */
  readonly shard: number;
  /** Shards of the session. */
  readonly shards: number;
  readonly layout: Layout;
  /** Pseudonyms of each side in this shard, padding included. */
  readonly senderPeople: number;
  readonly receiverPeople: number;
}

/** Told when a step of a shard begins. */
export type EnterStage = (stage: "match" | "aggregate") => void;

/** Told once what went over a shard's lane, in the order of this side, however the shard ended. */
export type KeepMessages = (messages: readonly MessageRecord[]) => void;

/** One shard's work as plain data. */
export interface ShardTask {
  readonly people: People;
  readonly numbers: ShardNumbers;
  readonly transfers: OtState;
  /** The joint seed of the bins, 32 bytes. */
  readonly binSeed: Uint8Array;
  /** All that the shard draws follows from it, 32 bytes. */
  readonly seed: Uint8Array;
}

/** What ran a shard is lost, and nobody's protocol is to blame: another attempt may do. */
export class LostShard extends Error {}

export interface ShardOutcome {
  /** This side's share of the shard's table. */
  readonly table: RingArray;
  /** Of the shard's lane, 32 bytes. */
  readonly transcript: Uint8Array;
  /** What each of its stages cost. */
  readonly stages: readonly StageTiming[];
}

export interface ShardRunner {
  /** How many shards run at the same time; it may change while they run. */
  readonly width: number;
  /** In a replay: the attempt that counted of each of so many shards. No other is run, and nothing is agreed on. */
  readonly replayed?: (shards: number) => Uint8Array;
  /** Shards will come soon: gets ready for them meanwhile. */
  start(): void;
  /**
   * Runs one shard over `lane`, whose frames carry their heads, and closes it. The task's arrays may move away with it. It begins at once if
   * it is `urgent`: then the session waits for this shard alone. Rejects with ProtocolError as the shard's protocol does, with LostShard
   * if it ran elsewhere and what ran it is lost; then it leaves the lane open, which is for the session to give up.
   */
  run(
    task: ShardTask,
    lane: Frames,
    enter: EnterStage,
    keep: KeepMessages,
    urgent?: boolean,
  ): Promise<ShardOutcome>;
  /**
   * As `run`, over a stream of the shard's own that it brings about; rejects with LostShard as well where there is no such stream to have, or
   * it is lost, and ends at once when the attempt is over. Left out by a runner for sessions without such streams.
   */
  runApart?(
    task: ShardTask,
    stream: OwnStream,
    enter: EnterStage,
    keep: KeepMessages,
    urgent?: boolean,
  ): Promise<ShardOutcome>;
}
