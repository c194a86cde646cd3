// The budgets of all partners together and of all time, from the policy's file to the refusal and to what is shown as left.
import { costOf, noiseOf } from "@halfroom/testkit";
import { join } from "node:path";
import { expect, test } from "vitest";
import { handleOf } from "../src/api/node.ts";
import { readBudgets } from "../src/api/records.ts";
import { preview } from "../src/api/run.ts";
import { DAY_MS } from "../src/time.ts";
import { twoNodes, type SiteChanges, type TwoNodes } from "./two-nodes.ts";

const MILLION = 1e6;
const wide = { epsilon: 8, budget: 20, threshold: 20 };
const sites = (publisher: object): { advertiser: SiteChanges; publisher: SiteChanges } => ({
  advertiser: { policy: wide },
  publisher: { policy: { ...wide, ...publisher } },
});

/** Why the publisher refuses a report of this epsilon, as the partner hears it when it asks; the session is refused too. */
async function refusals({ advertiser, run }: TwoNodes, epsilon: number): Promise<unknown> {
  await expect(run(`epsilon: ${epsilon}`)).rejects.toMatchObject({ code: "refused", fromPartner: true });
  const file = join(advertiser.folder.path, "roi.yaml");
  const { ours, theirs } = await preview(handleOf(advertiser), { file });
  expect(ours.decision).toBe("accept");
  return "reasons" in theirs ? theirs.reasons : theirs;
}

test("what another partner has spent over the population counts, and the partner hears no amount of it", async () => {
  const nodes = await twoNodes(sites({ population_budget: 9 }));
  const { publisher } = nodes;
  publisher.ledger.take({
    session: "other",
    partner: { key: "0f".repeat(32), name: "other" },
    population: "people",
    release: noiseOf(2 * MILLION),
    cost: costOf(2 * MILLION),
    budgetMicroEpsilon: 2 * MILLION,
    populationMicroEpsilon: 9 * MILLION,
    lifetimeMicroEpsilon: 9 * MILLION,
    numbers: 4,
    bits: 60,
    numbersMax: 4,
    populationNumbersMax: 1_000,
    exactSessions: 0,
    periodDays: 30,
    noise: undefined,
    now: Date.now(),
  });
  expect(await refusals(nodes, 8)).toEqual([
    { code: "budget", words: "the budget of this period for all partners together does not suffice" },
  ]);
  expect(publisher.ledger.entries()).toHaveLength(1);
});

test("what a partner has spent long ago counts against its budget for all time", async () => {
  const later = { ms: 0 };
  const clock = () => Date.now() + later.ms;
  const { advertiser, publisher } = sites({ lifetime_budget: 9 });
  const nodes = await twoNodes({ advertiser: { ...advertiser, clock }, publisher: { ...publisher, clock } });
  await nodes.run("epsilon: 8");
  later.ms = 365 * DAY_MS;
  expect(await refusals(nodes, 7)).toEqual([
    {
      code: "budget",
      words: expect.stringMatching(/^the partner's budget for all time has 1(\.\d+)? of 9 left/),
    },
  ]);
});

test("numbers are counted as well, exact ones too: what could open beyond the policy is refused before it is signed", async () => {
  const { advertiser, publisher, run } = await twoNodes({ publisher: { policy: { numbers: 9 } } });
  await run();
  await run("exact: true", undefined, "revenue <> '30.25'");
  expect(publisher.ledger.entries().map(({ numbers }) => numbers)).toEqual([4, 4]);
  expect([...publisher.audit.ofKind("budget-taken")].map(({ facts }) => facts["numbers"])).toEqual([4, 4]);
  // Two cells: of people up to 50 or 49, and of sums up to so many times 50,000 cents: 6 and 22 bits, each with one for the sign.
  expect(publisher.ledger.entries().map(({ bits }) => bits)).toEqual([60, 60]);
  await expect(run("exact: true", undefined, "revenue <> '31.25'")).rejects.toMatchObject({
    code: "refused",
    fromPartner: true,
  });
  const file = join(advertiser.folder.path, "roi.yaml");
  const { theirs } = await preview(handleOf(advertiser), { file });
  expect(theirs).toMatchObject({
    reasons: [{ code: "numbers", words: expect.stringMatching(/2 numbers or more.* 1 of 9 are left/) }],
  });
  // The first report is stored, and costs nothing.
  await run();
});

test("what is left is told for each policy", async () => {
  const { publisher, run } = await twoNodes(sites({ population_budget: 30, lifetime_budget: 50 }));
  await run("epsilon: 8");
  const [budgets, ...others] = await readBudgets(handleOf(publisher));
  expect(others).toEqual([]);
  const spent = budgets!.period.spent;
  expect(spent).toBeGreaterThan(7.9 * MILLION);
  const backAt = expect.any(Number) as number;
  const of = (used: number, budget: number) => ({ spent: used, budget, left: budget - used });
  expect(budgets).toEqual({
    partner: "advertiser",
    dataset: "exposures",
    population: "people",
    periodDays: 30,
    period: { ...of(spent, 20 * MILLION), backAt },
    everybody: { ...of(spent, 30 * MILLION), backAt },
    everybodyNumbers: { ...of(4, 15_000), backAt },
    lifetime: { ...of(spent, 50 * MILLION), backAt: null },
    // Two cells, padded to two, of people and a sum.
    numbers: { ...of(4, 5000), backAt },
    exact: { ...of(0, 1000), backAt: null },
  });
});
