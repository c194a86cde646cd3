// How the answering node judges a run of a series: by what it has signed and kept, never by what the proposal says of it.
import {
  encodeTerms,
  otherRole,
  overLink,
  runOf,
  termsOfRun,
  toHex,
  type Reason,
  type Terms,
} from "@halfroom/session";
import type { Settings } from "../config/schema.ts";
import type { NodeState } from "../node-state.ts";
import { ownerOf, type Partner } from "../partners/partners.ts";
import type { Judgement } from "../policy/judge.ts";
import { closeEarlierRuns } from "./close-passed.ts";
import { asAgreed } from "./plan-run.ts";

/** Why the run is refused; empty if it may be made, or if the terms are for no run. */
export function runReasons(
  node: Pick<NodeState, "series" | "clock">,
  { clock_seconds }: Pick<Settings, "clock_seconds">,
  partner: Partner,
  terms: Terms,
  judgement: Judgement,
): readonly Reason[] {
  const asked = runOf(terms);
  if (asked === undefined) return [];
  const series = node.series.get(toHex(asked.id));
  const role = otherRole(terms.initiator);
  const isTheirs =
    series?.partnerKey === ownerOf(partner).key && series.role === role && series.initiatedBy === "partner";
  if (series === undefined || !isTheirs || series.ended !== undefined)
    return [{ code: "series-ended", words: "this node has ended the series, or does not know it" }];
  const run = node.series.run(series.id, asked.number);
  if (run?.state !== "open") return [{ code: "series-run", words: overWords(run?.state) }];
  const [now, slack] = [node.clock.now(), clock_seconds * 1000];
  if (now < run.dueAt - slack || now > run.untilAt + slack) {
    const words = `run ${asked.number} may begin from ${moment(run.dueAt)} until ${moment(run.untilAt)}`;
    return [{ code: "series-time", words }];
  }
  // What carries a run is no part of what the series agreed on.
  if (
    Buffer.compare(encodeTerms(overLink(terms)), encodeTerms(termsOfRun(series.agreement, asked.number))) !==
    0
  )
    return [{ code: "series-terms", words: "the run asks for something else than the series" }];
  return asAgreed(terms, judgement);
}

function overWords(state: string | undefined): string {
  if (state === "missed") return "the run is over here: it was missed";
  return state === undefined ? "the series has no such run" : "the run has been made here, or may have been";
}

function moment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** The run is accepted: those before it are over, and the session is the one that makes it. In the running transaction. */
export function takeUpRun(node: NodeState, terms: Terms, session: string): void {
  const run = runOf(terms);
  if (run === undefined) return;
  const id = toHex(run.id);
  closeEarlierRuns(node, id, run.number, node.clock.now());
  node.series.attempt(id, run.number, session);
}
