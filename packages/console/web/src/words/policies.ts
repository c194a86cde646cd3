// What a policy allows, in sentences; docs/policies.md has its fields.
import type { Policy } from "../answers.ts";
import { counted, inQuotes, number } from "./text.ts";

type Fields = Policy["fields"];

/** Sentences about what the partner may do with the dataset. */
export function policyWords({ partner, dataset, fields }: Policy): string[] {
  return [
    `${inQuotes(partner)} may ask for reports over our dataset ${inQuotes(dataset)}. ${approvalWords(fields)}`,
    `A report may group by ${listWords(fields["group_by"], "no column")}, and add up ${listWords(fields["sum"], "nothing: it counts people alone")}.`,
    `A number opens only where at least ${count(fields["threshold"])} people are behind it, and only sets of at least ${count(fields["people"])} people are matched.`,
    `Noise: one report may cost epsilon ${count(fields["epsilon"])} at most, all of ${counted(Number(fields["period_days"]), "day")} ${count(fields["budget"])}; over all partners ${count(fields["population_budget"])}, and ${count(fields["lifetime_budget"])} for this one at any time.`,
    exactWords(fields),
    `At most ${count(fields["numbers"])} numbers may open in the period to this partner, ${count(fields["population_numbers"])} to all.`,
    sizeWords(fields),
    `The result may go to ${resultWords(fields["result_to"])}.`,
    ...(fields["rules"] === "pair"
      ? ["Where more than 85 % of a side's people match, only that fact is shown."]
      : []),
    replayWords(fields["replay"]),
    ...(fields["silent_transfers"] === "refused"
      ? ["No report may have silent transfers, which take one assumption more."]
      : []),
    `The partner may ask ${count(fields["questions_per_hour"])} times an hour and ${count(fields["questions_per_day"])} times a day, begin ${count(fields["statements_per_hour"])} sessions an hour and ${count(fields["statements_per_day"])} a day, and have ${count(fields["evaluations"])} identifiers evaluated in 30 days.`,
    ...(typeof fields["expires"] === "string"
      ? [`It ends as ${fields["expires"].slice(0, 10)} begins, at 00:00 UTC.`]
      : []),
  ];
}

const APPROVALS: Readonly<Record<string, string>> = {
  automatic: "This policy decides by itself",
  "by-hand": "A person here decides on each proposal",
  "two-people": "Two people here decide on each proposal, neither of them who asked",
};

function approvalWords({ approval, hours }: Fields): string {
  const words = APPROVALS[String(approval)] ?? `Approval: ${inQuotes(String(approval))}`;
  return approval === "automatic" && typeof hours === "string"
    ? `${words}, within ${hours}; outside a person decides.`
    : `${words}.`;
}

function exactWords({ exact }: Fields): string {
  if (exact === false || exact === 0) return "No exact report is allowed: every number has noise.";
  const several = Number(exact) > 1 ? ": the difference of two shows what one person contributed" : "";
  return `${counted(Number(exact), "exact report")} in the period, without noise${several}.`;
}

function sizeWords({ round_people_to: to }: Fields): string {
  return Number(to) === 1
    ? "The partner is told how many people we bring, to the person."
    : `The partner is told how many people we bring, rounded up to a multiple of ${count(to)}.`;
}

function resultWords(to: Fields[string] | undefined): string {
  const sides = Array.isArray(to) ? to.map((side) => (side === "us" ? "us" : "the partner")) : [];
  return sides.length === 0 ? "nobody" : sides.join(" and ");
}

function replayWords(replay: Fields[string] | undefined): string {
  if (replay === "required") return "What an agreed auditor needs to compute a session again is always kept.";
  if (replay === "refused") return "Nothing is kept by which a session could be computed again.";
  return "If a report asks for it, what an agreed auditor needs to compute it again is kept.";
}

function listWords(list: Fields[string] | undefined, none: string): string {
  return Array.isArray(list) && list.length > 0 ? list.map(inQuotes).join(", ") : none;
}

function count(value: Fields[string] | undefined): string {
  return typeof value === "number" ? number(value) : String(value);
}

/** As the command line prints it. */
export function fieldText(value: Fields[string] | undefined): string {
  if (value === null || value === undefined) return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map(inQuotes).join(", ") || "none";
  return typeof value === "number" ? number(value) : String(value);
}
