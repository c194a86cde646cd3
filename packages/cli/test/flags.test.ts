import { describe, expect, test } from "vitest";
import { parseMeasure } from "../src/flags.ts";
import { failure } from "./failure.ts";

describe("--measure", () => {
  test.each([
    ["amount:0:500:2", { name: "amount", low: 0n, high: 50_000n, decimals: 2 }],
    ["orders:0:10:0", { name: "orders", low: 0n, high: 10n, decimals: 0 }],
    ["net:-12.5:+12.50:2", { name: "net", low: -1250n, high: 1250n, decimals: 2 }],
    ["a:b:1:1:0", { name: "a:b", low: 1n, high: 1n, decimals: 0 }],
    ["e:0.000000001:1:9", { name: "e", low: 1n, high: 10n ** 9n, decimals: 9 }],
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
    ["amount:0:500:10", "decimals"],
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
    const { exit, message } = failure(() => parseMeasure(flag));
    expect(exit).toBe(2);
    expect(message).toContain(`--measure ${flag}: `);
    expect(message).toContain(part);
  });
});
