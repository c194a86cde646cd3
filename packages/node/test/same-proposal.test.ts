// Runs of one report at the same time, or one after a process that is gone: none ends another one, and nothing is paid for twice.
import { readFileSync } from "node:fs";
import { TERMS, memoryFrames } from "@halfroom/testkit";
import { openChannel } from "@halfroom/wire";
import { expect, test } from "vitest";
import type { NodeState } from "../src/node-state.ts";
import { initiate } from "../src/run/initiate.ts";
import type { RunEvent } from "../src/run/run-events.ts";
import { planReport, type Plan } from "../src/run/plan.ts";
import { runSession } from "../src/run/run-session.ts";
import { thisProcess } from "../src/sessions/owner.ts";
import type { SessionRow } from "../src/sessions/row.ts";
import { requestOf, twoNodes } from "./two-nodes.ts";

const SOURCE = { text: `${requestOf(undefined)}exact: true\n`, name: "roi.yaml" };

test("two runs of one report at once: one waits for the other and has its report, which is paid for once", async () => {
  const { advertiser, publisher } = await twoNodes();
  const events: RunEvent[] = [];
  const run = async () =>
    await initiate(advertiser, await planReport(advertiser, SOURCE), (event) => events.push(event));
  const [one, two] = await Promise.all([run(), run()]);
  expect([one, two].filter(({ fresh }) => fresh === undefined)).toHaveLength(1);
  expect(one.session).toBe(two.session);
  const [, first] = advertiser.sessions.list();
  expect(events.filter(({ type }) => type === "elsewhere")).toEqual([{ type: "elsewhere", id: first!.id }]);
  for (const node of [advertiser, publisher]) expect(node.ledger.entries()).toHaveLength(1);
});

test("a proposal that a process which is gone left waiting is taken up by one run, not by two", async () => {
  const { advertiser } = await twoNodes();
  const plan = await planReport(advertiser, SOURCE);
  const { partner, asked } = leaveProposal(advertiser, plan);
  const taken = advertiser.sessions.takeUp({ partner, asked, where: undefined }, Date.now());
  expect(taken).toMatchObject({ isTaken: true });
  // Of the same process, and of one of the same machine that lives.
  for (const owner of [thisProcess(), ownerOf(process.ppid)]) {
    advertiser.store.run("UPDATE session SET owner = ?", owner);
    expect(advertiser.sessions.takeUp({ partner, asked, where: undefined }, Date.now())).toMatchObject({
      isTaken: false,
    });
  }
});

/** Our proposal of a plan's report, of a process that is gone. */
function leaveProposal({ sessions }: NodeState, { terms, request }: Plan): SessionRow {
  const now = Date.now();
  const { role } = request;
  const proposal = "0f".repeat(16);
  const about = { partner: "publisher", proposal, initiatedBy: "us", role, terms } as const;
  const row = sessions.open({ ...about, now, expiresAt: now + 60_000 });
  sessions.letGo(row.id);
  return row;
}

/** As `thisProcess` names it. */
function ownerOf(pid: number): string {
  const [boot, space] = thisProcess().split(" ");
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return [boot, space, pid, stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]].join(" ");
}

test("a proposal that was approved when its process died, and that the partner closed: the next run makes a new one at once", async () => {
  const { advertiser, publisher } = await twoNodes();
  const plan = await planReport(advertiser, SOURCE);
  const now = Date.now();
  const ours = leaveProposal(advertiser, plan);
  advertiser.sessions.approve(ours.id, plan.terms, now);
  const theirs = publisher.sessions.open({
    proposal: ours.proposal,
    terms: plan.terms,
    now,
    expiresAt: now + 60_000,
    partner: "advertiser",
    initiatedBy: "partner",
    role: "receiver",
  });
  publisher.sessions.fail(theirs.id, "interrupted", now);
  const { fresh } = await initiate(advertiser, plan, () => {});
  expect(fresh).toBeDefined();
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
    cluster: undefined,
    front: undefined,
    telemetry: undefined,
    rules: node.settings,
    partner,
    row,
    judgement: unused,
    partnersPeopleMin: 0,
    frames,
    line: { bytesPerSecond: undefined },
    talk: openChannel(frames, "receiver"),
    pool: unused,
    shardWorkers: unused,
    onEvent: () => {},
  });
  await expect(second).rejects.toMatchObject({ code: "session-state" });
  expect(node.sessions.get(id).state).toBe("preparing");
});
