// However a session ends on this side, the partner hears of it at once and does not wait out its patience.
import { expect, test, vi } from "vitest";
import { OperatorError } from "../src/errors.ts";
import type { RunEvent } from "../src/run/run-events.ts";
import { twoNodes, type TwoNodes } from "./two-nodes.ts";

const WEEK_MS = 7 * 86_400_000;

/** The advertiser's own proposal lapsed meanwhile, and its partner was told. */
async function expectLapsed({ advertiser, publisher }: TwoNodes, error: unknown): Promise<void> {
  expect(error).toBeInstanceOf(OperatorError);
  expect(error).toMatchObject({ code: "session-state" });
  expect(advertiser.sessions.list()).toMatchObject([{ state: "refused", reasons: [{ code: "lapsed" }] }]);
  await vi.waitFor(() => {
    // `sequence`, if it has gone on to the channel of the stages before the news of the end arrives on the one before.
    const code = expect.stringMatching(/^(internal|sequence)$/);
    expect(publisher.sessions.list()).toMatchObject([{ state: "failed", code }]);
  }, 10_000);
}

test("a proposal that lapses just before the partner approves it leaves the partner no session to wait in", async () => {
  const nodes = await twoNodes({ publisher: { policy: { approval: "by-hand" } } });
  const lapsing = (event: RunEvent) => {
    if (event.type !== "held") return;
    nodes.advertiser.sessions.lapse(Date.now() + WEEK_MS);
    const [held] = nodes.publisher.sessions.list();
    nodes.publisher.sessions.approve(held!.id, held!.terms, Date.now());
  };
  const error = await nodes.run("exact: true", lapsing).catch((thrown: unknown) => thrown);
  await expectLapsed(nodes, error);
});
