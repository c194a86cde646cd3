// The numbers of lanes (protocol-spec.md, section 2.5). A lane carries one attempt of one shard, and its number stands for both in
// every derivation of the shard, so that no two attempts share anything that is drawn.
import { ATTEMPTS_MAX } from "@halfroom/wire";

/** The lane of a shard's attempt, which counts from 0; `shards`: of the session. */
export function laneOf(shard: number, attempt: number, shards: number): number {
  return attempt * shards + shard;
}

/** The lane on which both sides say which attempts there are. */
export function talkLane(shards: number): number {
  return ATTEMPTS_MAX * shards;
}

/** Of a session of so many shards, that of attempts included. */
export function laneCount(shards: number): number {
  return talkLane(shards) + 1;
}

/** The attempt that counts of each shard, if these lanes are all there were: its last one. */
export function lastAttempts(lanes: Iterable<number>, shards: number): Uint8Array {
  const attempts = new Uint8Array(shards);
  for (const lane of lanes) {
    const shard = lane % shards;
    attempts[shard] = Math.max(attempts[shard]!, Math.floor(lane / shards));
  }
  return attempts;
}
