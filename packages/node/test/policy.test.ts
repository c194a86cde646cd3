import { costOf, noiseOf, testStatements, TERMS } from "@halfroom/testkit";
import { expect, test } from "vitest";
import type { Terms } from "@halfroom/session";
import { describe as describeTerms } from "../src/policy/describe.ts";
import { EXACT_REFUSAL } from "../src/ledger/ledger.ts";
import { evaluatePolicy, type PolicyQuestion, type Spent } from "../src/policy/evaluate.ts";
import { isWithin } from "../src/policy/hours.ts";
import { policySchema } from "../src/policy/schema.ts";
import { evaluateSizes } from "../src/policy/sizes.ts";
import { DAY_MS, NOW } from "./fixtures.ts";

const NOTHING = { costs: [], microEpsilon: 0 };
const NOTHING_SPENT: Spent = {
  ...NOTHING,
  everybody: NOTHING,
  everybodyNumbers: 0,
  lifetime: NOTHING,
  exactSessions: 0,
  numbers: 0,
  evaluations: 0,
  missedAt: undefined,
  restored: undefined,
  statements: undefined,
};
const COLUMNS = {
  keys: { email: "email/iab-1" },
  dimensions: ["campaign", "age_band", "region"],
  measures: [],
};
const POLICY = policySchema.parse({
  partner: "advertiser",
  dataset: "exposures",
  group_by: ["campaign", "age_band"],
  approval: "automatic",
});
/** The receiver answers the sender's proposal; all is allowed. */
const ALLOWED: PolicyQuestion = {
  terms: TERMS,
  us: "receiver",
  partner: "advertiser",
  policy: POLICY,
  columns: COLUMNS,
  spent: NOTHING_SPENT,
  recoverable: true,
  now: NOW,
  initiatedBy: "partner",
};

function verdict(changes: Partial<PolicyQuestion>) {
  const { decision, reasons } = evaluatePolicy({ ...ALLOWED, ...changes });
  return [decision, ...reasons.map(({ code }) => code)];
}
const withPolicy = (changes: Partial<typeof POLICY>) => ({ policy: { ...POLICY, ...changes } });
const withTerms = (changes: Partial<Terms>) => ({ terms: { ...TERMS, ...changes } });
const EXACT: Partial<PolicyQuestion> = withTerms({ release: { mode: "exact" } });
const spent = (changes: Partial<typeof NOTHING_SPENT>) => ({ spent: { ...NOTHING_SPENT, ...changes } });

const spentEpsilon = (microEpsilon: number) => spent({ microEpsilon, costs: [costOf(microEpsilon)] });

test("replay: the stricter side wins, and a node without a recovery key takes part in none", () => {
  const replay = (changes: Partial<PolicyQuestion>) => {
    const { decision, reasons, terms } = evaluatePolicy({ ...ALLOWED, ...changes });
    return [decision, terms.replay, ...reasons.map(({ code }) => code)];
  };
  const asked = withTerms({ replay: true });
  const by = (rule: "required" | "refused") => withPolicy({ replay: rule });
  expect(replay({})).toEqual(["accept", false]);
  expect(replay(asked)).toEqual(["accept", true]);
  expect(replay(by("required"))).toEqual(["accept", true]);
  expect(replay(by("refused"))).toEqual(["accept", false]);
  expect(replay({ ...by("refused"), ...asked })).toEqual(["refuse", true, "replay"]);
  expect(replay({ ...asked, recoverable: false })).toEqual(["refuse", true, "replay"]);
  expect(replay({ ...by("required"), recoverable: false })).toEqual(["refuse", true, "replay"]);
  expect(replay({ recoverable: false })).toEqual(["accept", false]);
});

test("what the policy covers is accepted", () => {
  expect(verdict({})).toEqual(["accept"]);
});

test("without a policy nothing is allowed but by a person, and nothing exact at all", () => {
  expect(verdict({ policy: undefined })).toEqual(["hold", "no-policy"]);
  expect(verdict({ policy: undefined, ...EXACT })).toEqual(["refuse", "exact"]);
  expect(verdict({ policy: undefined, ...withTerms({ partitions: [["secret"]] }) })).toEqual([
    "refuse",
    "group-by",
  ]);
  expect(verdict({ policy: undefined, ...spentEpsilon(9_500_000) })).toEqual(["refuse", "budget"]);
});

