// How many shards a session has and how many people each holds, padding included: functions of the two public set sizes and
// the agreed size of a shard alone (design 2.3). Both sides compute them; protocol-spec.md, section 11.0, has the same formulas.
import type { Role } from "@halfroom/mpc";

/** People of the receiver that a shard holds at most, before padding, unless the terms say less. */
export const SHARD_PEOPLE_MAX = 65_536;
export const SHARD_PEOPLE_MIN = 16;
/** The sender's people cost less memory: a shard holds so many times as many of them. */
const SENDER_TIMES = 4;
const STATISTICAL_BITS = 40;
/** ln 2, rounded up. */
const LN_2 = 0.6932;

/** `senderPeople` and `receiverPeople` are those of one shard, padding included; all shards are alike. */
export interface ShardSizes {
  readonly shards: number;
  readonly senderPeople: number;
  readonly receiverPeople: number;
}

/** A side's items in one shard, padding included. */
export function roomOf({ senderPeople, receiverPeople }: ShardSizes, role: Role): number {
  return role === "sender" ? senderPeople : receiverPeople;
}

/** `shardPeople`: people of the receiver in a shard, from the terms. */
export function shardSizes(senderPeople: number, receiverPeople: number, shardPeople: number): ShardSizes {
  const shards = Math.max(
    1,
    Math.ceil(receiverPeople / shardPeople),
    Math.ceil(senderPeople / (SENDER_TIMES * shardPeople)),
  );
  return {
    shards,
    senderPeople: paddedPeople(senderPeople, shards),
    receiverPeople: paddedPeople(receiverPeople, shards),
  };
}

/**
 * People that each of `shards` shards has room for: with probability 2^-lambda at most, lambda = 40 + ceil(log2(shards)),
 * more of `people` fall into one of them. By Bernstein's inequality a binomial variable of variance v exceeds its mean by t
 * with probability at most exp(-t^2 / (2v + 2t / 3)), which is e^-L for the t used here and L = lambda ln 2.
 */
export function paddedPeople(people: number, shards: number): number {
  if (shards === 1) return people;
  const exponent = (STATISTICAL_BITS + Math.ceil(Math.log2(shards))) * LN_2;
  const variance = (people * (shards - 1)) / (shards * shards);
  const third = exponent / 3;
  const excess = third + Math.sqrt(third * third + 2 * variance * exponent);
  return Math.min(people, Math.ceil(people / shards + excess));
}
