import { spawn } from "node:child_process";
import { once } from "node:events";
import { testStatements, TERMS } from "@halfroom/testkit";
import { expect, test } from "vitest";
import { composeAgreement } from "@halfroom/session";
import { isAlive, thisProcess } from "../src/sessions/owner.ts";
import { Sessions, SILENT_MS, type NewSession } from "../src/sessions/sessions.ts";
import { NOW, scratchFolder, scratchStore } from "./fixtures.ts";

const NEW: NewSession = {
  partner: "publisher",
  proposal: "00".repeat(16),
  initiatedBy: "us",
  role: "sender",
  terms: TERMS,
  where: "country = 'DE'",
  now: NOW,
  expiresAt: NOW + 1000,
};
const agreement = composeAgreement(TERMS, ...testStatements());
const DENIED = [{ code: "denied", words: "not this month" }] as const;

test("a session is found again after a restart, as it was", () => {
  const folder = scratchFolder();
  const before = new Sessions(scratchStore(folder)).open(NEW);
  expect(before).toMatchObject({ state: "proposed", where: "country = 'DE'", createdAt: NOW, terms: TERMS });
  expect(new Sessions(scratchStore(folder)).list()).toEqual([before]);
});

test("proposing the same again finds the session, also after the terms became stricter", () => {
  const sessions = new Sessions(scratchStore());
  const { id } = sessions.open(NEW);
  sessions.approve(id, { ...TERMS, threshold: 500 }, NOW);
  expect(sessions.open(NEW)).toMatchObject({ id, state: "approved", terms: { threshold: 500 } });
  const other = { ...NEW, terms: { ...TERMS, threshold: 99 } };
  expect(() => sessions.open(other)).toThrow(/other terms/);
  expect(sessions.open({ ...NEW, initiatedBy: "partner" }).id).not.toBe(id);
});

test("both sides call a session alike, whatever the proposal is, and never two of theirs", () => {
  const proposal = "3f9a01c27e55d0b811aa22bb33cc44dd";
  const [ours, theirs] = [new Sessions(scratchStore()), new Sessions(scratchStore())];
  const { id } = ours.open({ ...NEW, proposal });
  expect(theirs.open({ ...NEW, proposal, initiatedBy: "partner", partner: "advertiser" }).id).toBe(id);
  expect(id).toMatch(/^[a-km-np-z2-9]{8}$/);
  const begunAlike = theirs.open({ ...NEW, proposal: `${proposal.slice(0, 30)}00`, initiatedBy: "partner" });
  expect(begunAlike.id).not.toBe(id);
  expect(ours.open({ ...NEW, proposal: "11".repeat(16) }).id).not.toBe(id);
});

test("the whole life of a held session", () => {
  const sessions = new Sessions(scratchStore());
  const { id } = sessions.open(NEW);
  sessions.hold(id, [{ code: "by-hand", words: "a person decides" }], NOW + 1);
  expect(sessions.get(id)).toMatchObject({ state: "held", reasons: [{ code: "by-hand" }] });
  sessions.approve(id, TERMS, NOW + 2);
  expect(sessions.get(id)).toMatchObject({ state: "approved", reasons: [] });
  sessions.prepare(id, NOW + 3);
  expect(sessions.get(id)).toMatchObject({ state: "preparing", stage: undefined });
  sessions.agree(id, agreement, NOW + 3);
  sessions.enter(id, "match", NOW + 4);
  sessions.enter(id, "release", NOW + 5);
  expect(sessions.get(id)).toMatchObject({
    state: "running",
    stage: "release",
    session: Buffer.from(agreement.session).toString("hex"),
  });
  sessions.finish(id, NOW + 6);
  expect(sessions.get(id)).toMatchObject({ state: "done", updatedAt: NOW + 6 });
});

