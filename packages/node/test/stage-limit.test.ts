import { setTimeout as pause } from "node:timers/promises";
import type { ProtocolError } from "@halfroom/wire";
import { expect, test } from "vitest";
import { StageLimit } from "../src/run/stage-limit.ts";

test("a stage that takes too long ends with its name and the setting, and a stage in time does not", async () => {
  const ended: ProtocolError[] = [];
  const limit = new StageLimit(0.2, (error) => ended.push(error));
  limit.start("pseudonymise");
  limit.start("match");
  await pause(1000);
  limit.start("release");
  limit.stop();
  await pause(500);
  expect(ended.map(({ code, phase }) => ({ code, phase }))).toEqual([{ code: "timeout", phase: "match" }]);
  expect(ended[0]!.message).toContain("stage_seconds");
});
