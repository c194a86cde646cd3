// Sessions in words.
import type { Session } from "../answers.ts";
import { decimal, epsilon, inQuotes, name, number } from "./text.ts";

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

/** "people, "revenue" (0.00 to 500.00 a person)" */
export function measuresWords({ measures, bounds }: Pick<Session, "measures" | "bounds">): string {
  const sums = measures.map((measure, i) => {
    const { low, high } = bounds[i]!;
    return `${inQuotes(measure)} (${decimal(low)} to ${decimal(high)} a person)`;
  });
  return measures.length === 0 ? "people alone" : `people, ${sums.join(", ")}`;
}

/** What tells reports of one kind apart: "people, "revenue" (0 to 500 a person) by "campaign"". */
export function askedForWords(session: Session): string {
  const cells = groupingWords(session);
  return `${measuresWords(session)} ${cells === "everybody" ? "of everybody" : `by ${cells}`}`;
}

/** Whether people here have to decide on it: on a partner's proposal, and on one of ours where the policy asks two. */
export function isHere({ state, initiatedBy, approvals }: Session): boolean {
  if (approvals === undefined) return state === "held" && initiatedBy === "partner";
  return ["held", "proposed"].includes(state) && approvals.given.length < approvals.needed;
}

/** Whether it waits for whoever looks: not once they have approved it, and not if they asked for it. */
export function isForYou(session: Session): boolean {
  const { barred } = session.approvals ?? {};
  return isHere(session) && barred !== "approved" && barred !== "asker";
}

/** "1 of 2"; undefined where one person decides. */
export function approvedWords({ approvals }: Session): string | undefined {
  if (approvals === undefined || approvals.needed < 2) return undefined;
  return `${number(approvals.given.length)} of ${number(approvals.needed)}`;
}

const WAYS_IN: Readonly<Record<string, string>> = {
  openid: " (company sign-in)",
  token: " (token)",
  account: " (an account of the node's machine)",
};

/** Of `user:anna`, as the audit log has who acted: the name, and the way in where it is not a password. */
export function actorWords(by: string): string {
  const [, kind = "", plain = by] = /^(user|openid|token|account):(.*)$/s.exec(by) ?? [];
  return `${name(plain)}${WAYS_IN[kind] ?? ""}`;
}