test("a final state stays, and no step is skipped", () => {
  const sessions = new Sessions(scratchStore());
  const { id } = sessions.open(NEW);
  expect(() => sessions.enter(id, "match", NOW)).toThrow(/is proposed and cannot become running/);
  sessions.refuse(id, DENIED, NOW);
  expect(() => sessions.approve(id, TERMS, NOW)).toThrow(/is refused and cannot become approved/);
  expect(() => sessions.fail(id, "timeout", NOW)).toThrow(/is refused/);
  expect(sessions.get(id).reasons).toEqual(DENIED);
  expect(() => sessions.get("nowhere")).toThrow(/no session "nowhere"/);
});

test("what nobody answered in time is refused, with the reason", () => {
  const sessions = new Sessions(scratchStore());
  const { id } = sessions.open(NEW);
  expect(sessions.lapse(NOW + 999)).toEqual([]);
  expect(sessions.lapse(NOW + 1000)).toMatchObject([{ id, state: "refused", reasons: [{ code: "lapsed" }] }]);
});

test("what has begun to prepare lapses no more, and is not begun twice", () => {
  const sessions = new Sessions(scratchStore());
  const { id } = sessions.open(NEW);
  sessions.approve(id, TERMS, NOW);
  sessions.prepare(id, NOW);
  expect(sessions.lapse(NOW + 1000)).toEqual([]);
  expect(() => sessions.prepare(id, NOW)).toThrow(/is preparing and cannot become preparing/);
  sessions.agree(id, agreement, NOW + 2000);
});

/** Sessions of each state whose owner is set by hand. */
function ownedBy(owner: string) {
  const store = scratchStore();
  const sessions = new Sessions(store);
  const begin = (proposal: string) => {
    const { id } = sessions.open({ ...NEW, proposal });
    sessions.approve(id, TERMS, NOW);
    sessions.prepare(id, NOW);
    return id;
  };
  const running = begin("00".repeat(16));
  sessions.agree(running, agreement, NOW);
  sessions.enter(running, "match", NOW);
  const preparing = begin("02".repeat(16));
  sessions.open({ ...NEW, proposal: "01".repeat(16) });
  store.run("UPDATE session SET owner = ?", owner);
  return { sessions, running, preparing };
}

test("a restart closes what ran in a process that was killed, and only that", async () => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  const { pid } = child;
  const [boot, space] = thisProcess().split(" ");
  const { readFileSync } = await import("node:fs");
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const start = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  const { sessions, running, preparing } = ownedBy([boot, space, pid, start].join(" "));
  expect(sessions.closeHalfDone(NOW)).toEqual([]);
  child.kill("SIGKILL");
  await once(child, "exit");
  const closed = sessions.closeHalfDone(NOW);
  expect(closed).toHaveLength(2);
  expect(closed).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ id: running, state: "failed", code: "interrupted", stage: "match" }),
      expect.objectContaining({ id: preparing, state: "failed", code: "interrupted", stage: undefined }),
    ]),
  );
  expect(
    sessions
      .list()
      .map(({ state }) => state)
      .toSorted(),
  ).toEqual(["failed", "failed", "proposed"]);
});

test("a process id that is used again is no sign of life; nor is another boot", () => {
  const [boot, space, pid, start] = thisProcess().split(" ");
  expect(isAlive([boot, space, pid, start].join(" "))).toBe(true);
  expect(isAlive([boot, space, pid, "1"].join(" "))).toBe(false);
  expect(isAlive([boot, space, String(process.ppid), "1"].join(" "))).toBe(false);
  expect(isAlive(["another-boot", space, pid, start].join(" "))).toBe(false);
});

test("a process in another container is given up once it is silent", () => {
  const [boot, , pid, start] = thisProcess().split(" ");
  const { sessions, running, preparing } = ownedBy([boot, "pid:[1]", pid, start].join(" "));
  for (const id of [running, preparing]) sessions.touch(id, NOW + 30_000);
  expect(sessions.closeHalfDone(NOW + 29_999 + SILENT_MS)).toEqual([]);
  expect(sessions.closeHalfDone(NOW + 30_000 + SILENT_MS)).toHaveLength(2);
});
