// A policy as the settings hold it (`policies:`). What it does not mention is not allowed, or has the design's default.
import { PEOPLE_MAX } from "@halfroom/wire";
import { z } from "zod";
import { EPSILON_DEFAULT, microEpsilonOf, nameField, THRESHOLD_DEFAULT } from "../request/schema.ts";
import { EPSILON_MAX, isMillionths } from "../request/millionths.ts";
import { isTimezone, THRESHOLD_FLOOR, VERSION_OLDEST } from "@halfroom/session";
import type { RateLimits } from "../ledger/rates.ts";
import type { Hours } from "./hours.ts";

/** The rules for one partner and one of this node's datasets. */
export interface DatasetPolicy {
  readonly partner: string;
  readonly dataset: string;
  /** Columns by which a report may group. */
  readonly groupBy: readonly string[];
  /** Columns that may be summed. */
  readonly sum: readonly string[];
  /** At least 11. */
  readonly thresholdMin: number;
  /** Fewest people of each side in a session. */
  readonly peopleMin: number;
  /** This side states its people rounded up to a multiple of this; 1 for their true number. */
  readonly roundPeopleTo: number;
  /** Largest epsilon of one report, in millionths. */
  readonly microEpsilonMax: number;
  /** Epsilon of all reports in a period together, in millionths. */
  readonly budgetMicroEpsilon: number;
  /** Epsilon of all partners' reports over the population in a period together, in millionths. */
  readonly populationMicroEpsilon: number;
  /** Epsilon of all reports of the partner over the population at any time together, in millionths. */
  readonly lifetimeMicroEpsilon: number;
  readonly periodDays: number;
  /** Numbers that all reports of a period may open together, with noise or exact. */
  readonly numbersMax: number;
  /** The same for all partners together over the population. */
  readonly populationNumbersMax: number;
  /** OPRF evaluations granted in one epoch. */
  readonly evaluationsMax: number;
  /** The oldest version of the protocol under which a session may run. */
  readonly versionMin: number;
  /** New proposals and previews of the partner. */
  readonly questions: RateLimits;
  /** Sessions that get as far as this side's statement, whoever proposed them. */
  readonly statements: RateLimits;
  /** Exact reports per period: 0 forbids them, more than 1 lifts the freeze of design section 2.5. */
  readonly exactSessions: number;
  /** With "pair" a base of which more than 85 % matched is hidden, whatever the request says. */
  readonly rules: "standard" | "pair";
  /** Whether an auditor can compute a session again: always, if the report asks for it, or never. */
  readonly replay: "required" | "allowed" | "refused";
  /** Whether transfers may be silent, which takes one assumption more (protocol-spec.md, section 16.4). */
  readonly silentTransfers: "allowed" | "refused";
  /** By itself, by one person, or by two different ones, who then also decide on what this side proposes. */
  readonly approval: (typeof APPROVALS)[number];
  readonly hours: Hours | undefined;
  /** Milliseconds since 1970; from then on the policy allows nothing. */
  readonly expires: number | undefined;
  /** Who may receive results. */
  readonly resultTo: readonly ("us" | "partner")[];
}

/** What holds where a policy says nothing (design section 4). */
const POLICY_DEFAULTS = {
  threshold: THRESHOLD_DEFAULT,
  people: 1000,
  epsilon: EPSILON_DEFAULT,
  budget: 10,
  /** The other budgets as multiples of `budget`: three partners that use theirs up, and a year of periods. */
  populationBudgets: 3,
  lifetimeBudgets: 12,
  periodDays: 30,
  evaluations: 5_000_000,
  /** Ten reports, which is the budget at epsilon 1, of 256 cells with a sum. */
  numbers: 5_000,
  /** The cap of all partners together as a multiple of `numbers`. */
  populationNumbers: 3,
  /** Enough for a person at work, and for reports of a night; few enough that sizes are no running count. */
  questions: { perHour: 60, perDay: 300 },
  statements: { perHour: 20, perDay: 60 },
} as const;
const APPROVALS = ["automatic", "by-hand", "two-people"] as const;
export const DAY_NAMES = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export const PERIOD_DAYS_MAX = 366;
const EVALUATIONS_MAX = 1e9;
const NUMBERS_MAX = 1e9;
const WIDE_NUMBERS_MAX = 1e12;
const ROUNDING_MAX = 1_000_000;
const VERSION_MAX = 1000;
const RATE_MAX = 1_000_000;
const WIDE_BUDGET_MAX = 1_000_000;

