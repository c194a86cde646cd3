// Shards in this thread.
import { openChannel, withHead } from "@halfroom/wire";
import { StageMeter } from "../meter.ts";
import { runShard } from "../pipeline.ts";
import type { ShardRunner } from "./runner.ts";
import { shardContext } from "./shard.ts";

/** While one shard waits for the partner, another works. */
const WIDTH = 2;

export const shardsHere: ShardRunner = {
  width: WIDTH,
  start() {},
  async run(task, lane, enter, keep) {
    const { shard, role } = task.numbers;
    const ch = openChannel(withHead(lane, shard), role);
    try {
      const meter = new StageMeter();
      meter.over(ch);
      const table = await runShard(ch, shardContext(task), (stage) => {
        meter.enter(stage);
        enter(stage);
      });
      meter.end();
      return { table, transcript: ch.transcript(), stages: meter.stages };
    } finally {
      keep(ch.messages);
      await lane.close();
    }
  },
};
