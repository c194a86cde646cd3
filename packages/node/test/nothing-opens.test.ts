// A run in which nothing could open ends before it costs anything.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { initiate } from "../src/run/initiate.ts";
import { planReport } from "../src/run/plan.ts";
import { requestOf, twoNodes, type TwoNodes } from "./two-nodes.ts";

/** Runs the advertiser's request with these edits. */
async function run({ advertiser }: TwoNodes, edit: (request: string) => string, lines: string) {
  const file = join(advertiser.folder.path, "roi.yaml");
  writeFileSync(file, `${edit(requestOf(undefined))}${lines}\n`);
  return await initiate(advertiser, await planReport(advertiser, { file }), () => undefined);
}

function expectFree({ advertiser, publisher }: TwoNodes): void {
  for (const { ledger, sessions } of [advertiser, publisher]) {
    expect(ledger.entries()).toEqual([]);
    expect(sessions.list()).toMatchObject([{ state: "failed" }]);
  }
}

test.each([
  // Of 40 people an exact number takes as many who do not match as who do.
  ["exact", 21, "exact: true", "the receiver has fewer than 42 people"],
  ["with noise", 41, "epsilon: 100", "the receiver has fewer than 41 people"],
])(
  "%s: a side with too few people, as both see from their statements",
  async (_, threshold, lines, words) => {
    const policy = { epsilon: 100, budget: 500 };
    const rows = Array.from({ length: 40 }, (_, i) => `p${20 + i}@example.com,spring`);
    const nodes = await twoNodes({ advertiser: { policy }, publisher: { policy, rows } });
    const edit = (request: string) => request.replace("threshold: 11", `threshold: ${threshold}`);
    await expect(run(nodes, edit, lines)).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining(words),
    });
    expectFree(nodes);
  },
);

test("categories of our own that are all too small: the partner is told no more than that the session ended", async () => {
  const tiers = Array.from({ length: 50 }, (_, i) => `P${30 + i}@Example.com,1,${"abc"[i % 3]}`);
  const nodes = await twoNodes({
    advertiser: {
      header: "email,revenue,tier",
      rows: tiers,
      dataset: { dimensions: { tier: {} } },
      policy: { group_by: ["tier"] },
    },
  });
  const edit = (request: string) => request.replace("theirs:", "  group_by: [tier]\ntheirs:");
  await expect(run(nodes, edit, "exact: true")).rejects.toMatchObject({
    code: "nothing-opens",
    message: expect.stringContaining("largest category of our own has 17 people, and it takes 22"),
  });
  expectFree(nodes);
  expect(nodes.publisher.sessions.list()).toMatchObject([{ code: "internal" }]);
});
