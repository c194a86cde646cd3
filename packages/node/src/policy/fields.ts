// A policy as it is written in YAML, all fields filled in: what `policy add` and `policy show` print.
import type { Hours } from "./hours.ts";
import { DAY_NAMES, policySchema, type DatasetPolicy } from "./schema.ts";

/** A policy by the names of its fields, and those of them that have their default. */
export interface PolicyRecord {
  readonly partner: string;
  readonly dataset: string;
  /** All fields but these two, in the order of docs/policies.md; null where nothing is set. */
  readonly fields: Readonly<Record<string, PolicyValue>>;
  /** Names of the fields whose value is what holds where nothing is written. */
  readonly defaults: readonly string[];
}

export type PolicyValue = string | number | boolean | null | readonly string[];

const MILLIONTHS = 1e6;

export function policyRecord(policy: DatasetPolicy): PolicyRecord {
  const { partner, dataset } = policy;
  const fields = fieldsOf(policy);
  // Some defaults follow from these two.
  const plain = fieldsOf(
    policySchema.parse({ partner, dataset, budget: fields["budget"], numbers: fields["numbers"] }),
  );
  const { budget, numbers } = fieldsOf(policySchema.parse({ partner, dataset }));
  const usual = { ...plain, budget, numbers } as typeof fields;
  const isUsual = (name: string) => JSON.stringify(fields[name]) === JSON.stringify(usual[name]);
  return { partner, dataset, fields, defaults: Object.keys(fields).filter(isUsual) };
}

/** "threshold: 11 -> 20; exact: 100 -> 5", for the audit log: of a new policy each field that has not its default. */
export function policyChanges(before: DatasetPolicy | undefined, now: DatasetPolicy): string {
  const { fields, defaults } = policyRecord(now);
  const text = (value: PolicyValue | undefined) => (value === undefined ? "" : JSON.stringify(value));
  if (before === undefined) {
    const written = Object.keys(fields).filter((name) => !defaults.includes(name));
    return ["new", ...written.map((name) => `${name}: ${text(fields[name])}`)].join("; ");
  }
  const old = fieldsOf(before);
  const changed = Object.keys(fields).filter((name) => text(old[name]) !== text(fields[name]));
  if (changed.length === 0) return "nothing";
  return changed.map((name) => `${name}: ${text(old[name])} -> ${text(fields[name])}`).join("; ");
}

function fieldsOf(policy: DatasetPolicy): Record<string, PolicyValue> {
  return {
    group_by: policy.groupBy,
    sum: policy.sum,
    threshold: policy.thresholdMin,
    people: policy.peopleMin,
    round_people_to: policy.roundPeopleTo,
    epsilon: policy.microEpsilonMax / MILLIONTHS,
    budget: policy.budgetMicroEpsilon / MILLIONTHS,
    population_budget: policy.populationMicroEpsilon / MILLIONTHS,
    lifetime_budget: policy.lifetimeMicroEpsilon / MILLIONTHS,
    period_days: policy.periodDays,
    numbers: policy.numbersMax,
    population_numbers: policy.populationNumbersMax,
    evaluations: policy.evaluationsMax,
    version: policy.versionMin,
    questions_per_hour: policy.questions.perHour,
    questions_per_day: policy.questions.perDay,
    statements_per_hour: policy.statements.perHour,
    statements_per_day: policy.statements.perDay,
    exact: policy.exactSessions === 0 ? false : policy.exactSessions,
    rules: policy.rules,
    replay: policy.replay,
    silent_transfers: policy.silentTransfers,
    approval: policy.approval,
    hours: policy.hours === undefined ? null : hoursText(policy.hours),
    expires: policy.expires === undefined ? null : new Date(policy.expires).toISOString(),
    result_to: policy.resultTo,
  };
}

function hoursText({ days, from, to, timezone }: Hours): string {
  const time = (minutes: number) =>
    [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0")).join(":");
  return `${days.map((day) => DAY_NAMES[day - 1]).join(", ")} ${time(from)} to ${time(to)} ${timezone}`;
}