test("a policy that says nothing allows nothing and asks a person", () => {
  const policy = policySchema.parse({ partner: "advertiser", dataset: "exposures" });
  expect(verdict({ policy })).toEqual(["refuse", "group-by", "group-by"]);
  expect(policy.approval).toBe("by-hand");
});

test("only listed columns of the dataset group, only listed ones are summed", () => {
  expect(verdict(withTerms({ partitions: [["campaign", "region"]] }))).toEqual(["refuse", "group-by"]);
  const undeclared = { columns: { ...COLUMNS, dimensions: ["campaign"], measures: [] } };
  expect(verdict(undeclared)).toEqual(["refuse", "group-by"]);
  const sender = {
    us: "sender",
    columns: { ...COLUMNS, dimensions: ["segment"], measures: ["amount", "returns"] },
  } as const;
  expect(verdict({ ...sender, ...withPolicy({ groupBy: ["segment"], sum: ["amount"] }) })).toEqual([
    "refuse",
    "sum",
  ]);
  expect(verdict({ ...sender, ...withPolicy({ groupBy: ["segment"], sum: ["amount", "returns"] }) })).toEqual(
    ["accept"],
  );
});

test("a dataset that is not there is refused", () => {
  expect(verdict({ columns: undefined })).toEqual(["refuse", "dataset"]);
});

test("the larger threshold and the smaller epsilon apply", () => {
  const strict = withPolicy({ thresholdMin: 250, microEpsilonMax: 300_000 });
  expect(evaluatePolicy({ ...ALLOWED, ...strict }).terms).toEqual({
    ...TERMS,
    threshold: 250,
    release: noiseOf(300_000, 2),
  });
  const loose = withPolicy({ thresholdMin: 11, microEpsilonMax: 100_000_000 });
  expect(evaluatePolicy({ ...ALLOWED, ...loose }).terms).toEqual(TERMS);
});

test("a policy asks for a newer version of the protocol than the oldest that is spoken", () => {
  expect(verdict(withPolicy({ versionMin: 4 }))).toEqual(["refuse", "version"]);
  const newer = withTerms({ protocol: "halfroom/4 another suite" });
  expect(verdict({ ...withPolicy({ versionMin: 4 }), ...newer })).toEqual(["accept"]);
  expect(POLICY.versionMin).toBe(3);
  expect(policySchema.safeParse({ partner: "a", dataset: "b", version: 2 }).success).toBe(false);
});

// A third of a millionth is lost where epsilon is split over three columns: the report costs 999,999.
test("the budget of the period bounds reports with noise, to the millionth", () => {
  const budget = withPolicy({ budgetMicroEpsilon: 3_000_000 });
  expect(verdict({ ...budget, ...spentEpsilon(2_000_001) })).toEqual(["accept"]);
  expect(verdict({ ...budget, ...spentEpsilon(2_000_002) })).toEqual(["refuse", "budget"]);
});

test("the budgets of all partners together and of all time bound them too; of the first no partner hears an amount", () => {
  const spending = { microEpsilon: 2_000_002, costs: [costOf(2_000_002)] };
  const all = withPolicy({ populationMicroEpsilon: 3_000_000 });
  expect(verdict({ ...all, ...spent({ lifetime: spending }) })).toEqual(["accept"]);
  const crowded = evaluatePolicy({ ...ALLOWED, ...all, ...spent({ everybody: spending }) });
  expect(crowded).toMatchObject({ decision: "refuse", reasons: [{ code: "budget" }] });
  expect(crowded.reasons[0]!.words).toBe(
    "the budget of this period for all partners together does not suffice",
  );
  const ever = withPolicy({ lifetimeMicroEpsilon: 3_000_000 });
  expect(verdict({ ...ever, ...spent({ everybody: spending }) })).toEqual(["accept"]);
  const old = evaluatePolicy({ ...ALLOWED, ...ever, ...spent({ lifetime: spending }) });
  expect(old).toMatchObject({ decision: "refuse", reasons: [{ code: "budget" }] });
  expect(old.reasons[0]!.words).toContain("the partner's budget for all time has 0.999998 of 3 left");
});

