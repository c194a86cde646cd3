// Sessions of small sets cut into many shards.
import type { GroupPool } from "@halfroom/crypto";
import {
  exactSums,
  type PreparedPair,
  type RecordedFrame,
  recordFrames,
  runPair,
  type SessionSetup,
} from "@halfroom/testkit";
import type { Terms } from "@halfroom/session";
import { decodeFrame } from "@halfroom/wire";
import { csvText, type Csv } from "../transcripts/recorded.ts";

const RECEIVER_PEOPLE = 250;

export const TERMS = exactSums({
  measures: [
    { name: "amount", low: -1000n, high: 1000n, decimals: 0 },
    { name: "orders", low: 0n, high: 9n, decimals: 0 },
  ],
  groupBy: ["cell"],
  threshold: 12,
  otK: 4,
});

/** Terms that cut the people of `csvOf` into so many shards. */
export function inShards(shards: number): Terms {
  return { ...TERMS, shardPeople: Math.ceil(RECEIVER_PEOPLE / shards) };
}

/** 300 people of the sender, 250 of the receiver, `common` on both sides, in 9 cells of unequal size. */
export function csvOf(common: number, host = "example.com"): Csv {
  const people = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);
  return {
    senderCsv: csvText(
      "email,amount,orders",
      people(0, 300).map((i) => [`p${i}@${host}`, `${((i * 37) % 400) - 200}`, `${i % 10}`]),
    ),
    receiverCsv: csvText(
      "email,cell",
      people(300 - common, RECEIVER_PEOPLE).map((i) => [
        `p${i}@${host}`,
        `cell ${Math.floor(Math.sqrt(i % 81))}`,
      ]),
    ),
  };
}

export interface LaneFrame {
  /** -1 for the session's own frames. */
  readonly lane: number;
  readonly direction: RecordedFrame["direction"];
  /** Without the lane header. */
  readonly frame: Uint8Array;
}

/** A frame with its lane, which a header of three bytes names. */
export function laneFrame({ direction, frame }: RecordedFrame): LaneFrame {
  if (frame[0] !== 0xcd) return { lane: -1, direction, frame };
  return { lane: frame[1]! * 256 + frame[2]!, direction, frame: frame.subarray(3) };
}

/** For each lane, and for the session itself, direction, type and length of its frames in order. */
export function laneOutlines(log: readonly RecordedFrame[]): Map<number, string[]> {
  const outlines = new Map<number, string[]>();
  for (const { lane, direction, frame } of log.map(laneFrame)) {
    const { sequence, message } = decodeFrame(new Uint8Array(frame));
    const line = `${direction} ${sequence} ${message.type} ${frame.length}`;
    outlines.set(lane, [...(outlines.get(lane) ?? []), line]);
  }
  return outlines;
}

/** Runs both roles; the sender's log, and how both ended. */
export async function runSharded(data: PreparedPair, pool: GroupPool, setup: Partial<SessionSetup>) {
  let log: readonly RecordedFrame[] = [];
  const ended = await runPair({
    data,
    terms: TERMS,
    pool,
    ...setup,
    wrap(frames, role) {
      const wrapped = setup.wrap?.(frames, role) ?? frames;
      if (role === "receiver") return wrapped;
      const recorded = recordFrames(wrapped);
      log = recorded.log;
      return recorded;
    },
  });
  return { ended, log };
}
