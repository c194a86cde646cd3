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

/** One JSON object; `where` is `activationCondition`. */
export function activationJson(
  plan: ActivationPlan,
  details: Readonly<Record<string, unknown>> = {},
): string {
  const { dimensions, category, rule, people, peopleOfAll, unranked } = plan;
  const cohorts = plan.cohorts.map(({ rank, labels, people: own, index }) =>
    plainJson({ rank, labels, people: own, index: index.value, low: index.low, high: index.high }),
  );
  const members = [
    `"version": 1`,
    `"dimensions": ${plainJson(dimensions)}`,
    `"category": ${plainJson(category)}`,
    `"rule": ${plainJson(rule)}`,
    `"cohorts": [${cohorts.map((cohort) => `\n    ${cohort}`).join(",")}${cohorts.length > 0 ? "\n  " : ""}]`,
    `"people": ${people}`,
    `"peopleOfAll": ${peopleOfAll}`,
    `"unranked": ${unranked}`,
    `"where": ${plainJson(activationCondition(plan))}`,
    ...Object.entries(details).map(([name, value]) => `${plainJson(name)}: ${plainJson(value)}`),
  ];
  return `{\n${members.map((member) => `  ${member}`).join(",\n")}\n}\n`;
}

/**
 * The chosen cohorts as a condition of standard SQL over the owner's columns, compared as text; an empty label is an empty
 * or missing field. `FALSE` for no cohort.
 */
export function activationCondition({ dimensions, cohorts }: ActivationPlan): string {
  if (cohorts.length === 0) return "FALSE";
  return cohorts
    .map(({ labels }) => `(${labels.map((label, i) => equals(dimensions[i]!, label)).join(" AND ")})`)
    .join(" OR ");
}

function equals(dimension: string, label: string): string {
  const column = `CAST("${dimension.replaceAll('"', '""')}" AS VARCHAR)`;
  return label === "" ? `COALESCE(${column}, '') = ''` : `${column} = '${label.replaceAll("'", "''")}'`;
}
