// How many shards a session has and how many people each holds, padding included: functions of the two public set sizes
// alone (design 2.3). Both sides compute them; protocol-spec.md, section "Shards", has the same formulas.

/** Of each side as many people as a shard holds at most, before padding. The sender's cost less memory. */
const RECEIVER_PEOPLE = 65_536;
const SENDER_PEOPLE = 262_144;
const STATISTICAL_BITS = 40;
/** ln 2, rounded up. */
const LN_2 = 0.6932;

/** `senderPeople` and `receiverPeople` are those of one shard, padding included; all shards are alike. */
export interface ShardSizes {
  readonly shards: number;
  readonly senderPeople: number;
  readonly receiverPeople: number;
}

export function shardSizes(senderPeople: number, receiverPeople: number): ShardSizes {
  const shards = Math.max(
    1,
    Math.ceil(receiverPeople / RECEIVER_PEOPLE),
    Math.ceil(senderPeople / SENDER_PEOPLE),
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
