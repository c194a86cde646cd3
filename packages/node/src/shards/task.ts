// One shard's work as plain data, so that this thread and a worker run it alike.
import type { Rng } from "@halfroom/crypto";
import { openOtSource, type OtState } from "@halfroom/mpc";
import type { OpenChannel } from "@halfroom/wire";
import { receiverShard, senderShard, type EnterStage, type ShardNumbers } from "../shard.ts";
import type { People } from "./split.ts";

export interface ShardTask {
  readonly people: People;
  readonly numbers: ShardNumbers;
  readonly transfers: OtState;
}

/** What each stage of the shard cost on this side. */
export type ShardCosts = Record<"match" | "aggregate", StageCost>;

/** `table`: this side's share of the shard's table. */
export async function runTask(
  ch: OpenChannel,
  { people, numbers, transfers }: ShardTask,
  rng: Rng,
  enter: EnterStage,
): Promise<{ readonly table: Uint32Array; readonly costs: ShardCosts }> {
  const meter = new StageMeter(ch);
  const context = { ...numbers, rng, transfers: openOtSource(transfers) };
  const { pseudonyms, payloads } = people;
  const entered: EnterStage = (stage) => {
    meter.enter(stage);
    enter(stage);
  };
  const table =
    numbers.role === "sender"
      ? await senderShard(ch, pseudonyms, payloads, context, entered)
      : await receiverShard(ch, people, context, entered);
  return { table, costs: meter.end() };
}

interface StageCost {
  seconds: number;
  bytesSent: number;
  bytesReceived: number;
}

const noCosts = (): ShardCosts => ({
  match: { seconds: 0, bytesSent: 0, bytesReceived: 0 },
  aggregate: { seconds: 0, bytesSent: 0, bytesReceived: 0 },
});

export function sumCosts(all: readonly ShardCosts[]): ShardCosts {
  const sums = noCosts();
  for (const costs of all)
    for (const stage of ["match", "aggregate"] as const)
      for (const member of ["seconds", "bytesSent", "bytesReceived"] as const)
        sums[stage][member] += costs[stage][member];
  return sums;
}

class StageMeter {
  readonly #ch: OpenChannel;
  readonly #costs = noCosts();
  #stage: keyof ShardCosts | undefined;
  #since: StageCost;

  constructor(ch: OpenChannel) {
    this.#ch = ch;
    this.#since = this.#now();
  }

  enter(stage: keyof ShardCosts): void {
    this.#count();
    this.#stage = stage;
  }

  end(): ShardCosts {
    this.#count();
    return this.#costs;
  }

  #count(): void {
    const now = this.#now();
    if (this.#stage !== undefined) {
      const cost = this.#costs[this.#stage];
      for (const member of ["seconds", "bytesSent", "bytesReceived"] as const)
        cost[member] += now[member] - this.#since[member];
    }
    this.#since = now;
  }

  #now(): StageCost {
    const { bytesSent, bytesReceived } = this.#ch;
    return { seconds: performance.now() / 1000, bytesSent, bytesReceived };
  }
}