const columns = (what: string) =>
  z.array(nameField("a column's name"), `Write a list of columns that a report may ${what}.`).default([]);
const whole = (low: number, high: number) => {
  const remedy = `Write a whole number from ${low} to ${high}.`;
  return z.int(remedy).min(low, remedy).max(high, remedy);
};
const epsilon = (high: number) => {
  const remedy = `Write a number above 0 and at most ${high}, with at most 6 decimals.`;
  return z.number(remedy).max(high, remedy).refine(isMillionths, remedy);
};

const time = z
  .string('Write a time in quotes, for example "08:30".')
  .regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$/, 'Write a time from "00:00" to "24:00", in quotes.')
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));
const hours = z
  .strictObject(
    {
      days: z
        .array(z.enum(DAY_NAMES), `Write a list of days: ${DAY_NAMES.join(", ")}.`)
        .min(1, "Write one day at least.")
        .default([...DAY_NAMES]),
      from: time,
      to: time,
      timezone: z
        .string("Write a time zone, for example Europe/Berlin.")
        .refine(isTimezone, "Write a time zone of the IANA list, for example Europe/Berlin or UTC.")
        .default("UTC"),
    },
    "Write days, from, to and timezone.",
  )
  .refine(({ from, to }) => from < to, 'Write a `from` that is before `to`; midnight is "24:00".');

const expires = z
  .string('Write a date, for example "2027-06-30".')
  .refine(
    (text) => /^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/.test(text) && !Number.isNaN(Date.parse(text)),
    'Write a date, for example "2027-06-30": the policy ends as that day begins in UTC.',
  );

const exact = z.union(
  [z.boolean(), z.int().min(1).max(1000)],
  "Write false, true (one exact report a period), or how many exact reports a period may have.",
);

/** One entry of `policies:`. */
export const policySchema = z
  .strictObject(
    {
      partner: nameField("the partner's name"),
      dataset: nameField("the dataset's name"),
      group_by: columns("group by"),
      sum: columns("sum"),
      threshold: whole(THRESHOLD_FLOOR, PEOPLE_MAX).default(POLICY_DEFAULTS.threshold),
      people: whole(1, PEOPLE_MAX).default(POLICY_DEFAULTS.people),
      round_people_to: whole(1, ROUNDING_MAX).default(1),
      epsilon: epsilon(EPSILON_MAX).default(POLICY_DEFAULTS.epsilon),
      budget: epsilon(10_000).default(POLICY_DEFAULTS.budget),
      population_budget: epsilon(WIDE_BUDGET_MAX).optional(),
      lifetime_budget: epsilon(WIDE_BUDGET_MAX).optional(),
      period_days: whole(1, PERIOD_DAYS_MAX).default(POLICY_DEFAULTS.periodDays),
      numbers: whole(0, NUMBERS_MAX).default(POLICY_DEFAULTS.numbers),
      population_numbers: whole(0, WIDE_NUMBERS_MAX).optional(),
      evaluations: whole(0, EVALUATIONS_MAX).default(POLICY_DEFAULTS.evaluations),
      version: whole(VERSION_OLDEST, VERSION_MAX).default(VERSION_OLDEST),
      questions_per_hour: whole(1, RATE_MAX).default(POLICY_DEFAULTS.questions.perHour),
      questions_per_day: whole(1, RATE_MAX).default(POLICY_DEFAULTS.questions.perDay),
      statements_per_hour: whole(1, RATE_MAX).default(POLICY_DEFAULTS.statements.perHour),
      statements_per_day: whole(1, RATE_MAX).default(POLICY_DEFAULTS.statements.perDay),
      exact: exact.default(false),
      rules: z.enum(["standard", "pair"], "Write standard or pair.").default("standard"),
      replay: z
        .enum(["required", "allowed", "refused"], "Write required, allowed or refused.")
        .default("allowed"),
      silent_transfers: z.enum(["allowed", "refused"], "Write allowed or refused.").default("allowed"),
      approval: z.enum(APPROVALS, "Write automatic, by-hand or two-people.").default("by-hand"),
      hours: hours.optional(),
      expires: expires.optional(),
      result_to: z
        .array(z.enum(["us", "partner"]), "Write a list of us and partner.")
        .default(["us", "partner"]),
    },
    "Write a policy: partner, dataset, group_by, sum, and the limits that differ from the defaults.",
  )
  .transform(toPolicy);

