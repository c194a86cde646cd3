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
