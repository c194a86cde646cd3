// One shard's work as plain data, so that this thread and a worker run it alike.
import type { Rng } from "@halfroom/crypto";
import { OtReceiverSeeds, OtSenderSeeds, type OtReceiverState, type OtSenderState } from "@halfroom/mpc";
import type { OpenChannel } from "@halfroom/wire";
import { receiverShard, senderShard, type EnterStage, type ShardNumbers } from "../shard.ts";
import type { People } from "./split.ts";

export interface ShardTask {
  readonly people: People;
  readonly numbers: ShardNumbers;
  readonly sending: OtSenderState;
  readonly receiving: OtReceiverState;
}

/** This side's share of the shard's table. */
export async function runTask(
  ch: OpenChannel,
  { people, numbers, sending, receiving }: ShardTask,
  rng: Rng,
  enter: EnterStage,
): Promise<Uint32Array> {
  const context = {
    ...numbers,
    rng,
    sending: new OtSenderSeeds(sending),
    receiving: new OtReceiverSeeds(receiving),
  };
  const { pseudonyms, payloads } = people;
  return numbers.role === "sender"
    ? await senderShard(ch, pseudonyms, payloads, context, enter)
    : await receiverShard(ch, people, context, enter);
}
