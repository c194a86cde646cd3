// What a node answers to a proposal, in every state in which it may meet it again.
import { writeFileSync } from "node:fs";
import { TERMS } from "@halfroom/testkit";
import { ProtocolError } from "@halfroom/wire";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Terms } from "@halfroom/session";
import { openState, tidy, type NodeState } from "../src/node-state.ts";
import { handleOf } from "../src/api/node.ts";
import { approve, deny } from "../src/api/sessions.ts";
import type { Partner } from "../src/partners/partners.ts";
import { answerProposal } from "../src/serve/answer-proposal.ts";
import { makeHome } from "./home.ts";

const ASKED: Terms = {
  ...TERMS,
  release: { mode: "exact" },
  datasets: { sender: "theirs", receiver: "exposures" },
};
const PROPOSAL = "0f".repeat(16);
const HOUR_MS = 3_600_000;
const later = { ms: 0 };
const clock = () => Date.now() + later.ms;
let node: NodeState;
let partner: Partner;

function config(policy: Record<string, unknown>): string {
  const written = {
    partner: "advertiser",
    dataset: "exposures",
    group_by: ["campaign", "age_band"],
    ...policy,
  };
  const dataset = {
    source: { csv: "exposures.csv" },
    match: { email: { columns: "email" } },
    dimensions: { campaign: {}, age_band: {} },
  };
  return JSON.stringify({ datasets: { exposures: dataset }, policies: [written] });
}

beforeEach(async () => {
  const home = await makeHome();
  home.store.close();
  later.ms = 0;
  node = await openState(home.folder, {}, clock);
  partner = node.partners.pin({
    name: "advertiser",
    fingerprint: "ab".repeat(32),
    signingKey: new Uint8Array(32),
    address: "",
    pinnedAt: 0,
  });
});
afterEach(() => node.close());

async function answer(policy: Record<string, unknown> = {}, terms = ASKED, proposal = PROPOSAL) {
  writeFileSync(node.folder.configFile, config({ exact: 5, ...policy }));
  return answerProposal(node, await node.rules(), partner, proposal, terms);
}

/** As a restart of the process does. */
async function restart(): Promise<void> {
  const { folder } = node;
  node.close();
  node = await openState(folder, {}, clock);
}

test("an automatic policy accepts at once, under the stricter threshold", async () => {
  const { answer: given, row } = await answer({ approval: "automatic", threshold: 250 });
  expect(given).toMatchObject({ decision: "accept", reasons: [], terms: { threshold: 250 } });
  expect(row).toMatchObject({ state: "approved", role: "receiver", terms: { threshold: 250 } });
});

describe("held for a person", () => {
  beforeEach(async () => {
    expect((await answer()).answer).toMatchObject({ decision: "hold", reasons: [{ code: "by-hand" }] });
  });

  test("it stays held when asked again and after a restart, as one session", async () => {
    await restart();
    expect((await answer()).answer.decision).toBe("hold");
    expect(node.sessions.list()).toHaveLength(1);
  });

  test("it is accepted once approved, after a restart too", async () => {
    const [held] = node.sessions.list();
    await approve(handleOf(node), held!.id);
    await restart();
    expect((await answer()).answer.decision).toBe("accept");
  });

  test("a policy that became stricter meanwhile stands against what a person approved", async () => {
    await approve(handleOf(node), node.sessions.list()[0]!.id);
    const { answer: given } = await answer({ group_by: ["campaign"] });
    expect(given).toMatchObject({ decision: "refuse", reasons: [{ code: "group-by" }] });
  });

  test("a threshold that was raised meanwhile is in what is answered and in what is run", async () => {
    await approve(handleOf(node), node.sessions.list()[0]!.id);
    const { answer: given, row } = await answer({ threshold: 250 });
    expect(given).toMatchObject({ decision: "accept", terms: { threshold: 250 } });
    expect(row).toMatchObject({ state: "approved", terms: { threshold: 250 } });
  });

  test("it is refused with the person's reason, again and again", async () => {
    await deny(handleOf(node), node.sessions.list()[0]!.id, "not in the contract");
    for (let i = 0; i < 2; i++) {
      const reasons = [{ code: "denied", words: "not in the contract" }];
      expect((await answer()).answer).toMatchObject({ decision: "refuse", reasons });
      await restart();
    }
  });

  test("it lapses when nobody decides in time", async () => {
    later.ms = 13 * HOUR_MS;
    tidy(node, clock());
    expect((await answer()).answer).toMatchObject({ decision: "refuse", reasons: [{ code: "lapsed" }] });
  });

  test("it is decided once, here, and by a person only if a policy allows it at all", async () => {
    const [held] = node.sessions.list();
    writeFileSync(node.folder.configFile, config({ exact: false }));
    await expect(approve(handleOf(node), held!.id)).rejects.toThrow(/exact reports are not allowed/);
    await deny(handleOf(node), held!.id, "no");
    await expect(approve(handleOf(node), held!.id)).rejects.toThrow(/is refused/);
    await expect(deny(handleOf(node), held!.id, "no")).rejects.toThrow(/is refused/);
  });
});

test("a proposal is run once: asked again it is `replayed`, and so is one under other terms", async () => {
  const { row } = await answer({ approval: "automatic" });
  const code = async (terms = ASKED) => {
    const error = await answer({ approval: "automatic" }, terms).catch((thrown: unknown) => thrown);
    return error instanceof ProtocolError ? error.code : error;
  };
  expect(await code({ ...ASKED, partitions: [["campaign"]] })).toBe("replayed");
  node.sessions.finish(row.id, Date.now());
  expect(await code()).toBe("replayed");
  await restart();
  expect(await code()).toBe("replayed");
});

test("every step is in the audit log, and the log holds", async () => {
  await answer();
  const [held] = node.sessions.list();
  await approve(handleOf(node), held!.id);
  expect(node.audit.entries().map(({ kind }) => kind)).toEqual(["proposed", "held", "approved"]);
  expect(node.audit.verify().faults).toEqual([]);
});
