// The reports of a series beside each other: intervals of differences hold as often as they say, exact ones are exact.
import { seededRng } from "@halfroom/testkit";
import { expect, test } from "vitest";
import { trendCsv, trendJson, trendOf, trendText, type ReleasedReport, type TrendRun } from "../src/index.ts";
import { trendHtml } from "../src/trend/page.ts";

const VARIANCE = 800;
const NOISE = { mechanism: "laplace", microEpsilon: 1_000_000 } as const;

function report(cells: ReleasedReport["partitions"][number]["cells"], isExact = false): ReleasedReport {
  return {
    kind: "sums",
    role: "sender",
    measures: [{ name: "revenue", decimals: 2, squares: false, low: 0n, high: 50_000n }],
    threshold: 100,
    ...(isExact ? {} : { noise: NOISE }),
    partitions: [{ groupBy: ["campaign"], senderGroupBy: [], cells }],
    ownPeople: 1000,
    partnerPeople: 1000,
    agreed: { datasets: { own: "a", partner: "b" }, match: ["email"], entries: 1 },
  };
}

const cell = (label: string, people: bigint, revenue: bigint | undefined, variance = VARIANCE) => ({
  labels: [label],
  people: { value: people, variance },
  sums: [revenue === undefined ? undefined : { value: revenue, variance }],
});

const run = (number: number, state: TrendRun["state"], of?: ReleasedReport) => ({
  number,
  dueAt: Date.UTC(2027, 0, 4 + 7 * (number - 1), 5),
  state,
  session: of === undefined ? undefined : String(number).repeat(8),
  report: of,
});

const TREND = trendOf("publisher", "abcdefgh", [
  run(1, "done", report([cell("spring", 500n, 123_456n), cell("=sum", 300n, undefined)])),
  run(2, "missed"),
  run(3, "done", report([cell("spring", 510n, 123_500n)])),
  run(4, "done", report([cell("spring", 900n, 50_000n), cell("=sum", 200n, 1n)])),
  run(5, "open"),
]);

test("each number has its runs, and differs from the last that shows it", () => {
  expect(TREND.lines.map(({ labels, column }) => `${labels.join()} ${column}`)).toEqual([
    "=sum people",
    "=sum revenue",
    "spring people",
    "spring revenue",
  ]);
  const [few, , people] = TREND.lines;
  expect(people!.points.map((point) => point?.value)).toEqual([500n, undefined, 510n, 900n, undefined]);
  expect(people!.points.map((point) => point?.change?.since)).toEqual([
    undefined,
    undefined,
    1,
    3,
    undefined,
  ]);
  expect(people!.points.map((point) => point?.change?.isTold)).toEqual([
    undefined,
    undefined,
    false,
    true,
    undefined,
  ]);
  expect(few!.points[3]!.change).toMatchObject({ value: -100n, since: 1 });
});

test("exact numbers have no interval, and their difference is said with what it shows", () => {
  const exact = trendOf("publisher", "abcdefgh", [
    run(1, "done", report([cell("spring", 500n, 10n, 0)], true)),
    run(2, "done", report([cell("spring", 501n, 10n, 0)], true)),
  ]);
  expect(exact.isExact).toBe(true);
  expect(exact.lines[0]!.points[1]!.change).toEqual({ value: 1n, low: 1n, high: 1n, isTold: true, since: 1 });
  expect(trendText(exact)).toMatch(/what is different between two runs/);
});

test("the interval of a difference of Laplace noises holds in 95 of 100 cases or a little more", () => {
  const rng = seededRng("trend");
  const scale = Math.sqrt(VARIANCE / 4);
  const uniform = () => (new Uint32Array(rng.bytes(4).buffer)[0]! + 0.5) / 2 ** 32;
  const laplace = () => -scale * Math.sign(uniform() - 0.5) * Math.log(uniform());
  const noisy = () => BigInt(Math.round(1000 + laplace() + laplace()));
  const tries = 4000;
  let held = 0;
  for (let i = 0; i < tries; i++) {
    const { lines } = trendOf("p", "s", [
      run(1, "done", report([cell("x", noisy(), undefined)])),
      run(2, "done", report([cell("x", noisy(), undefined)])),
    ]);
    const { low, high } = lines[0]!.points[1]!.change!;
    if (low <= 0n && high >= 0n) held++;
  }
  // The quantile is that of two Laplace variables; four have lighter tails. Five standard deviations either way of 95.4 %.
  expect(held / tries).toBeGreaterThan(0.938);
  expect(held / tries).toBeLessThan(0.975);
});

test("CSV, JSON and page hold the same numbers, safely", () => {
  const lines = trendCsv(TREND).trimEnd().split("\r\n");
  expect(lines[0]).toBe(
    "run,due,session,partition,campaign,column,value,low,high,since run,difference,difference low,difference high,told",
  );
  expect(lines).toHaveLength(1 + 3 + 3 + 2 + 1);
  expect(lines.find((line) => line.startsWith("4,") && line.includes("spring,revenue"))).toMatch(
    /^4,2027-01-25T05:00:00.000Z,44444444,1,spring,revenue,500.00,499.41,500.59,3,-735.00,-735.83,-734.17,true$/,
  );
  expect(lines.some((line) => line.includes("'=sum"))).toBe(true);
  const json = JSON.parse(trendJson(TREND));
  expect(json.lines[2].points[2]).toMatchObject({
    value: "510",
    change: { value: "10", since: 1, isTold: false },
  });
  const html = trendHtml(
    trendOf("<b>", "abcdefgh", [run(1, "done", report([cell("<script>", 500n, 1n)])), run(2, "missed")]),
  );
  expect(html).not.toMatch(/<script|<b>/);
  expect(html).toContain("run 2, due on 2027-01-11");
  expect(trendText(TREND)).toMatch(/up \(/);
});
