// A policy as it is edited: texts of a form, and what of them is written; docs/policies.md has the fields.
import type { Policy } from "../answers.ts";
import type { Difference } from "./difference.ts";
import { fieldText } from "./policies.ts";

export type Draft = Readonly<Record<string, string>>;
type Value = Policy["fields"][string];

/** Of a change: whether the partner may do more with it, or less. */
export type Sense = "looser" | "stricter";

interface Field {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  /** What a larger number is; what setting a text is that was empty. */
  readonly more?: Sense;
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
      {
        name: "threshold",
        more: "stricter",
        label: "Threshold",
        hint: "People behind a number, at least.",
        kind: "number",
      },
      {
        name: "people",
        more: "stricter",
        label: "People on each side",
        hint: "Fewer than this are not matched.",
        kind: "number",
      },
      {
        name: "round_people_to",
        more: "stricter",
        label: "Our people rounded up to",
        hint: "1: the partner is told the number itself.",
        kind: "number",
      },
      {
        name: "rules",
        label: "Rules",
        kind: [
          ["standard", "standard"],
          ["pair", "nothing where over 85 % match"],
        ],
      },
      { name: "result_to", label: "The result may go to", kind: "sides" },
    ],
  },
  {
    heading: "What it may cost",
    fields: [
      { name: "epsilon", more: "looser", label: "Epsilon of a report", kind: "number" },
      { name: "budget", more: "looser", label: "Epsilon of a period", kind: "number" },
      {
        name: "population_budget",
        more: "looser",
        label: "Epsilon, all partners",
        hint: "If not set, 3 times that of a period.",
        kind: "number",
      },
      {
        name: "lifetime_budget",
        more: "looser",
        label: "Epsilon of all time",
        hint: "If not set, 12 times that of a period.",
        kind: "number",
      },
      { name: "period_days", more: "stricter", label: "Days of a period", kind: "number" },
      { name: "numbers", more: "looser", label: "Numbers of a period", kind: "number" },
      {
        name: "population_numbers",
        more: "looser",
        label: "Numbers, all partners",
        hint: "If not set, 3 times as many.",
        kind: "number",
      },
      { name: "exact", more: "looser", label: "Exact reports of a period", hint: "0: none.", kind: "number" },
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
        more: "stricter",
        label: "Automatic within",
        hint: "Such as: mon, tue, wed 08:00 to 18:00 Europe/Berlin. Empty: always.",
        kind: "text",
      },
      {
        name: "expires",
        more: "stricter",
        label: "Ends on",
        hint: "A date, such as 2027-06-30: it ends as that day begins, at 00:00 UTC. Empty: never.",
        kind: "text",
      },
      {
        name: "replay",
        label: "Kept for an auditor",
        kind: [
          ["allowed", "if a report asks for it"],
          ["required", "always"],
          ["refused", "never"],
        ],
      },
      {
        name: "silent_transfers",
        label: "Silent transfers",
        kind: [
          ["allowed", "allowed"],
          ["refused", "refused: they take one assumption more"],
        ],
      },
    ],
  },
  {
    heading: "How often it may ask",
    fields: [
      { name: "questions_per_hour", more: "looser", label: "Questions an hour", kind: "number" },
      { name: "questions_per_day", more: "looser", label: "Questions a day", kind: "number" },
      { name: "statements_per_hour", more: "looser", label: "Sessions an hour", kind: "number" },
      { name: "statements_per_day", more: "looser", label: "Sessions a day", kind: "number" },
      { name: "evaluations", more: "looser", label: "Identifiers in 30 days", kind: "number" },
      { name: "version", more: "stricter", label: "Oldest version of the protocol", kind: "number" },
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

export interface PolicyChange extends Difference {
  readonly name: string;
  /** Absent where it cannot be known. */
  readonly sense?: Sense;
}

/** What a change would change, field by field. */
export function policyDifferences(policy: Policy | undefined, draft: Draft): PolicyChange[] {
  const before = draftOf(policy);
  return FIELDS.filter(({ name }) => draft[name] !== before[name]).map((field) => {
    const { name, label } = field;
    const sense = policy === undefined ? undefined : senseOf(field, before[name]!, draft[name]!);
    return {
      name,
      what: label,
      before: policy === undefined ? "not there" : shownValue(field, policy.fields[name]),
      now: draft[name] === "" ? "the default" : wordsOf(field, draft[name]!),
      ...(sense !== undefined && { sense }),
    };
  });
}

/** In the words of the form's own choices. */
function shownValue(field: Field, value: Value | undefined): string {
  return typeof value === "string" ? wordsOf(field, textOf(field.name, value)) : fieldText(value);
}

function wordsOf({ kind }: Field, text: string): string {
  const choice = typeof kind === "string" ? undefined : kind.find(([value]) => value === text);
  return choice?.[1] ?? text.replaceAll(",", ", ");
}

/** What the form calls a field, and what it says of a value. */
export function formWords(
  name: string,
  value: Value | undefined,
): { readonly label: string; readonly value: string } {
  const field = FIELDS.find((each) => each.name === name);
  if (field === undefined) return { label: name, value: fieldText(value) };
  return { label: field.label, value: shownValue(field, value) };
}

/** From the loosest to the strictest. */
const ORDERS: Readonly<Record<string, readonly string[]>> = {
  approval: ["automatic", "by-hand", "two-people"],
  rules: ["standard", "pair"],
  silent_transfers: ["allowed", "refused"],
};
const OTHER = { looser: "stricter", stricter: "looser" } as const;

function senseOf({ name, kind, more }: Field, before: string, now: string): Sense | undefined {
  const order = ORDERS[name];
  if (order !== undefined) return ofOrder(order.indexOf(before), order.indexOf(now), "stricter");
  if (kind === "columns" || kind === "measures" || kind === "sides")
    return ofLists(listOf(before), listOf(now));
  if (more === undefined) return undefined;
  if (kind === "number")
    return before.trim() === "" || now.trim() === "" ? undefined : ofOrder(Number(before), Number(now), more);
  if (before === "" || now === "") return now === "" ? OTHER[more] : more;
  // A later end; of two spans of hours neither need hold the other.
  return name === "expires" ? ofOrder(Date.parse(before), Date.parse(now), "looser") : undefined;
}

function ofOrder(before: number, now: number, more: Sense): Sense | undefined {
  if (now > before) return more;
  return now < before ? OTHER[more] : undefined;
}

/** What is on a list is allowed. */
function ofLists(before: readonly string[], now: readonly string[]): Sense | undefined {
  const isAdded = now.some((each) => !before.includes(each));
  const isGone = before.some((each) => !now.includes(each));
  if (isAdded === isGone) return undefined;
  return isAdded ? "looser" : "stricter";
}

/** The field that the node's word for a fault is about, with what is inside it: `hours.from`; undefined for what the form does not have. */
export function fieldOf(path: string): string | undefined {
  return FIELDS.find(({ name }) => path.split(".").includes(name))?.name;
}
