// Shards in a replay: one after the other, each over compared frames of its own, so that a lane that ended early keeps no other
// lane from being compared.
import { ringArray } from "@halfroom/crypto";
import type { Role } from "@halfroom/mpc";
import { openChannel, ProtocolError } from "@halfroom/wire";
import { lanesOf, type StreamRecord } from "../link.ts";
import { runShard } from "../pipeline.ts";
import { lastAttempts } from "../shards/lane-numbers.ts";
import type { ShardOutcome, ShardRunner, ShardTask } from "../shards/runner.ts";
import { shardContext } from "../shards/shard.ts";
import type { ComparedFrames } from "./compared-frames.ts";

const TRANSCRIPT_BYTES = 32;

/** The shards of `role`, each in the attempt that the record ends with. None rejects with `closed`. */
export function replayedShards(
  frames: ComparedFrames,
  role: Role,
  record: readonly StreamRecord[],
): ShardRunner {
  return {
    width: 1,
    replayed: (shards) => lastAttempts(lanesOf(record), shards),
    start() {},
    async run(task, lane, enter) {
      const { shard } = task.numbers;
      await lane.close();
      const ch = openChannel(frames.end(role, shard), role);
      try {
        const table = await runShard(ch, shardContext(task), enter);
        return { table, transcript: ch.transcript(), stages: [] };
      } catch (error) {
        if (!(error instanceof ProtocolError) || error.code !== "closed") throw error;
        frames.cut(role, shard);
        return nothing(task);
      }
    },
  };
}

/** In place of what the shard would have given; nothing that follows from it is compared. */
function nothing({ numbers: { layout } }: ShardTask): ShardOutcome {
  const table = ringArray(layout.cells * layout.columns);
  return { table, transcript: new Uint8Array(TRANSCRIPT_BYTES), stages: [] };
}
