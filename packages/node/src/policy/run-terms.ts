// The members of the terms that policies decide about, as they run, and in words.
import { microEpsilon, type ReleaseRule, type Terms } from "@halfroom/session";
import { changesOf, changeWords, type TermsChange } from "./changes.ts";
import { formatEpsilon } from "./evaluate.ts";

export interface RunTerms {
  readonly threshold: number;
  readonly mode: ReleaseRule["mode"];
  /** In millionths; 0 for an exact report. */
  readonly microEpsilon: number;
  readonly rules: Terms["rules"];
  readonly replay: boolean;
  /** What differs from the request. */
  readonly changes: readonly TermsChange[];
}

/** `asked` by the request, `ours` after this side's policy, `runs` after the partner's too. */
export function runTerms(asked: Terms, ours: Terms, runs: Terms): RunTerms {
  return { ...membersOf(runs), changes: changesOf(asked, ours, runs) };
}

export function membersOf(terms: Terms): Omit<RunTerms, "changes"> {
  const { threshold, release, rules, replay } = terms;
  return { threshold, mode: release.mode, microEpsilon: microEpsilon(terms), rules, replay };
}

/** The terms in one sentence, with what differs from the request. */
export function termsWords({
  threshold,
  mode,
  microEpsilon: epsilon,
  rules,
  replay,
  changes,
}: RunTerms): string[] {
  const release = mode === "exact" ? "exact" : `epsilon ${formatEpsilon(epsilon)}`;
  const more = [...(rules === "pair" ? ["rules: pair"] : []), ...(replay ? ["kept for a replay"] : [])];
  const runs = `It runs with threshold ${threshold}, ${[release, ...more].join(", ")}`;
  if (changes.length === 0) return [`${runs}, as asked.`];
  return [`${runs}; that is ${changes.map(changeWords).join("; ")}.`];
}
