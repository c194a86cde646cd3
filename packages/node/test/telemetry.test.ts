// What a collector of OpenTelemetry is told of a session by both companies, and that one which is not there disturbs nothing.
import { expect, test } from "vitest";
import { attribute, collector } from "./collector.ts";
import { cellsOf, SPRING, twoNodes } from "./two-nodes.ts";

const STAGES = ["prepare", "agree", "pseudonymise", "match", "aggregate", "release"];

test("both companies' spans are one trace, and the metrics are those of /metrics", async () => {
  const { url, spans, metrics, bytes: told } = await collector();
  const settings = { otlp: url };
  const { serving, run } = await twoNodes({ advertiser: { settings }, publisher: { settings } });
  const { session, json } = await run();
  await serving.close();

  const roots = spans().filter(({ name }) => name === "session");
  const ours = roots.find((span) => attribute(span, "halfroom.initiated_by") === "us")!;
  const theirs = roots.find((span) => attribute(span, "halfroom.initiated_by") === "partner")!;
  expect(roots).toHaveLength(2);
  expect(new Set(spans().map(({ traceId }) => traceId)).size).toBe(1);
  expect(ours.parentSpanId ?? "").toBe("");
  expect(theirs.parentSpanId).toBe(ours.spanId);
  for (const root of roots) {
    expect(attribute(root, "halfroom.code")).toBe("done");
    const stages = spans().filter(
      ({ parentSpanId, name }) => parentSpanId === root.spanId && name !== "session",
    );
    expect(stages.map(({ name }) => name)).toEqual(STAGES);
    for (const { startTimeUnixNano, endTimeUnixNano } of stages)
      expect(BigInt(endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(startTimeUnixNano));
  }

  const stageSeconds = metrics().find(({ name }) => name === "halfroom_stage_seconds")!;
  const match = stageSeconds.histogram!.dataPoints.find((point) => attribute(point, "stage") === "match")!;
  expect(Number(match.count)).toBe(1);
  expect(match.bucketCounts).toHaveLength(match.explicitBounds!.length + 1);
  expect(match.bucketCounts!.reduce<number>((sum, count) => sum + Number(count), 0)).toBe(1);
  const ended = metrics().find(({ name }) => name === "halfroom_sessions_total")!;
  expect(ended.sum).toMatchObject({ isMonotonic: true });
  expect(attribute(ended.sum!.dataPoints[0]!, "code")).toBe("done");
  const bytes = metrics().find(({ name }) => name === "halfroom_message_bytes_total")!.sum!.dataPoints;
  const bytesOf = (type: string, direction: string) => {
    const isAsked = (point: Parameters<typeof attribute>[0]) =>
      attribute(point, "type") === type && attribute(point, "direction") === direction;
    const { asDouble, asInt } = bytes.find(isAsked)!;
    return Number(asDouble ?? asInt);
  };
  // 1,024 points of 32 bytes each way, and what is around them; the answering side is the receiver.
  for (const [type, direction] of [
    ["blinded", "sent"],
    ["evaluated", "received"],
  ] as const) {
    expect(bytesOf(type, direction)).toBeGreaterThan(1024 * 32);
    expect(bytesOf(type, direction)).toBeLessThan(1024 * 32 + 100);
  }
  expect(metrics().find(({ name }) => name === "halfroom_expires_days")!.gauge!.dataPoints).not.toEqual([]);

  // Nothing of the data, and not the session's id, from which the trace's follows.
  const { campaign, revenue } = SPRING;
  expect(cellsOf(json)).toEqual([SPRING]);
  for (const secret of [campaign, String(revenue), session, "@example.com"])
    expect(told()).not.toContain(secret);
});

test("a session that fails has its code, and the next one another trace", async () => {
  const { url, spans } = await collector();
  const { serving, run } = await twoNodes({
    advertiser: { settings: { otlp: url } },
    publisher: { policy: { people: 1000 } },
  });
  await expect(run()).rejects.toMatchObject({ code: "refused" });
  await expect(run()).rejects.toMatchObject({ code: "refused" });
  await serving.close();
  const roots = spans().filter(({ name }) => name === "session");
  expect(roots.map((root) => attribute(root, "halfroom.code"))).toEqual(["refused", "refused"]);
  expect(new Set(roots.map(({ traceId }) => traceId)).size).toBe(2);
});

test("a collector that is not there delays no report, and is told of", async () => {
  const warnings: string[] = [];
  const { run } = await twoNodes({ advertiser: { settings: { otlp: "http://127.0.0.1:1" } } });
  const { json } = await run(undefined, (event) => {
    if (event.type === "warning") warnings.push(event.words);
  });
  expect(cellsOf(json)).toEqual([SPRING]);
  expect(warnings).toEqual([expect.stringMatching(/collector in `otlp` could not be told/)]);
});
