// Sessions whose connection is lost for good around their last messages: no side is left with a spent budget and nothing.
import { cuttingProxy } from "@halfroom/testkit";
import { toHex } from "@halfroom/session";
import { ProtocolError } from "@halfroom/wire";
import { expect, onTestFinished, test, vi } from "vitest";
import { askToComplete } from "../src/run/complete.ts";
import type { NodeState } from "../src/node-state.ts";
import { call } from "../src/run/initiate.ts";
import { openLog } from "../src/serve/log.ts";
import { serve } from "../src/serve/serve.ts";
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
  const asPinned = partners.byFingerprint.bind(partners);
  vi.spyOn(partners, "byFingerprint").mockImplementation((fingerprint) => {
    const found = asPinned(fingerprint);
    return found && { ...found, signingKey: new Uint8Array(advertiser.identity.signingKey) };
  });
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
