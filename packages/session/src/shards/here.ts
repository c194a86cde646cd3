// Shards in this thread.
import { openChannel, withHead } from "@halfroom/wire";
import { StageMeter } from "../meter.ts";
import { runShard } from "../pipeline.ts";
import type { ShardRunner } from "./runner.ts";

/** While one shard waits for the partner, another works. */
const WIDTH = 2;

export const shardsHere: ShardRunner = {
  width: WIDTH,
  async run(task, lane, enter) {
    const { shard, role } = task.numbers;
    try {
      const ch = openChannel(withHead(lane, shard), role);
      const meter = new StageMeter();
      meter.over(ch);
      const table = await runShard(ch, task, (stage) => {
        meter.enter(stage);
        enter(stage);
      });
      meter.end();
      return { table, transcript: ch.transcript(), messages: ch.messages, stages: meter.stages };
    } finally {
      await lane.close();
    }
  },
};
