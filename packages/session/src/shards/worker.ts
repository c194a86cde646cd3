// What runs in a worker thread: shards, each over a port to the thread that has the connection.
import type { MessagePort } from "node:worker_threads";
import { ProtocolError, type ErrorCode } from "@halfroom/wire";
import { shardsHere } from "./here.ts";
import { PortFrames } from "./port-frames.ts";
import type { ShardOutcome, ShardTask } from "./runner.ts";

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
  try {
    return await shardsHere.run(task, new PortFrames(port), (stage) => stages.postMessage(stage));
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const { code, message, fromPartner } = error;
    return { failure: { code, message, fromPartner } };
  } finally {
    stages.close();
  }
}
