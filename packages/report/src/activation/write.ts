// An activation plan as files that its owner applies to its own data: the cohorts as CSV, or as JSON with the condition in SQL.
import { csvLine, textField } from "../csv-fields.ts";
import { plainJson } from "../plain-json.ts";
import type { ActivationPlan } from "./plan.ts";

/** A header and one line for each cohort; the columns of the dimensions join with the owner's data. RFC 4180, guarded as reports are. */
export function activationCsv({ dimensions, cohorts }: ActivationPlan): string {
  const head = [...dimensions.map(textField), "rank", "people", "index", "index_low", "index_high"];
  const lines = cohorts.map(({ rank, labels, people, index }) => [
    ...labels.map(textField),
    ...[rank, people].map(String),
    ...[index.value, index.low, index.high].map((value) => value.toFixed(1)),
  ]);
  return [head, ...lines].map(csvLine).join("");
}

/** One JSON object; `where` is `activationCondition`, null if there is none. */
export function activationJson(
  plan: ActivationPlan,
  labels: LabelExpressions,
  details: Readonly<Record<string, unknown>> = {},
): string {
  const { dimensions, category, rule, people, peopleOfAll, unranked } = plan;
  const cohorts = plan.cohorts.map(({ rank, labels, people: own, index }) =>
    plainJson({ rank, labels, people: own, index: index.value, low: index.low, high: index.high }),
  );
  const members = [
    `"version": 2`,
    `"dimensions": ${plainJson(dimensions)}`,
    `"category": ${plainJson(category)}`,
    `"rule": ${plainJson(rule)}`,
    `"cohorts": [${cohorts.map((cohort) => `\n    ${cohort}`).join(",")}${cohorts.length > 0 ? "\n  " : ""}]`,
    `"people": ${people}`,
    `"peopleOfAll": ${peopleOfAll}`,
    `"unranked": ${unranked}`,
    `"where": ${plainJson(activationCondition(plan, labels) ?? null)}`,
    ...Object.entries(details).map(([name, value]) => `${plainJson(name)}: ${plainJson(value)}`),
  ];
  return `{\n${members.map((member) => `  ${member}`).join(",\n")}\n}\n`;
}

/**
 * SQL over the owner's own table that gives the label of a row in a dimension; undefined where no row tells it, because it follows from
 * all rows of a person.
 */
export type LabelExpressions = (dimension: string) => string | undefined;

/**
 * The chosen cohorts as a condition over the rows of the owner's own table; `FALSE` for no cohort. Undefined if a dimension has no
 * expression.
 */
export function activationCondition(
  { dimensions, cohorts }: ActivationPlan,
  labels: LabelExpressions,
): string | undefined {
  if (cohorts.length === 0) return "FALSE";
  const columns = dimensions.map(labels);
  if (columns.includes(undefined)) return undefined;
  const equals = (label: string, i: number) => `${columns[i]} = '${label.replaceAll("'", "''")}'`;
  return cohorts.map((cohort) => `(${cohort.labels.map(equals).join(" AND ")})`).join(" OR ");
}
