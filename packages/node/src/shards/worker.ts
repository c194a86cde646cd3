// What runs in a worker thread: shards, each over a port to the thread that has the connection.
import type { MessagePort } from "node:worker_threads";
import { systemRng } from "@halfroom/crypto";
import { openChannel, ProtocolError, withHead, type ErrorCode } from "@halfroom/wire";
import { PortFrames } from "./port-frames.ts";
import { runTask, type ShardTask } from "./task.ts";
import type { ShardOutcome } from "./workers.ts";

export interface ShardJob {
  readonly task: ShardTask;
  /** Frames of the shard's lane. */
  readonly port: MessagePort;
  /** Told the stages that the shard enters. */
  readonly stages: MessagePort;
}

/** A ProtocolError as plain data: its class would not survive the way between threads. */
export interface ShardFailure {
  readonly failure: { readonly code: ErrorCode; readonly message: string; readonly fromPartner: boolean };
}
export type WorkerOutcome = ShardOutcome | ShardFailure;

export async function runShardJob({ task, port, stages }: ShardJob): Promise<WorkerOutcome> {
  const { shard, role } = task.numbers;
  const frames = new PortFrames(port);
  const ch = openChannel(withHead(frames, shard), role);
  try {
    const done = await runTask(ch, task, systemRng, (stage) => stages.postMessage(stage));
    return { ...done, transcript: ch.transcript() };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const { code, message, fromPartner } = error;
    return { failure: { code, message, fromPartner } };
  } finally {
    await frames.close();
    stages.close();
  }
}
