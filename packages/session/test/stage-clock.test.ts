import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { StageClock } from "../src/stage-clock.ts";

test("each stage has the bytes that went each way in it, and none of what went between stages", () => {
  const clock = new StageClock();
  clock.start("agree", { bytesSent: 0, bytesReceived: 5 });
  clock.stop({ bytesSent: 100, bytesReceived: 25 });
  clock.start("match", { bytesSent: 130, bytesReceived: 25 });
  clock.stop({ bytesSent: 130, bytesReceived: 1025 });
  const sizes = clock.stages.map(({ name, bytesSent, bytesReceived }) => [name, bytesSent, bytesReceived]);
  expect(sizes).toEqual([
    ["agree", 100, 20],
    ["match", 0, 1000],
  ]);
});

test("a local stage takes as long as its work, sends nothing and hands on its result", async () => {
  const clock = new StageClock();
  const result = await clock.time("prepare", async () => {
    await delay(20);
    return 7;
  });
  expect(result).toBe(7);
  const [stage] = clock.stages;
  expect(stage).toMatchObject({ name: "prepare", bytesSent: 0, bytesReceived: 0 });
  // Timers may be a millisecond early.
  expect(stage!.seconds).toBeGreaterThan(0.015);
  expect(clock.seconds).toBeGreaterThanOrEqual(stage!.seconds);
});

test("a stage that fails is not listed, and its error goes on", async () => {
  const clock = new StageClock();
  const failure = new Error("no file");
  await expect(clock.time("prepare", () => Promise.reject(failure))).rejects.toBe(failure);
  expect(clock.stages).toEqual([]);
});

test("stages that ran at the same time share what they took in the proportion of their costs", () => {
  const clock = new StageClock();
  clock.start("match", { bytesSent: 0, bytesReceived: 0 });
  clock.stop({ bytesSent: 700, bytesReceived: 90 });
  clock.start("aggregate", { bytesSent: 700, bytesReceived: 90 });
  clock.stop({ bytesSent: 1010, bytesReceived: 105 });
  clock.start("release", { bytesSent: 1010, bytesReceived: 105 });
  clock.stop({ bytesSent: 1011, bytesReceived: 107 });
  const before = clock.stages;
  clock.divide({
    match: { seconds: 3, bytesSent: 600, bytesReceived: 20 },
    aggregate: { seconds: 1, bytesSent: 400, bytesReceived: 80 },
  });
  const bytes = clock.stages.map(({ name, bytesSent, bytesReceived }) => [name, bytesSent, bytesReceived]);
  expect(bytes).toEqual([
    ["match", 610, 25],
    ["aggregate", 400, 80],
    ["release", 1, 2],
  ]);
  const sum = (stages: typeof before) => stages[0]!.seconds + stages[1]!.seconds;
  expect(sum(clock.stages)).toBeCloseTo(sum(before), 9);
  expect(clock.stages[0]!.seconds).toBeCloseTo(3 * clock.stages[1]!.seconds, 9);
});
