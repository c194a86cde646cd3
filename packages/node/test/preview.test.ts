// What is said before a run, beside what then runs: terms after both policies, limits on people, stored reports, what cannot open.
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { handleOf } from "../src/api/node.ts";
import { deny, disclose, listSessions } from "../src/api/sessions.ts";
import { preview, type Preview } from "../src/api/run.ts";
import type { NodeState } from "../src/node-state.ts";
import { requestOf, twoNodes, type TwoNodes } from "./two-nodes.ts";

const seen = async ({ advertiser }: TwoNodes, lines: string): Promise<Preview> =>
  await preview(handleOf(advertiser), { text: `${requestOf(undefined)}${lines}\n`, name: "roi.yaml" });

/** Replaces members of the only policy in config.yaml. */
function repolicy({ folder }: NodeState, changes: object): void {
  const written = JSON.parse(readFileSync(folder.configFile, "utf8")) as { policies: object[] };
  const policies = [{ ...written.policies[0], ...changes }];
  writeFileSync(folder.configFile, JSON.stringify({ ...written, policies }));
}

const NARROW = { epsilon: 4, budget: 40, threshold: 20 };

test("the terms are those of both policies, and each difference says whose it is; the run has the same", async () => {
  const nodes = await twoNodes({
    advertiser: { policy: { epsilon: 50, budget: 100, threshold: 18 } },
    publisher: { policy: { ...NARROW, rules: "pair" } },
  });
  const { outlook, ahead, outcome, report } = await seen(nodes, "epsilon: 6");
  expect(outlook!.terms).toEqual({
    threshold: 20,
    mode: "noise",
    microEpsilon: 4e6,
    rules: "pair",
    replay: false,
    changes: [
      { field: "threshold", from: "11", to: "18", by: "us" },
      { field: "threshold", from: "18", to: "20", by: "partner" },
      { field: "epsilon", from: "6", to: "4", by: "partner" },
      { field: "rules", from: "standard", to: "pair", by: "partner" },
    ],
  });
  expect(ahead[0]).toMatch(
    /^It runs with threshold 20, epsilon 4, rules: pair; that is threshold 18 instead of 11, as our policy asks; /,
  );
  expect(ahead.join("\n")).toMatch(/costs epsilon 4, of 100 left of 100 for this partner in 30 days/);
  expect(report.join(" ")).toContain("noise included, are at least 20");
  expect(outcome).toBe("run");
  const told: unknown[] = [];
  const ran = await nodes.run("epsilon: 6", (event) => event.type === "terms" && told.push(event));
  expect(told).toMatchObject([outlook!.terms]);
  expect(JSON.parse(ran.json)).toMatchObject({ threshold: 20, rules: "pair" });
  const again = await seen(nodes, "epsilon: 6");
  expect(again).toMatchObject({
    outcome: "stored",
    outlook: { stored: ran.session, people: { ours: 50, theirs: 60 } },
  });
});

test("a policy that is loosened gives the new report and not the stored one; the same terms give the stored one", async () => {
  const nodes = await twoNodes({ publisher: { policy: { threshold: 20 } } });
  const strict = await nodes.run();
  expect((await nodes.run()).session).toBe(strict.session);
  repolicy(nodes.publisher, { threshold: 12 });
  expect((await seen(nodes, "exact: true")).outlook).not.toHaveProperty("stored");
  const loose = await nodes.run();
  expect(loose.session).not.toBe(strict.session);
  expect(JSON.parse(loose.json).threshold).toBe(12);
  repolicy(nodes.publisher, { threshold: 20 });
  expect((await nodes.run()).session).toBe(strict.session);
});

test("too few people for the partner's policy: neither preview nor run says that it accepts, and the partner learns no size", async () => {
  const nodes = await twoNodes({ publisher: { policy: { people: 51 } } });
  const { theirs, outcome } = await seen(nodes, "exact: true");
  expect({ theirs, outcome }).toMatchObject({
    theirs: { decision: "refuse", reasons: [{ code: "people" }] },
    outcome: "refuse",
  });
  await expect(nodes.run()).rejects.toMatchObject({
    code: "refused",
    message: expect.stringMatching(/fewer than 51 people.*nothing was told/),
  });
  // It hears last that it was refused.
  await expect
    .poll(() => nodes.publisher.sessions.list())
    .toMatchObject([{ session: undefined, code: "refused" }]);
});

test("too few people for our own policy", async () => {
  const nodes = await twoNodes({ advertiser: { policy: { people: 51 } } });
  expect(await seen(nodes, "exact: true")).toMatchObject({
    ours: { decision: "refuse", reasons: [{ code: "people" }] },
    outcome: "refuse",
  });
  await expect(nodes.run()).rejects.toMatchObject({ code: "refused", fromPartner: false });
});

test("a report in which nothing can open is told so, and costs nothing on either side", async () => {
  const nodes = await twoNodes({ publisher: { policy: { threshold: 26 } } });
  const { outlook, outcome } = await seen(nodes, "exact: true");
  expect({ outcome, opening: outlook!.opening }).toMatchObject({
    outcome: "refuse",
    opening: { canOpen: false, words: expect.stringMatching(/has 50 people, and it takes 52/) },
  });
  await expect(nodes.run()).rejects.toMatchObject({ code: "nothing-opens" });
  expect([...nodes.publisher.ledger.entries(), ...nodes.advertiser.ledger.entries()]).toEqual([]);
});

test("an approval describes the terms that our policy leaves of the proposal, for the side that reads it", async () => {
  const nodes = await twoNodes({
    advertiser: { policy: { epsilon: 50, budget: 100, threshold: 100 } },
    publisher: { policy: { ...NARROW, threshold: 150, approval: "by-hand" } },
  });
  const asked = expect(nodes.run("epsilon: 8")).rejects.toMatchObject({ code: "refused-there" });
  const handle = handleOf(nodes.publisher);
  await expect.poll(async () => (await listSessions(handle))[0]?.state).toBe("held");
  const [held] = await listSessions(handle);
  const { report, partnerLearns } = await disclose(handle, held!.id);
  await deny(handle, held!.id, "not now");
  await asked;
  expect(report.join("\n")).toMatch(
    /are at least 150;[^]*epsilon 4\), and as much is taken from the budget[^]*threshold 150 instead of 100, as our policy asks/,
  );
  expect(report.join("\n")).toMatch(/It costs epsilon 4, of 40 left of 40/);
  expect(partnerLearns.join("\n")).toMatch(/How many people we bring/);
  expect(partnerLearns.join("\n")).toMatch(/with our "campaign"/);
});
