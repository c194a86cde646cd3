// What a node's owner allows a partner, and the answer of the node to a proposal.
import type { PrivacyCost } from "@halfroom/release";
import type { Reason, Terms } from "@halfroom/session";

/** Times in which a proposal may be accepted without a person. */
export interface Hours {
  /** 1 is Monday, 7 is Sunday. */
  readonly days: readonly number[];
  /** Minutes since midnight, `from` included, `to` excluded. */
  readonly from: number;
  readonly to: number;
  /** IANA name. */
  readonly timezone: string;
}

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
  /** People of each side in a session. */
  readonly peopleMin: number;
  /** Largest epsilon of one report, in millionths. */
  readonly microEpsilonMax: number;
  /** Epsilon of all reports of a period together, in millionths. */
  readonly budgetMicroEpsilon: number;
  readonly periodDays: number;
  /** OPRF evaluations granted in one epoch. */
  readonly evaluationsMax: number;
  /** Exact reports a period; 0 forbids them, above 1 lifts the freeze of design 2.5. */
  readonly exactSessions: number;
  /** "pair" hides a base that matched by more than 85 % whatever the request says. */
  readonly rules: "standard" | "pair";
  readonly approval: "automatic" | "by-hand";
  readonly hours: Hours | undefined;
  /** Milliseconds since 1970; from then on the policy allows nothing. */
  readonly expires: number | undefined;
  /** Who may receive results. */
  readonly resultTo: readonly ("us" | "partner")[];
}

/** What this partner has used up in the running period and epoch. */
export interface Spent {
  /** One for each release with noise. */
  readonly costs: readonly PrivacyCost[];
  /** Of all of them together, in millionths. */
  readonly microEpsilon: number;
  readonly exactSessions: number;
  readonly evaluations: number;
}

/** The declared columns of a dataset. */
export interface DatasetColumns {
  /** The label of each match key by its name. */
  readonly keys: Readonly<Record<string, string>>;
  readonly dimensions: readonly string[];
  readonly measures: readonly string[];
}

export interface Verdict {
  readonly decision: "accept" | "hold" | "refuse";
  /** Why it is held or refused; empty if accepted. */
  readonly reasons: readonly Reason[];
  /** The terms with the stricter of what was asked and what the policy allows. */
  readonly terms: Terms;
}

/** What a session would reveal, in plain words, a sentence each. */
export interface Disclosure {
  /** What the report computes. */
  readonly report: readonly string[];
  readonly weLearn: readonly string[];
  readonly partnerLearns: readonly string[];
}
