// Sessions in words.
import type { Session } from "../answers.ts";
import { epsilon, inQuotes } from "./text.ts";

export function releaseWords({ release }: Pick<Session, "release">): string {
  if (release.mode === "exact") return "exact, without noise";
  const law = release.mechanism === "laplace" ? "Laplace" : "Gaussian";
  return `${law} noise, epsilon ${epsilon(release.microEpsilon)}`;
}

/** Seen from here. */
export function resultWords({ resultTo, role }: Pick<Session, "resultTo" | "role">): string {
  if (resultTo === "both") return "both sides";
  return resultTo === role ? "us alone" : "the partner alone";
}

export function datasetsOf({ datasets, role }: Pick<Session, "datasets" | "role">): {
  ours: string;
  theirs: string;
} {
  const other = role === "sender" ? "receiver" : "sender";
  return { ours: datasets[role], theirs: datasets[other] };
}

export function groupingWords({
  partitions,
  senderGroupBy,
}: Pick<Session, "partitions" | "senderGroupBy">): string {
  const lists = partitions.map((list) =>
    list.length === 0 ? "everybody" : list.map(inQuotes).join(" and "),
  );
  const cells = lists.length === 0 ? "everybody" : lists.join("; ");
  return senderGroupBy.length === 0 ? cells : `${cells}, by ${senderGroupBy.map(inQuotes).join(" and ")}`;
}

export function measuresWords({ measures }: Pick<Session, "measures">): string {
  return measures.length === 0 ? "people alone" : `people, ${measures.map(inQuotes).join(", ")}`;
}

/** Whether people here have to decide on it: on a partner's proposal, and on one of ours where the policy asks two. */
export function isForUs({ state, initiatedBy, approvals }: Session): boolean {
  if (approvals === undefined) return state === "held" && initiatedBy === "partner";
  return ["held", "proposed"].includes(state) && approvals.given.length < approvals.needed;
}
