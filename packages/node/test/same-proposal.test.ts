// Two runs of one proposal at the same time: the one that comes later must not end the one that is under way.
import { TERMS, memoryFrames } from "@halfroom/testkit";
import { openChannel } from "@halfroom/wire";
import { expect, test } from "vitest";
import { initiate } from "../src/run/initiate.ts";
import { planReport } from "../src/run/plan.ts";
import { runSession } from "../src/run/run-session.ts";
import { WORKS } from "../src/run/works.ts";
import { requestOf, twoNodes } from "./two-nodes.ts";

test("a run that asks again while its proposal runs: it is told `replayed`, and the first one ends well", async () => {
  const nodes = await twoNodes();
  const { advertiser } = nodes;
  let begin = () => {};
  const isRunning = new Promise<void>((resolve) => (begin = resolve));
  const connect: typeof WORKS.connect = async (options) => {
    await isRunning;
    return await WORKS.connect(options);
  };
  const source = { text: `${requestOf(undefined)}exact: true\n`, name: "roi.yaml" };
  const late = { ...advertiser, works: { ...WORKS, connect } };
  const second = initiate(late, await planReport(late, source), () => {}).catch((error: unknown) => error);
  const first = await initiate(advertiser, await planReport(advertiser, source), (event) => {
    if (event.type === "stage" && event.name === "match") begin();
  });
  expect(first.fresh).toBeDefined();
  expect(await second).toMatchObject({ code: "replayed", fromPartner: true });
  expect(advertiser.sessions.list()).toMatchObject([{ state: "done" }]);
});

test("a proposal that was approved when its process died: asked again it is closed, so that the next run makes a new one", async () => {
  const { advertiser, publisher } = await twoNodes();
  const plan = await planReport(advertiser, {
    text: `${requestOf(undefined)}exact: true\n`,
    name: "roi.yaml",
  });
  const now = Date.now();
  const asked = { proposal: "0f".repeat(16), terms: plan.terms, now, expiresAt: now + 60_000 };
  const ours = advertiser.sessions.open({
    ...asked,
    partner: "publisher",
    initiatedBy: "us",
    role: "sender",
  });
  advertiser.sessions.approve(ours.id, plan.terms, now);
  const theirs = publisher.sessions.open({
    ...asked,
    partner: "advertiser",
    initiatedBy: "partner",
    role: "receiver",
  });
  publisher.sessions.fail(theirs.id, "interrupted", now);
  await expect(initiate(advertiser, plan, () => {})).rejects.toMatchObject({ code: "replayed" });
  expect(advertiser.sessions.get(ours.id)).toMatchObject({ state: "failed", code: "replayed" });
});

test("a session that another run prepares: `session-state`, and it goes on", async () => {
  const { publisher: node } = await twoNodes();
  const partner = node.partners.named("advertiser");
  const { id } = node.sessions.open({
    partner: partner.name,
    proposal: "0f".repeat(16),
    initiatedBy: "partner",
    role: "receiver",
    terms: TERMS,
    now: Date.now(),
    expiresAt: Date.now() + 60_000,
  });
  node.sessions.approve(id, TERMS, Date.now());
  const row = node.sessions.get(id);
  node.sessions.prepare(id, Date.now());
  const [frames] = memoryFrames({ idleMs: 1000 });
  const unused = undefined as never;
  const second = runSession({
    node,
    rules: node.settings,
    partner,
    row,
    judgement: unused,
    frames,
    talk: openChannel(frames, "receiver"),
    pool: unused,
    shardWorkers: unused,
    onEvent: () => {},
  });
  await expect(second).rejects.toMatchObject({ code: "session-state" });
  expect(node.sessions.get(id).state).toBe("preparing");
});
