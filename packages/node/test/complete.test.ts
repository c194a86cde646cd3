// Sessions whose connection is lost for good around their last messages: no side is left with a spent budget and nothing.
import { cuttingProxy } from "@halfroom/testkit";
import { toHex } from "@halfroom/session";
import { ProtocolError } from "@halfroom/wire";
import { expect, onTestFinished, test, vi } from "vitest";
import { askToComplete } from "../src/run/complete.ts";
import type { NodeState } from "../src/node-state.ts";
import { call } from "../src/run/call.ts";
import { CompleteLost } from "../src/serve/complete-lost.ts";
import { openLog } from "../src/serve/log.ts";
import { serve } from "../src/serve/serve.ts";
import type { RunEvent } from "../src/run/run-events.ts";
import { WORKS } from "../src/run/works.ts";
import { HOUR_MS } from "../src/time.ts";
import { cellsOf, SPRING, twoNodes, type TwoNodes } from "./two-nodes.ts";

type Lost = "the last message" | "both receipts";

/** Both can dial each other, and the connection is cut for good at the given moment. */
async function cutNodes(lost: Lost, committer: "advertiser" | "publisher"): Promise<TwoNodes> {
  const settings = { resume_seconds: 0.3 };
  const nodes = await twoNodes({ advertiser: { settings }, publisher: { settings } });
  const { advertiser, publisher } = nodes;
  const serving = await serve(advertiser, openLog({ ...advertiser.settings, log_level: "silent" }));
  onTestFinished(() => serving.close());
  publisher.partners.move("advertiser", serving.address);
  const proxy = await cuttingProxy(nodes.address, () => Infinity);
  onTestFinished(proxy.close);
  nodes.dial(proxy.address);
  if (lost === "the last message") {
    // The side that answers settles just before it sends.
    const { unsettled } = committer === "advertiser" ? publisher : advertiser;
    const forget = unsettled.forget.bind(unsettled);
    vi.spyOn(unsettled, "forget").mockImplementation((session) => {
      forget(session);
      proxy.close();
    });
  } else {
    // The side that commits keeps its report just before it sends; all that came before reaches the other.
    const { unsettled } = nodes[committer];
    const keep = unsettled.keep.bind(unsettled);
    vi.spyOn(unsettled, "keep").mockImplementation((report) => {
      keep(report);
      throw new ProtocolError("closed");
    });
  }
  return nodes;
}

const only = (node: NodeState) => {
  const [row, ...more] = node.sessions.list();
  expect(more).toEqual([]);
  return row!;
};

const complete = async (at: NodeState, partner: string) =>
  await askToComplete(at, only(at), at.partners.named(partner));

function expectSettled(node: NodeState): string {
  expect(node.sessions.list()).toMatchObject([{ state: "done", code: undefined }]);
  const { session } = only(node);
  expect(node.ledger.entries()).toMatchObject([{ session, settled: true }]);
  expect(node.unsettled.get(session!)).toBeUndefined();
  expect(node.audit.verify().faults).toEqual([]);
  return session!;
}

