// A policy as it is edited: texts of a form, and what of them is written; docs/policies.md has the fields.
import type { Policy } from "../answers.ts";
import { fieldText } from "./policies.ts";

export type Draft = Readonly<Record<string, string>>;
type Value = Policy["fields"][string];

export interface Difference {
  readonly what: string;
  readonly before: string;
  readonly now: string;
}

interface Field {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly kind:
    "columns" | "measures" | "sides" | "number" | "text" | readonly (readonly [string, string])[];
}

export interface FieldGroup {
  readonly heading: string;
  readonly fields: readonly Field[];
}

export const FIELD_GROUPS: readonly FieldGroup[] = [
  {
    heading: "What a report may show",
    fields: [
      { name: "group_by", label: "May group by", kind: "columns" },
      { name: "sum", label: "May add up", kind: "measures" },
      { name: "threshold", label: "Threshold", hint: "People behind a number, at least.", kind: "number" },
      {
        name: "people",
        label: "People on either side",
        hint: "That may be matched, at least.",
        kind: "number",
      },
      {
        name: "round_people_to",
        label: "Our people rounded up to",
        hint: "1: the partner is told the number itself.",
        kind: "number",
      },
      {
        name: "rules",
        label: "Rules",
        kind: [
          ["standard", "standard"],
          ["pair", "PAIR: nothing over 85 %"],
        ],
      },
      { name: "result_to", label: "The result may go to", kind: "sides" },
    ],
  },
  {
    heading: "What it may cost",
    fields: [
      { name: "epsilon", label: "Epsilon of a report", kind: "number" },
      { name: "budget", label: "Epsilon of a period", kind: "number" },
      {
        name: "population_budget",
        label: "Of all partners",
        hint: "If not set, 3 times that of a period.",
        kind: "number",
      },
      {
        name: "lifetime_budget",
        label: "At any time",
        hint: "If not set, 12 times that of a period.",
        kind: "number",
      },
      { name: "period_days", label: "Days of a period", kind: "number" },
      { name: "numbers", label: "Numbers of a period", kind: "number" },
      {
        name: "population_numbers",
        label: "Numbers, all partners",
        hint: "If not set, 3 times as many.",
        kind: "number",
      },
      { name: "exact", label: "Exact reports of a period", hint: "0: none.", kind: "number" },
    ],
  },
  {
    heading: "Who decides, and how long it holds",
    fields: [
      {
        name: "approval",
        label: "Approval",
        kind: [
          ["by-hand", "a person decides"],
          ["automatic", "the policy decides"],
          ["two-people", "two people decide"],
        ],
      },
      {
        name: "hours",
        label: "Automatic within",
        hint: "Such as: mon, tue, wed 08:00 to 18:00 Europe/Berlin. Empty: always.",
        kind: "text",
      },
      { name: "expires", label: "Ends on", hint: "A date, 2027-06-30. Empty: never.", kind: "text" },
      {
        name: "replay",
        label: "Kept for an auditor",
        kind: [
          ["allowed", "if a report asks for it"],
          ["required", "always"],
          ["refused", "never"],
        ],
      },
    ],
  },
  {
    heading: "How often it may ask",
    fields: [
      { name: "questions_per_hour", label: "Questions an hour", kind: "number" },
      { name: "questions_per_day", label: "Questions a day", kind: "number" },
      { name: "statements_per_hour", label: "Sessions an hour", kind: "number" },
      { name: "statements_per_day", label: "Sessions a day", kind: "number" },
      { name: "evaluations", label: "Identifiers in 30 days", kind: "number" },
      { name: "version", label: "Oldest protocol", kind: "number" },
    ],
  },
];

const FIELDS = FIELD_GROUPS.flatMap(({ fields }) => fields);

/** The texts of a policy; of a new one, all empty, so that the defaults hold. */
export function draftOf(policy: Policy | undefined): Draft {
  return Object.fromEntries(FIELDS.map(({ name }) => [name, textOf(name, policy?.fields[name])]));
}

function textOf(name: string, value: Value | undefined): string {
  if (value === undefined || value === null) return "";
  if (name === "exact") return value === false ? "0" : String(Number(value));
  if (name === "expires") return String(value).slice(0, 10);
  return Array.isArray(value) ? value.join(",") : String(value);
}

/** What is sent: what differs from the policy as it is, and what was written in it. Members that have their defaults stay unwritten. */
export function entryOf(
  place: { readonly partner: string; readonly dataset: string },
  draft: Draft,
  policy: Policy | undefined,
): Readonly<Record<string, unknown>> {
  const before = draftOf(policy);
  const isUnwritten = (name: string) => policy === undefined || policy.defaults.includes(name);
  const written = FIELDS.filter(({ name }) => !(isUnwritten(name) && draft[name] === before[name]));
  const members = written.flatMap((field) => memberOf(field, draft[field.name]!));
  return { partner: place.partner, dataset: place.dataset, ...Object.fromEntries(members) };
}

function memberOf({ name, kind }: Field, text: string): [string, unknown][] {
  const plain = text.trim();
  if (kind === "columns" || kind === "measures" || kind === "sides") return [[name, listOf(plain)]];
  if (plain === "") return [];
  if (name === "exact") return [[name, plain === "0" ? false : numberOf(plain)]];
  if (name === "hours") return [[name, hoursOf(plain)]];
  return [[name, kind === "number" ? numberOf(plain) : plain]];
}

/** What is no number goes as it was written, so that the node says what is wrong with it. */
function numberOf(text: string): number | string {
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}

export function listOf(text: string): string[] {
  return text.split(",").filter((each) => each !== "");
}

function hoursOf(text: string): unknown {
  const [, days, from, to, timezone] = /^(.*?)\s*(\d\d:\d\d) to (\d\d:\d\d)(?: (\S+))?$/.exec(text) ?? [];
  if (from === undefined) return text;
  const list = (days ?? "").split(/[,\s]+/).filter((day) => day !== "");
  return { ...(list.length > 0 && { days: list }), from, to, ...(timezone !== undefined && { timezone }) };
}

/** What a change would change, field by field. */
export function policyDifferences(policy: Policy | undefined, draft: Draft): Difference[] {
  const before = draftOf(policy);
  return FIELDS.filter(({ name }) => draft[name] !== before[name]).map(({ name, label }) => ({
    what: label,
    before: policy === undefined ? "not there" : fieldText(policy.fields[name]),
    now: draft[name] === "" ? "the default" : draft[name]!.replaceAll(",", ", "),
  }));
}