test("exact reports need a policy; a second one gets the constant refusal, unless the policy allows more", () => {
  expect(verdict(EXACT)).toEqual(["refuse", "exact"]);
  expect(verdict({ ...EXACT, ...withPolicy({ exactSessions: 1 }) })).toEqual(["accept"]);
  const second = { ...ALLOWED, ...EXACT, ...spent({ exactSessions: 1 }) };
  expect(evaluatePolicy({ ...second, ...withPolicy({ exactSessions: 1 }) }).reasons).toEqual([
    { code: "exact", words: EXACT_REFUSAL },
  ]);
  expect(verdict({ ...second, ...withPolicy({ exactSessions: 2 }) })).toEqual(["accept"]);
});

test("results go only to whom the policy names", () => {
  const cases = [
    [["us"], "both", "refuse"],
    [["us"], "sender", "refuse"],
    [["us"], "receiver", "accept"],
    [["partner"], "sender", "accept"],
    [["partner"], "both", "refuse"],
    [[], "receiver", "refuse"],
  ] as const;
  for (const [resultTo, to, decision] of cases) {
    expect(verdict({ ...withPolicy({ resultTo }), ...withTerms({ resultTo: to }) })[0]).toBe(decision);
  }
});

test("an expired policy refuses, by hand and outside the hours a person decides", () => {
  expect(verdict(withPolicy({ expires: NOW }))).toEqual(["refuse", "expired"]);
  expect(verdict(withPolicy({ expires: NOW + 1 }))).toEqual(["accept"]);
  expect(verdict(withPolicy({ approval: "by-hand" }))).toEqual(["hold", "by-hand"]);
  const night = { days: [1, 2, 3, 4, 5, 6, 7], from: 0, to: 360, timezone: "UTC" };
  expect(verdict(withPolicy({ hours: night }))).toEqual(["hold", "hours"]);
  expect(verdict({ ...withPolicy({ hours: night }), now: NOW - DAY_MS / 2 })).toEqual(["accept"]);
});

test("one's own proposal waits for nobody, but is bound by one's own policy", () => {
  const own = { initiatedBy: "us" } as const;
  expect(verdict({ ...own, policy: undefined })).toEqual(["accept"]);
  expect(verdict({ ...own, ...withTerms({ partitions: [["region"]] }) })).toEqual(["refuse", "group-by"]);
});

test("hours follow the clock of their time zone, over daylight saving too", () => {
  const hours = { days: [3], from: 9 * 60, to: 17 * 60, timezone: "Europe/Berlin" };
  // Wednesdays: 3 June 2026 is UTC+2, 2 December 2026 is UTC+1.
  expect(isWithin(hours, Date.UTC(2026, 5, 3, 7, 0))).toBe(true);
  expect(isWithin(hours, Date.UTC(2026, 5, 3, 6, 59))).toBe(false);
  expect(isWithin(hours, Date.UTC(2026, 5, 3, 15, 0))).toBe(false);
  expect(isWithin(hours, Date.UTC(2026, 11, 2, 7, 30))).toBe(false);
  expect(isWithin(hours, Date.UTC(2026, 11, 2, 8, 0))).toBe(true);
  expect(isWithin(hours, Date.UTC(2026, 5, 4, 8, 0))).toBe(false);
  const midnight = { ...hours, from: 0, to: 24 * 60 };
  expect(isWithin(midnight, Date.UTC(2026, 5, 2, 22, 0))).toBe(true);
  expect(isWithin(midnight, Date.UTC(2026, 5, 3, 22, 0))).toBe(false);
});

