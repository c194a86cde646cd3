// A proposal that waits for a person is one proposal, however often it is asked about.
import { expect, test, vi } from "vitest";
import { handleOf } from "../src/api/node.ts";
import { approve } from "../src/api/sessions.ts";
import { openLog } from "../src/serve/log.ts";
import { serve } from "../src/serve/serve.ts";
import type { RunEvent } from "../src/run/run-events.ts";
import { twoNodes } from "./two-nodes.ts";

test("it is counted once, logged once for each decision, told the user once, and waits since it was held", async () => {
  const nodes = await twoNodes({ publisher: { policy: { approval: "by-hand" } } });
  await nodes.serving.close();
  const log = openLog({ ...nodes.publisher.settings, log_level: "silent" });
  const decisions: unknown[] = [];
  vi.spyOn(log, "info").mockImplementation((fields: unknown, words?: unknown) => {
    if (words === "proposal answered") decisions.push((fields as { decision: string }).decision);
  });
  const serving = await serve(nodes.publisher, log);
  nodes.dial(serving.address);
  const connections = vi.spyOn(nodes.publisher.partners, "byFingerprint");
  const events: RunEvent[] = [];
  const running = nodes.run("exact: true", (event) => events.push(event));
  await vi.waitFor(() => expect(connections.mock.calls.length).toBeGreaterThan(4), 20_000);
  await vi.waitFor(() => expect(nodes.publisher.sessions.list()).toHaveLength(1), 20_000);
  const [held] = nodes.publisher.sessions.list();
  expect(held!.updatedAt - held!.createdAt).toBeLessThan(150);
  const metrics = await (await fetch(`http://${serving.admin}/metrics`)).text();
  expect(metrics).toMatch(/halfroom_proposals_total\{partner="advertiser",decision="hold"\} 1\n/);
  await approve(handleOf(nodes.publisher), held!.id);
  await running;
  await serving.close();
  expect(decisions).toEqual(["hold", "accept"]);
  expect(events.filter(({ type }) => type === "held")).toHaveLength(1);
});
