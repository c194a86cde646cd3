// What a node keeps for its HTTP API: tokens, keys of requests, jobs; and who acted, in the audit log.
import { expect, test } from "vitest";
import { Answered } from "../src/console/answered.ts";
import { Jobs } from "../src/console/jobs.ts";
import { ApiTokens } from "../src/console/tokens.ts";
import { Audit } from "../src/audit/audit.ts";
import { DAY_MS } from "../src/time.ts";
import { makeHome } from "./home.ts";

const NOW = Date.UTC(2026, 10, 30);

test("a token is found by itself alone, and its name is free once it holds no more", async () => {
  const tokens = new ApiTokens((await makeHome()).store);
  const made = { name: "ci", role: "analyst", createdAt: NOW, expiresAt: NOW + DAY_MS } as const;
  const first = tokens.add(made);
  expect(first).toMatch(/^halfroomapi1_[\w-]{43}$/);
  expect(tokens.find(first)).toEqual({ ...made, revokedAt: undefined });
  for (const other of ["", "halfroomapi1_", first.slice(0, -1), `${first}A`, first.toUpperCase()])
    expect(tokens.find(other), other).toBeUndefined();
  expect(() => tokens.add({ ...made, createdAt: NOW + 1 })).toThrow(/already/);
  tokens.revoke("ci", NOW + 2);
  expect(tokens.find(first)).toMatchObject({ revokedAt: NOW + 2 });
  expect(() => tokens.revoke("ci", NOW + 3)).toThrow(/Revoked already/);
  const second = tokens.add({ ...made, createdAt: NOW + 4 });
  expect(tokens.find(first)).toBeUndefined();
  const third = tokens.add({ ...made, createdAt: made.expiresAt, expiresAt: made.expiresAt + 1 });
  expect(new Set([first, second, third]).size).toBe(3);
  expect(tokens.list()).toHaveLength(1);
  expect(() => tokens.add({ ...made, name: "no name" })).toThrow(/token name/);
  expect(() => tokens.revoke("nobody", NOW)).toThrow(/There is no token/);
});

test("a key is its caller's, stands for one request, and is forgotten after a day", async () => {
  const answered = new Answered((await makeHome()).store);
  const asked = { caller: "ci", key: "k", request: "ab" };
  expect(answered.claim(asked, NOW)).toEqual({ state: "new" });
  expect(answered.claim(asked, NOW + 1)).toEqual({ state: "unanswered" });
  expect(answered.claim({ ...asked, request: "cd" }, NOW + 1)).toEqual({ state: "other" });
  expect(answered.claim({ ...asked, caller: "other" }, NOW + 1)).toEqual({ state: "new" });
  answered.free(asked);
  expect(answered.claim(asked, NOW + 2)).toEqual({ state: "new" });
  answered.keep(asked, "done");
  answered.free(asked);
  expect(answered.claim(asked, NOW + DAY_MS + 1)).toEqual({ state: "answered", answer: "done" });
  expect(answered.claim(asked, NOW + DAY_MS + 2)).toEqual({ state: "new" });
});

test("a job ends once, and is kept for thirty days after that", async () => {
  const jobs = new Jobs((await makeHome()).store);
  const id = jobs.begin("run", "token:ci", NOW);
  jobs.worksOn(id, "abcdefgh");
  jobs.tidy(NOW + 100 * DAY_MS);
  expect(jobs.get(id)).toMatchObject({ state: "running", session: "abcdefgh", endedAt: undefined });
  jobs.end(id, { state: "failed", code: "yaml", words: "wrong" }, NOW + 1);
  jobs.end(id, { state: "done", result: {} }, NOW + 2);
  const later = jobs.begin("run", "token:ci", NOW + 3);
  expect(jobs.get(id)).toMatchObject({
    state: "failed",
    error: { code: "yaml", words: "wrong" },
    endedAt: NOW + 1,
  });
  expect(jobs.list().map((job) => job.id)).toEqual([later, id]);
  expect(jobs.list({ before: later }).map((job) => job.id)).toEqual([id]);
  expect(jobs.list({ limit: 1 }).map((job) => job.id)).toEqual([later]);
  jobs.tidy(NOW + 30 * DAY_MS);
  expect(jobs.list()).toHaveLength(2);
  jobs.tidy(NOW + 30 * DAY_MS + 1);
  expect(jobs.list().map((job) => job.id)).toEqual([later]);
  expect(() => jobs.get(id)).toThrow(/There is no job/);
});

test("whoever acts stands in the log's entries, within one chain", async () => {
  const audit = new Audit((await makeHome()).store);
  audit.append("denied", { id: "a" }, NOW);
  audit.of("token:ci").append("approved", { id: "b", by: "person" }, NOW);
  audit.append("denied", { id: "c" }, NOW);
  expect(audit.entries().map(({ facts }) => facts)).toEqual([
    { id: "a" },
    { id: "b", by: "person", actor: "token:ci" },
    { id: "c" },
  ]);
  expect(audit.verify()).toEqual({ entries: 3, faults: [] });
});