test("sizes are judged once both have stated them", () => {
  const [sender, receiver] = testStatements();
  const question = {
    us: "sender",
    ownPeople: sender.people,
    partner: "p",
    policy: POLICY,
    spent: NOTHING_SPENT,
  } as const;
  const codes = (people: number, evaluations: number, policy = POLICY, ownPeople = people) =>
    evaluateSizes({
      ...question,
      ownPeople,
      policy,
      content: {
        terms: { ...TERMS, measures: TERMS.measures.slice(0, 1) },
        sender: { ...sender, people },
        receiver: { ...receiver, evaluations },
      },
    }).map(({ code }) => code);
  expect(codes(1000, 1024)).toEqual([]);
  expect(codes(999, 1024)).toEqual(["people"]);
  // Made-up people do not count among one's own.
  expect(codes(1000, 1024, POLICY, 999)).toEqual(["people"]);
  expect(codes(1000, 1024, { ...POLICY, evaluationsMax: 1023 })).toEqual(["evaluations"]);
  // 64 cells of people and one sum.
  expect(codes(1000, 1024, { ...POLICY, numbersMax: 128 })).toEqual([]);
  expect(codes(1000, 1024, { ...POLICY, numbersMax: 127 })).toEqual(["numbers"]);
  expect(codes(1000, 1024, { ...POLICY, populationNumbersMax: 128 })).toEqual([]);
  expect(codes(1000, 1024, { ...POLICY, populationNumbersMax: 127 })).toEqual(["numbers"]);
  // 2^60 a person over 20,000 people passes 2^62.
  const measures = TERMS.measures.map((measure) => ({ ...measure, low: -(1n << 60n) }));
  const content = { terms: { ...TERMS, measures }, sender, receiver };
  expect(evaluateSizes({ ...question, content })[0]!.words).toMatch(/"amount".*2\^62/);
});

test("a policy in the config is read with its units, and its faults are named", () => {
  const policy = policySchema.parse({
    partner: "p",
    dataset: "d",
    epsilon: 0.5,
    budget: 3,
    exact: true,
    hours: { days: ["mon", "fri"], from: "08:30", to: "24:00", timezone: "Europe/Berlin" },
    expires: "2027-06-30",
  });
  expect(policy).toMatchObject({
    thresholdMin: 100,
    peopleMin: 1000,
    microEpsilonMax: 500_000,
    budgetMicroEpsilon: 3_000_000,
    populationMicroEpsilon: 9_000_000,
    lifetimeMicroEpsilon: 36_000_000,
    numbersMax: 5_000,
    populationNumbersMax: 15_000,
    exactSessions: 1,
    hours: { days: [1, 5], from: 510, to: 1440, timezone: "Europe/Berlin" },
    expires: Date.UTC(2027, 5, 30),
  });
  const bounded = {
    partner: "p",
    dataset: "d",
    population_budget: 12.5,
    lifetime_budget: 40,
    population_numbers: 9,
  };
  expect(policySchema.parse(bounded)).toMatchObject({
    populationMicroEpsilon: 12_500_000,
    lifetimeMicroEpsilon: 40_000_000,
    populationNumbersMax: 9,
  });
  const refused = [
    { population_budget: 0 },
    { lifetime_budget: -1 },
    { threshold: 10 },
    { epsilon: 0 },
    { exact: 0 },
    { approval: "never" },
    { expires: "soon" },
    { expires: "2027-13-45" },
    { hours: { from: "18:00", to: "08:00" } },
    { hours: { from: "08:00", to: "18:00", timezone: "Mars/Olympus" } },
    { groupby: [] },
  ];
  for (const fields of refused) {
    expect(policySchema.safeParse({ partner: "p", dataset: "d", ...fields }).success).toBe(false);
  }
});

test("what a session would reveal is said in words, for the side that asks", () => {
  const forSender = describeTerms(TERMS, "sender", undefined);
  expect(forSender.report.join(" ")).toContain(
    `in our dataset "conversions" and one in the partner's dataset "exposures"`,
  );
  expect(forSender.report.join(" ")).toContain(`"amount" (each person counts for 0.00 to 500.00)`);
  expect(forSender.report.join(" ")).toContain("epsilon 1)");
  expect(describeTerms(TERMS, "receiver", POLICY).report).toContain(
    "Our policy lets this partner use epsilon 10 of our people's budget in 30 days, and 120 in all for good; all partners together 30 in 30 days.",
  );
  expect(forSender.weLearn.join(" ")).toContain("are new since the last time");
  expect(forSender.partnerLearns.join(" ")).not.toContain("are new since the last time");
  const oneSided = describeTerms({ ...TERMS, resultTo: "sender" }, "receiver", undefined);
  expect(oneSided.weLearn.join(" ")).toContain("none of the report's numbers");
  const exact = { ...TERMS, release: { mode: "exact" } } as const;
  const warning = (exactSessions: number) =>
    describeTerms(exact, "receiver", { ...POLICY, exactSessions }).report.join(" ");
  expect(warning(1)).not.toContain("One can be subtracted from another");
  expect(warning(3)).toContain("One can be subtracted from another");
});