test.each([
  ["the last message", "to both", "exact: true", "publisher"],
  ["the last message", "to the side that asked", "exact: true\nresult: us", "advertiser"],
  ["both receipts", "to both", "exact: true", "publisher"],
  ["both receipts", "to the side that was asked", "exact: true\nresult: them", "publisher"],
] as const)(
  "%s of a report %s is lost: it is completed later, with equal receipts and no new budget",
  async (lost, _, lines, committer) => {
    const nodes = await cutNodes(lost, committer);
    const { advertiser, publisher } = nodes;
    const run = await nodes.run(lines).catch((error: unknown) => error);
    const [at, partner] =
      committer === "advertiser"
        ? ([advertiser, "publisher"] as const)
        : ([publisher, "advertiser"] as const);
    await vi.waitFor(
      () => expect(at.sessions.list()).toMatchObject([{ state: "failed", code: "closed" }]),
      20_000,
    );
    expect(at.reports.list()).toEqual([]);
    if (committer === "advertiser" || lost === "both receipts")
      expect((run as Error).message).toMatch(/halfroom complete [a-z0-9]+ .*no more is taken/s);
    nodes.dial(nodes.address);
    vi.restoreAllMocks();

    const { json } = await complete(at, partner);
    const session = expectSettled(at);
    await vi.waitFor(() => expectSettled(at === advertiser ? publisher : advertiser), 20_000);
    expect(advertiser.receipts.get(session)).toEqual(publisher.receipts.get(session));
    for (const node of [advertiser, publisher]) {
      const [kept] = node.reports.list();
      if (kept!.json.includes("the partner alone")) continue;
      expect(cellsOf(kept!.json)).toEqual([SPRING]);
      // It opens the commitment that both signed.
      expect(JSON.parse(kept!.json).details.nonce).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(json).toBe(at.reports.get(session)!.json);
    await expect(complete(at, partner)).rejects.toMatchObject({ code: "session-state" });
  },
);

const silent = (node: NodeState) => openLog({ ...node.settings, log_level: "silent" });

/** A run whose last message is lost; what it says is known from elsewhere. */
async function runAndLose(nodes: TwoNodes, lines: string): Promise<void> {
  await nodes.run(lines).catch(() => undefined);
  nodes.dial(nodes.address);
  await vi.waitFor(
    () =>
      expect(
        [nodes.advertiser, nodes.publisher].some((node) => node.sessions.completable().length === 1),
      ).toBe(true),
    20_000,
  );
  vi.restoreAllMocks();
}

test("a run of the same request fetches what an earlier one lacks, and pays nothing anew", async () => {
  const nodes = await cutNodes("the last message", "advertiser");
  const { advertiser } = nodes;
  await runAndLose(nodes, "exact: true\nresult: us");
  const { id, session } = advertiser.sessions.completable()[0]!;
  const events: RunEvent[] = [];
  const again = await nodes.run("exact: true\nresult: us", (event) => events.push(event));
  expect(events).toContainEqual({ type: "completed", id, session });
  expect(again).toMatchObject({ session, fresh: undefined });
  expect(cellsOf(again.json)).toEqual([SPRING]);
  expect(advertiser.ledger.entries()).toMatchObject([{ session, settled: true }]);
});

test("a node that serves fetches what it lacks by itself", async () => {
  const nodes = await cutNodes("the last message", "publisher");
  const { publisher } = nodes;
  await runAndLose(nodes, "exact: true");
  const { id, session } = publisher.sessions.completable()[0]!;
  const completed = new Promise((resolve) => {
    void serve(publisher, silent(publisher), (event) => event.type === "completed" && resolve(event)).then(
      (serving) => onTestFinished(() => serving.close()),
    );
  });
  expect(await completed).toEqual({ type: "completed", id, session });
  expectSettled(publisher);
});

test("a partner that cannot be reached is asked a bounded number of times; one that has nothing, once", async () => {
  const nodes = await cutNodes("the last message", "publisher");
  const { publisher } = nodes;
  await runAndLose(nodes, "exact: true");
  let asked = 0;
  let code: "timeout" | "incomplete" = "timeout";
  const connect: typeof WORKS.connect = async () => {
    asked++;
    return await Promise.reject(new ProtocolError(code, "", { fromPartner: true }));
  };
  let now = Date.now();
  const clock = Object.assign(Object.create(publisher.clock) as NodeState["clock"], { now: () => now });
  const node = { ...publisher, clock, works: { ...WORKS, connect } };
  const fresh = () =>
    new CompleteLost({
      node,
      log: silent(node),
      ending: new AbortController().signal,
      onEvent: () => undefined,
    });
  const lost = fresh();
  for (let hours = 0; hours < 100; hours++, now += HOUR_MS) await lost.work();
  expect(asked).toBe(11);
  [asked, code] = [0, "incomplete"];
  const other = fresh();
  for (let hours = 0; hours < 100; hours++, now += HOUR_MS) await other.work();
  expect(asked).toBe(1);
});

test("both sides ask each other at the same time: both are complete", async () => {
  const nodes = await cutNodes("both receipts", "publisher");
  const { advertiser, publisher } = nodes;
  await runAndLose(nodes, "exact: true");
  await vi.waitFor(() => expect(advertiser.sessions.completable()).toHaveLength(1), 20_000);
  await vi.waitFor(() => expect(publisher.sessions.completable()).toHaveLength(1), 20_000);
  await Promise.all([complete(advertiser, "publisher"), complete(publisher, "advertiser")]);
  const session = expectSettled(advertiser);
  await vi.waitFor(() => expectSettled(publisher), 20_000);
  expect(advertiser.receipts.get(session)).toEqual(publisher.receipts.get(session));
});

test("a partner that answers with other bytes, or is not the session's, completes nothing", async () => {
  const nodes = await cutNodes("the last message", "publisher");
  const { advertiser, publisher } = nodes;
  await nodes.run("exact: true");
  await vi.waitFor(() => expect(publisher.sessions.list()).toMatchObject([{ state: "failed" }]), 20_000);
  vi.restoreAllMocks();
  const session = only(publisher).session!;
  const whole = advertiser.receipts.get(session)!;
  const signature = whole.receiptSignatures.sender.map((byte, i) => (i === 5 ? byte ^ 1 : byte));
  const forged = { ...whole, receiptSignatures: { ...whole.receiptSignatures, sender: signature } };
  vi.spyOn(advertiser.receipts, "get").mockReturnValue(forged);
  await expect(complete(publisher, "advertiser")).rejects.toMatchObject({
    code: "agreement",
    fromPartner: false,
  });
  vi.restoreAllMocks();

  const { partners } = advertiser;
  vi.spyOn(partners, "keysOf").mockReturnValue([advertiser.identity.signingKey]);
  await expect(complete(publisher, "advertiser")).rejects.toMatchObject({
    code: "incomplete",
    fromPartner: true,
  });
  vi.restoreAllMocks();

  expect(publisher.reports.list()).toEqual([]);
  expect(publisher.receipts.get(session)).toBeUndefined();
  await complete(publisher, "advertiser");
  expect(toHex(publisher.receipts.get(session)!.report)).toBe(toHex(whole.report));
});

test("a partner asks to complete sessions as often as a node allows, known ones or not, and again an hour later", async () => {
  let ahead = 0;
  const clock = () => Date.now() + ahead;
  const settings = { completions_per_hour: 2 };
  const { advertiser, run } = await twoNodes({
    advertiser: { clock },
    publisher: { settings, clock },
  });
  await run("exact: true");
  const ask = async (session: string) => {
    const { talk } = await call(advertiser, advertiser.partners.named("publisher"));
    await talk.send({ type: "complete", session: new Uint8Array(Buffer.from(session, "hex")) });
    const answer = await talk.recv("done").catch((error: unknown) => error);
    await talk.close();
    return answer;
  };
  const known = only(advertiser).session!;
  expect(await ask("00".repeat(32))).toMatchObject({ code: "incomplete" });
  expect(await ask(known)).toMatchObject({ type: "done" });
  expect(await ask(known)).toMatchObject({ code: "refused", fromPartner: true });
  ahead = 3_600_000;
  expect(await ask(known)).toMatchObject({ type: "done" });
});

test("a session that failed before there was a report says that its budget stays spent, and cannot be completed", async () => {
  const settings = { resume_seconds: 0.3 };
  const nodes = await twoNodes({ advertiser: { settings }, publisher: { settings } });
  const { advertiser } = nodes;
  const proxy = await cuttingProxy(nodes.address, () => Infinity);
  onTestFinished(proxy.close);
  nodes.dial(proxy.address);
  const take = advertiser.ledger.take.bind(advertiser.ledger);
  vi.spyOn(advertiser.ledger, "take").mockImplementation((entry) => {
    take(entry);
    proxy.close();
  });
  await expect(nodes.run("exact: true")).rejects.toThrow(/stays spent/);
  nodes.dial(nodes.address);
  await expect(complete(advertiser, "publisher")).rejects.toMatchObject({ code: "session-state" });
});
