// What each stage costs, in order, and who is told of it.
import { expect, onTestFinished, test, vi } from "vitest";
import { StageMeter, type StageTiming } from "../src/meter.ts";

/** A channel's counters, and a clock that stands still until it is moved. */
function fixture() {
  let now = 1000;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
  onTestFinished(() => clock.mockRestore());
  const told: string[] = [];
  const meter = new StageMeter({
    stage: (name, state) => told.push(`${name} ${state}`),
    progress: (name, done, total) => told.push(`${name} ${done}/${total}`),
  });
  const pass = (seconds: number) => (now += seconds * 1000);
  return { meter, told, pass };
}

const bytesOf = (stages: readonly StageTiming[]) =>
  stages.map(({ name, bytesSent, bytesReceived }) => [name, bytesSent, bytesReceived]);
const secondsOf = (stages: readonly StageTiming[]) => stages.map(({ name, seconds }) => [name, seconds]);

test("each stage has the time and the bytes that passed in it, and none of what passed between stages", () => {
  const { meter, pass } = fixture();
  const channel = { bytesSent: 0, bytesReceived: 5 };
  meter.enter("prepare");
  pass(2);
  meter.over(channel);
  meter.enter("agree");
  pass(3);
  Object.assign(channel, { bytesSent: 100, bytesReceived: 25 });
  meter.end();
  pass(7);
  Object.assign(channel, { bytesSent: 130 });
  meter.enter("match");
  Object.assign(channel, { bytesReceived: 1025 });
  meter.end();
  expect(bytesOf(meter.stages)).toEqual([
    ["prepare", 0, 0],
    ["agree", 100, 20],
    ["match", 0, 1000],
  ]);
  expect(secondsOf(meter.stages)).toEqual([
    ["prepare", 2],
    ["agree", 3],
    ["match", 0],
  ]);
  expect(meter.seconds).toBe(5);
});

test("a stage goes on counting on the next channel, whose counters begin anew", () => {
  const { meter } = fixture();
  const [talk, stages] = [
    { bytesSent: 10, bytesReceived: 10 },
    { bytesSent: 0, bytesReceived: 0 },
  ];
  meter.over(talk);
  meter.enter("agree");
  Object.assign(talk, { bytesSent: 15, bytesReceived: 30 });
  meter.over(stages);
  Object.assign(stages, { bytesSent: 1, bytesReceived: 2 });
  meter.end();
  expect(bytesOf(meter.stages)).toEqual([["agree", 6, 22]]);
});

test("processor time is that of the process", () => {
  const { meter } = fixture();
  const used = [
    { user: 1_000_000, system: 0 },
    { user: 1_500_000, system: 250_000 },
  ];
  const usage = vi.spyOn(process, "cpuUsage").mockReturnValueOnce(used[0]!).mockReturnValue(used[1]!);
  onTestFinished(() => usage.mockRestore());
  meter.enter("match");
  meter.end();
  expect(meter.stages).toMatchObject([{ name: "match", cpuSeconds: 0.75 }]);
});

test("the observer hears of each stage once, in order, and of progress in the running one alone", () => {
  const { meter, told } = fixture();
  meter.progress(1, 9);
  meter.enter("match");
  meter.progress(2, 9);
  meter.enter("match");
  meter.enter("aggregate");
  meter.progress(3, 9);
  expect(meter.current).toBe("aggregate");
  meter.end();
  meter.end();
  meter.progress(4, 9);
  expect(meter.current).toBeUndefined();
  expect(told).toEqual([
    "match started",
    "match 2/9",
    "match done",
    "aggregate started",
    "aggregate 3/9",
    "aggregate done",
  ]);
});

test("stages whose shards ran side by side share what they took by the shards' seconds; totals stay", () => {
  const { meter, pass } = fixture();
  const channel = { bytesSent: 0, bytesReceived: 0 };
  meter.over(channel);
  meter.enter("match");
  pass(9);
  Object.assign(channel, { bytesSent: 700, bytesReceived: 90 });
  meter.enter("aggregate");
  pass(3);
  Object.assign(channel, { bytesSent: 1010, bytesReceived: 105 });
  const cost = { cpuSeconds: 0 };
  meter.divide([
    [
      { name: "match", seconds: 2, bytesSent: 300, bytesReceived: 10, ...cost },
      { name: "aggregate", seconds: 1, bytesSent: 200, bytesReceived: 40, ...cost },
    ],
    [
      { name: "match", seconds: 4, bytesSent: 300, bytesReceived: 10, ...cost },
      { name: "aggregate", seconds: 1, bytesSent: 200, bytesReceived: 40, ...cost },
    ],
  ]);
  meter.enter("release");
  pass(1);
  Object.assign(channel, { bytesSent: 1011, bytesReceived: 107 });
  meter.end();
  expect(bytesOf(meter.stages)).toEqual([
    ["match", 610, 25],
    ["aggregate", 400, 80],
    ["release", 1, 2],
  ]);
  expect(secondsOf(meter.stages)).toEqual([
    ["match", 9],
    ["aggregate", 3],
    ["release", 1],
  ]);
  meter.divide([[{ name: "match", seconds: 0, bytesSent: 0, bytesReceived: 0, ...cost }]]);
  expect(meter.seconds).toBe(13);
});
