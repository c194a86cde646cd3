// What runs in a worker thread: shards, each over a port to the thread that has the connection.
import type { MessagePort } from "node:worker_threads";
import { ProtocolError, type ErrorCode, type MessageRecord } from "@halfroom/wire";
import { shardsHere } from "./here.ts";
import { PortFrames } from "./port-frames.ts";
import type { EnterStage, ShardOutcome, ShardTask } from "./runner.ts";

export interface ShardJob {
  readonly task: ShardTask;
  /** Frames of the shard's lane. */
  readonly port: MessagePort;
  /** Bytes that may wait in either direction. */
  readonly waitingBytesHigh: number;
  /** Told the stages that the shard enters. */
  readonly stages: MessagePort;
}

/** A ProtocolError as plain data: its class would not survive the way between threads. */
export interface ShardFailure {
  readonly failure: { readonly code: ErrorCode; readonly message: string; readonly fromPartner: boolean };
}
export type WorkerOutcome = (ShardOutcome | ShardFailure) & {
  /** What went over the lane. */
  readonly messages: readonly MessageRecord[];
};

export async function runShardJob({
  task,
  port,
  waitingBytesHigh,
  stages,
}: ShardJob): Promise<WorkerOutcome> {
  let messages: readonly MessageRecord[] = [];
  const keep = (all: readonly MessageRecord[]) => (messages = all);
  const enter: EnterStage = (stage) => stages.postMessage(stage);
  try {
    const outcome = await shardsHere.run(task, new PortFrames(port, waitingBytesHigh), enter, keep);
    return { ...outcome, messages };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const { code, message, fromPartner } = error;
    return { failure: { code, message, fromPartner }, messages };
  } finally {
    stages.close();
  }
}
