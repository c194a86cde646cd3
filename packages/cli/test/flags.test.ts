import { describe, expect, test } from "vitest";
import { Failure } from "../src/failure.ts";
import { halfOptions, parseMeasure, reportTerms } from "../src/flags.ts";
import type { HalfFlags } from "../src/flags.ts";

const FLAGS: HalfFlags = {
  role: "sender",
  listen: "127.0.0.1:7400",
  connect: undefined,
  file: "people.csv",
  match: "email",
  measure: ["amount:0:500:2"],
  "group-by": ["campaign,age_band"],
  threshold: "50",
  exact: true,
  "ot-k": "4",
  "people-min": "1000",
  threads: "3",
  timeout: "60",
  json: false,
  out: undefined,
  progress: "auto",
};

function failure(run: () => unknown): Failure {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(Failure);
    return error as Failure;
  }
  throw new Error("nothing was thrown");
}

describe("--measure", () => {
  test.each([
    ["amount:0:500:2", { name: "amount", low: 0n, high: 50_000n, decimals: 2 }],
    ["orders:0:10:0", { name: "orders", low: 0n, high: 10n, decimals: 0 }],
    ["net:-12.5:+12.50:2", { name: "net", low: -1250n, high: 1250n, decimals: 2 }],
    ["a:b:1:1:0", { name: "a:b", low: 1n, high: 1n, decimals: 0 }],
    ["e:0.000000000000000001:1:18", { name: "e", low: 1n, high: 10n ** 18n, decimals: 18 }],
    ["big:0:4611686018427387903:0", { name: "big", low: 0n, high: 2n ** 62n - 1n, decimals: 0 }],
  ])("%s is exact", (flag, measure) => {
    expect(parseMeasure(flag)).toEqual(measure);
  });

  test.each([
    ["amount", "four parts"],
    ["amount:0:500", "four parts"],
    [":0:500:2", "four parts"],
    ["amount:0:500:", "decimals"],
    ["amount:0:500:-1", "decimals"],
    ["amount:0:500:1.5", "decimals"],
    ["amount:0:500:19", "decimals"],
    ["amount:0:500:0x2", "decimals"],
    ["amount::500:2", "low"],
    ["amount:zero:500:2", "low"],
    ["amount:1e2:500:2", "low"],
    ["amount:0.001:500:2", "low"],
    ["amount:0::2", "high"],
    ["amount:0: 500:2", "high"],
    ["amount:0:Infinity:2", "high"],
    ["amount:0:500.005:2", "high"],
    ["amount:500:0:2", "greater"],
    ["amount:0:4611686018427387904:0", "too large"],
    ["amount:-4611686018427387904:0:0", "too large"],
  ])("%s is refused, naming the part", (flag, part) => {
    const { exitCode, message } = failure(() => parseMeasure(flag));
    expect(exitCode).toBe(2);
    expect(message).toContain(`--measure ${flag}: `);
    expect(message).toContain(part);
  });
});

describe("the report's flags", () => {
  test("give the terms", () => {
    expect(reportTerms({ ...FLAGS, "group-by": ["a,b", "c"], "ot-k": "8" })).toMatchObject({
      report: "sums",
      measures: [{ name: "amount", low: 0n, high: 50_000n, decimals: 2 }],
      partitions: [["a", "b", "c"]],
      threshold: 50,
      release: { mode: "exact" },
      otK: 8,
    });
  });

  test.each([
    [{ exact: false }, 2, "--exact is missing"],
    [{ threshold: "10" }, 4, "--threshold 10 is refused"],
    [{ threshold: "0" }, 4, "--threshold 0 is refused"],
    [{ threshold: "-5" }, 2, "--threshold -5"],
    [{ threshold: "1e3" }, 2, "--threshold 1e3"],
    [{ threshold: "50.0" }, 2, "--threshold 50.0"],
    [{ threshold: "" }, 2, "--threshold"],
    [{ "group-by": ["a,,b"] }, 2, "empty column"],
    [{ "group-by": ["people"] }, 2, '"people"'],
    [{ "group-by": ["amount"] }, 2, '"amount"'],
    [{ measure: ["amount:0:1:0", "amount:0:2:0"] }, 2, '"amount"'],
  ])("%j ends with %i", (flags, exitCode, words) => {
    const thrown = failure(() => reportTerms({ ...FLAGS, ...flags }));
    expect(thrown.exitCode).toBe(exitCode);
    expect(thrown.message).toContain(words);
    expect(thrown.message.split("\n").length).toBeLessThanOrEqual(2);
  });

  test("11 is the smallest threshold", () => {
    expect(reportTerms({ ...FLAGS, threshold: "11" }).threshold).toBe(11);
  });
});

describe("the flags of a half", () => {
  test("give its options", () => {
    expect(halfOptions(FLAGS)).toMatchObject({
      role: "sender",
      peer: { listen: "127.0.0.1:7400" },
      policy: { thresholdMin: 11, peopleMin: 1000 },
      threads: 3,
      timeoutMs: 60_000,
    });
    expect(halfOptions({ ...FLAGS, listen: undefined, connect: "ws://[::1]:7400" }).peer).toEqual({
      connect: "ws://[::1]:7400",
    });
  });

  test.each([
    [{ connect: "ws://127.0.0.1:7400" }, "--listen"],
    [{ listen: undefined }, "--listen"],
    [{ listen: "7400" }, "--listen 7400"],
    [{ listen: "127.0.0.1:65536" }, "--listen"],
    [{ listen: undefined, connect: "127.0.0.1:7400" }, "--connect"],
    [{ listen: undefined, connect: "http://127.0.0.1:7400" }, "--connect"],
    [{ threads: "0" }, "--threads 0"],
    [{ timeout: "0" }, "--timeout 0"],
    [{ "people-min": "-1" }, "--people-min -1"],
  ])("%j is bad input", (flags, words) => {
    const thrown = failure(() => halfOptions({ ...FLAGS, ...flags }));
    expect(thrown.exitCode).toBe(2);
    expect(thrown.message).toContain(words);
  });
});
