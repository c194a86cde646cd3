// What two policies make of a request: the terms that run are as strict as the stricter of them.
import { microEpsilon, type Terms } from "@halfroom/session";
import { formatEpsilon } from "./evaluate.ts";

/** One member of the terms that runs otherwise than it was asked for. */
export interface TermsChange {
  readonly field: "threshold" | "epsilon" | "rules" | "replay";
  readonly from: string;
  readonly to: string;
  /** Whose policy it follows from. */
  readonly by: "us" | "partner";
}

/** From what was asked to what this side's policy makes of it, and from that to what the partner's does. */
export function changesOf(asked: Terms, ours: Terms, theirs: Terms): TermsChange[] {
  return [...between(asked, ours, "us"), ...between(ours, theirs, "partner")];
}

/** Between terms and stricter ones. */
export function between(before: Terms, after: Terms, by: TermsChange["by"]): TermsChange[] {
  const [from, to] = [membersOf(before), membersOf(after)];
  return (["threshold", "epsilon", "rules", "replay"] as const)
    .filter((field) => from[field] !== to[field])
    .map((field) => ({ field, from: from[field], to: to[field], by }));
}

/** An exact report has no epsilon, and no policy gives it one. */
function membersOf(terms: Terms): Readonly<Record<TermsChange["field"], string>> {
  const { threshold, rules, replay } = terms;
  return {
    threshold: String(threshold),
    epsilon: formatEpsilon(microEpsilon(terms)),
    rules,
    replay: replay ? "yes" : "no",
  };
}

/** "threshold 300 instead of 63, as the partner's policy asks for" */
export function changeWords({ field, from, to, by }: TermsChange): string {
  return `${field} ${to} instead of ${from}, as ${by === "us" ? "our" : "the partner's"} policy asks`;
}