interface PolicyEntry {
  partner: string;
  dataset: string;
  group_by: string[];
  sum: string[];
  threshold: number;
  people: number;
  round_people_to: number;
  epsilon: number;
  budget: number;
  population_budget?: number | undefined;
  lifetime_budget?: number | undefined;
  period_days: number;
  numbers: number;
  population_numbers?: number | undefined;
  evaluations: number;
  version: number;
  questions_per_hour: number;
  questions_per_day: number;
  statements_per_hour: number;
  statements_per_day: number;
  exact: boolean | number;
  rules: "standard" | "pair";
  replay: "required" | "allowed" | "refused";
  silent_transfers: "allowed" | "refused";
  approval: (typeof APPROVALS)[number];
  hours?: { days: (typeof DAY_NAMES)[number][]; from: number; to: number; timezone: string } | undefined;
  expires?: string | undefined;
  result_to: ("us" | "partner")[];
}

function toPolicy(entry: PolicyEntry): DatasetPolicy {
  const budget = microEpsilonOf(entry.budget);
  const { population_budget: population, lifetime_budget: lifetime } = entry;
  return {
    partner: entry.partner,
    dataset: entry.dataset,
    groupBy: entry.group_by,
    sum: entry.sum,
    thresholdMin: entry.threshold,
    peopleMin: entry.people,
    roundPeopleTo: entry.round_people_to,
    microEpsilonMax: microEpsilonOf(entry.epsilon),
    budgetMicroEpsilon: budget,
    populationMicroEpsilon:
      population === undefined ? POLICY_DEFAULTS.populationBudgets * budget : microEpsilonOf(population),
    lifetimeMicroEpsilon:
      lifetime === undefined ? POLICY_DEFAULTS.lifetimeBudgets * budget : microEpsilonOf(lifetime),
    periodDays: entry.period_days,
    numbersMax: entry.numbers,
    populationNumbersMax: entry.population_numbers ?? POLICY_DEFAULTS.populationNumbers * entry.numbers,
    evaluationsMax: entry.evaluations,
    versionMin: entry.version,
    questions: { perHour: entry.questions_per_hour, perDay: entry.questions_per_day },
    statements: { perHour: entry.statements_per_hour, perDay: entry.statements_per_day },
    exactSessions: Number(entry.exact),
    rules: entry.rules,
    replay: entry.replay,
    silentTransfers: entry.silent_transfers,
    approval: entry.approval,
    hours: entry.hours && toHours(entry.hours),
    expires: entry.expires === undefined ? undefined : Date.parse(entry.expires),
    resultTo: entry.result_to,
  };
}

function toHours({ days, from, to, timezone }: NonNullable<PolicyEntry["hours"]>): Hours {
  return { days: days.map((day) => DAY_NAMES.indexOf(day) + 1), from, to, timezone };
}

/** What holds for a partner and dataset that no policy names: nothing without a person's approval, and nothing exact. */
export function defaultPolicy(partner: string, dataset: string): DatasetPolicy {
  return policySchema.parse({ partner, dataset });
}
