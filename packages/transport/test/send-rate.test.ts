// What a link says of the speed of its line, by a clock that the test sets.
import { expect, test } from "vitest";
import { SendRate } from "../src/link/send-rate.ts";

const MEGABYTE = 1 << 20;

/** Sends `megabytes` frames, each of which the system takes `ms` after it was handed to it, and the next is handed over `pauseMs` later. */
function rateOf(runs: readonly { megabytes: number; ms: number; pauseMs: number }[]): number | undefined {
  let nowMs = 1000;
  const rate = new SendRate(() => nowMs);
  for (const { megabytes, ms, pauseMs } of runs) {
    for (let sent = 0; sent < megabytes; sent++) {
      rate.handed();
      nowMs += ms;
      rate.taken(MEGABYTE);
      nowMs += pauseMs;
    }
  }
  return rate.bytesPerSecond;
}

test("nothing is said of less than 32 MiB", () => {
  expect(rateOf([{ megabytes: 31, ms: 100, pauseMs: 0 }])).toBeUndefined();
  expect(rateOf([{ megabytes: 32, ms: 100, pauseMs: 0 }])).toBeCloseTo(10 * MEGABYTE, 0);
});

test("time in which nothing waits to leave is not counted", () => {
  expect(rateOf([{ megabytes: 100, ms: 100, pauseMs: 900 }])).toBeCloseTo(10 * MEGABYTE, 0);
});

test("a line for which nothing waits is one of 10 Gbit/s", () => {
  expect(rateOf([{ megabytes: 100, ms: 0, pauseMs: 10 }])).toBe(1.25e9);
});

test("the fastest stretch counts, whatever was slower before and after it", () => {
  const [slow, fast] = [
    { megabytes: 50, ms: 1000, pauseMs: 0 },
    { megabytes: 32, ms: 50, pauseMs: 3 },
  ];
  expect(rateOf([slow, fast, slow])).toBeCloseTo(20 * MEGABYTE, 0);
});

test("frames that wait together are counted by the time of all, and those of a lost connection by their time alone", () => {
  let nowMs = 0;
  const rate = new SendRate(() => nowMs);
  for (let sent = 0; sent < 16; sent++) {
    for (let i = 0; i < 3; i++) rate.handed();
    nowMs += 100;
    rate.taken(MEGABYTE);
    rate.taken(MEGABYTE);
    nowMs += 100;
    rate.taken(0);
  }
  // 32 MiB, the last of them after 15 x 200 + 100 ms.
  expect(rate.bytesPerSecond).toBeCloseTo((32 * MEGABYTE) / 3.1, 0);
});
