import {
  runOf,
  scheduleOf,
  toHex,
  type Reason,
  type ReleaseRule,
  type ReportKind,
  type Role,
  type TemplateRun,
} from "@halfroom/session";
import { ProtocolError } from "@halfroom/wire";
import { OperatorError, refusedBy } from "../errors.ts";
import { assertBooksHold } from "../ledger/against-log.ts";
import type { NodeState } from "../node-state.ts";
import { boundsOf, describe, type Disclosure } from "../policy/describe.ts";
import { between } from "../policy/changes.ts";
import { costOf, costWords } from "../policy/cost.ts";
import { judge, policyOf, type Judgement } from "../policy/judge.ts";
import { membersOf, termsWords } from "../policy/run-terms.ts";
import { termsDifferences, type TermsDifference } from "../policy/term-differences.ts";
import type { Settings } from "../config/schema.ts";
import { actorText, thisAccount } from "../people/actor.ts";
import { scheduleWords } from "../series/words.ts";
import { giveUp } from "../sessions/give-up.ts";
import { WAITING } from "../sessions/sessions.ts";
import type { Page } from "../store/page.ts";
import { newPeopleIn, type SessionRow } from "../sessions/row.ts";
import {
  approvalState,
  approvalWords,
  giveApproval,
  isApproved,
  type ApprovalState,
} from "../sessions/two-people.ts";
import { withState, type HalfroomNode } from "./node.ts";

/**
 * A session as this node remembers it, with the chief terms of its report: of one that waits for a person here those that the policy
 * would leave of it now. Moments are milliseconds since 1970.
 */
export interface SessionRecord extends Omit<SessionRow, "terms"> {
  readonly report: ReportKind;
  /** Of reach that counts those alone who were in no earlier run of its series. */
  readonly newPeople?: true;
  readonly datasets: Readonly<Record<Role, string>>;
  /** The receiver's columns, a list for each partition. */
  readonly partitions: readonly (readonly string[])[];
  /** The sender's columns. */
  readonly senderGroupBy: readonly string[];
  /** Names of the sums. */
  readonly measures: readonly string[];
  /** What one person counts for in each of them, as decimals. */
  readonly bounds: readonly { readonly low: string; readonly high: string }[];
  readonly threshold: number;
  readonly release: ReleaseRule;
  readonly resultTo: "both" | Role;
  /** Of one that asks for a series its schedule in words; of a run of one which run it is, and the series id in hex. */
  readonly repeats?: { readonly words?: string; readonly series?: string; readonly run?: number };
  /** Of a run of a template: which, by the digest in hex, and the values of its parameters. */
  readonly template?: {
    readonly id: string;
    readonly name: string;
    readonly version: number;
    readonly parameters: TemplateRun["parameters"];
  };
  /** Of one that waits for people here: how many have to approve it, and who has. */
  readonly approvals?: ApprovalState;
  /** Of one that waits no more: the people here who decided on it; empty if the policy did. */
  readonly decided?: readonly Decision[];
}

/** A person's decision on a session. */
export interface Decision {
  /** As in the audit log. */
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly decision: "approved" | "denied";
}

/** Newest first: all, or a page of them. Rejects with OperatorError `no-session`, if `before` is none. */
export async function listSessions(node: HalfroomNode, page: Page = {}): Promise<SessionRecord[]> {
  return await withState(node, (state) => recordsOf(state, state.sessions.list(page)));
}

/** One of them. Rejects with OperatorError `no-session`. */
export async function readSession(node: HalfroomNode, id: string): Promise<SessionRecord> {
  return await withState(node, async (state) => (await recordsOf(state, [state.sessions.get(id)]))[0]!);
}

/** Those that wait for a person, newest first; after them our own proposals that wait for people here. */
export async function listHeld(node: HalfroomNode): Promise<SessionRecord[]> {
  return await withState(node, async (state) => {
    const records = await recordsOf(state, [...state.sessions.held(), ...state.sessions.proposedHere()]);
    return records.filter(
      ({ state: is, approvals }) => is === "held" || (approvals && !isApproved(approvals)),
    );
  });
}

/**
 * What the session would reveal, or has revealed, to each side, in sentences for this side; of one that waits for a person here under
 * the terms that the policy would leave of it now, with what it would cost. Rejects with OperatorError `no-session`.
 */
export async function disclose(node: HalfroomNode, id: string): Promise<Disclosure> {
  return await withState(node, async (state) => {
    const row = state.sessions.get(id);
    const rules = await state.rules();
    const judgement = mayWait(row) ? judgedNow(state, rules, row) : undefined;
    const approvals = judgement && approvalsOf(state, row, judgement);
    if (judgement !== undefined && (row.state === "held" || approvals !== undefined))
      return discloseHeld(row, judgement, approvals);
    const { written } = policyOf(rules, { name: row.partner }, row.terms.datasets[row.role]);
    return describe(row.terms, row.role, written);
  });
}

/** What a session asks for beside the last report of the same partner that came to its end. */
export interface ComparedWithLast {
  /** Of the session before, and when it ended, in milliseconds since 1970. */
  readonly last: string;
  readonly at: number;
  readonly differences: readonly TermsDifference[];
  /** What two such reports can show together, in a sentence; undefined where noise bounds both. */
  readonly warning: string | undefined;
}

/**
 * Beside the partner's last report over the same dataset of ours that came to its end before this session was proposed, else over any;
 * undefined if there is none. Rejects with OperatorError `no-session`.
 */
export async function compareWithLast(node: HalfroomNode, id: string): Promise<ComparedWithLast | undefined> {
  return await withState(node, async (state) => {
    const row = state.sessions.get(id);
    const last = state.sessions.lastDone(row);
    if (last === undefined) return undefined;
    const rules = mayWait(row) ? await state.rules() : undefined;
    const now = rules && judgedNow(state, rules, row);
    const terms = row.state === "held" && now !== undefined ? now.verdict.terms : row.terms;
    const isExact = [last.terms, terms].every(({ release }) => release.mode === "exact");
    return {
      last: last.id,
      at: last.updatedAt,
      differences: termsDifferences(last, { ...row, terms }),
      warning: isExact ? TWO_EXACT : undefined,
    };
  });
}

const TWO_EXACT =
  "Both are exact: what is different between two exact reports shows what the people added whom only one of them has, and with another bound what those have who are beyond it.";

/** Undefined if the partner has been removed since. */
function judgedNow(state: NodeState, rules: Settings, row: SessionRow): Judgement | undefined {
  const { terms, role: us, initiatedBy } = row;
  const partner = state.partners.list().find(({ name }) => name === row.partner);
  return partner && judge(state, rules, { terms, us, partner, initiatedBy, now: state.clock.now() });
}

function discloseHeld(
  { terms: asked, role: us }: SessionRow,
  judgement: Judgement,
  approvals: ApprovalState | undefined,
): Disclosure {
  const { terms, decision, reasons } = judgement.verdict;
  const { report, ...learned } = describe(terms, us, judgement.written);
  const refused =
    decision === "refuse"
      ? [`Our policy refuses it now: ${reasons.map(({ words }) => words).join("; ")}.`]
      : [];
  return {
    ...learned,
    report: [
      ...report,
      ...termsWords({ ...membersOf(terms), changes: between(asked, terms, "us") }),
      ...(refused.length > 0 ? refused : costWords(costOf(judgement, terms))),
      ...(approvals === undefined ? [] : approvalWords(approvals)),
    ],
  };
}

/** A change of this side's policy for the partner and dataset of a session. */
export interface PolicyChange {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Who changed it, as in the audit log; undefined for whoever works on the machine itself. */
  readonly by: string | undefined;
  readonly words: string;
}

/**
 * What the audit log has of changes to the policy that a session fell under since it was proposed, the oldest first; of one that waits for a
 * person here none, since today's policy holds for it. Whatever somebody wrote into `config.yaml` itself is not among them. Rejects with
 * OperatorError `no-session`.
 */
export async function policyChangesSince(node: HalfroomNode, id: string): Promise<PolicyChange[]> {
  return await withState(node, ({ sessions, audit }) => {
    const row = sessions.get(id);
    if (mayWait(row)) return [];
    const policy = `${row.partner}/${row.terms.datasets[row.role]}`;
    return [...audit.ofKind("config-changed")]
      .filter(({ at, facts: { policy: of, changed } }) => {
        return at > row.createdAt && of === policy && changed !== "nothing";
      })
      .map(({ at, facts: { actor, changed, removed } }) => ({
        at,
        by: actor === undefined ? undefined : String(actor),
        words: removed === true ? "removed" : String(changed),
      }));
  });
}

/**
 * Lets the partner run a proposal that waits for a person, once; where the policy asks two people, the first of them only notes it. Under such a
 * policy our own proposals wait for two people here as well. What a policy forbids nobody can approve: the policy has to change first. Rejects
 * with OperatorError `no-session`, `session-state`, `approver`, `no-partner` if the partner has been removed since,
 * `audit`, `clock` or `ledger` if store, log, head and clock do not agree, or `refused-here` if a policy forbids it.
 */
export async function approve(node: HalfroomNode, id: string): Promise<SessionRecord> {
  return await withState(node, async (state) => {
    const rules = await state.rules();
    return state.store.transaction(() => {
      const { sessions, audit } = state;
      const row = heldHere(state, rules, id);
      assertBooksHold(state);
      const { terms, role: us, initiatedBy, partner } = row;
      const now = state.clock.now();
      const question = { terms, us, partner: state.partners.named(partner), now } as const;
      const judgement = judge(state, rules, { ...question, initiatedBy });
      const { verdict } = judgement;
      if (verdict.decision === "refuse") throw refusedBy("us", verdict.reasons);
      const approvals = giveApproval(state, row, judgement, now);
      if (!isApproved(approvals)) return { ...recordOf({ ...row, terms: verdict.terms }), approvals };
      // Our own goes on to its partner, who has yet to answer.
      if (initiatedBy === "partner") sessions.approve(id, verdict.terms, now);
      audit.append("approved", { id, partner, by: "person" }, now);
      return { ...recordOf(sessions.get(id)), approvals };
    });
  });
}

/**
 * Completes a session that failed at its last messages: asks the partner for the receipt that this side's report lacks. Nothing is
 * computed, and no budget is taken. Returns the report as it is stored, JSON. Rejects with OperatorError `no-session`, `session-state` if
 * there is nothing to complete, `no-partner`, `no-address`, `protocol-incomplete` if the partner has nothing of the session either,
 * `protocol-agreement` if it has another report, and other `protocol-` codes.
 */
export async function complete(node: HalfroomNode, id: string): Promise<string> {
  return await withState(node, async (state) => {
    const row = state.sessions.get(id);
    // Loaded here alone: the other verbs dial nobody.
    const { askToComplete } = await import("../run/complete.ts");
    const { json, impossible } = await askToComplete(state, row, state.partners.named(row.partner));
    if (impossible !== undefined) throw new ProtocolError("impossible", impossible);
    return json;
  });
}

const REASON_LENGTH_MAX = 500;

/**
 * Refuses a proposal that waits for a person; the partner is told `reason`, at most 500 characters, when it asks again.
 * Rejects with OperatorError `no-session`, `session-state`, `reason`.
 */
export async function deny(node: HalfroomNode, id: string, reason: string): Promise<SessionRecord> {
  return await withState(node, async (state) => {
    const rules = await state.rules();
    if (reason.length > REASON_LENGTH_MAX)
      throw new OperatorError("reason", `A reason has at most ${REASON_LENGTH_MAX} characters.`);
    return state.store.transaction(() => {
      const { sessions, audit } = state;
      const { partner } = heldHere(state, rules, id);
      const now = state.clock.now();
      const reasons: Reason[] = [{ code: "denied", words: reason }];
      sessions.refuse(id, reasons, now);
      state.approvals.deny(id, state.actor ?? thisAccount(), now);
      audit.append("denied", { id, partner, reason }, now);
      const row = sessions.get(id);
      return { ...recordOf(row), ...decisionsOf(state, row) };
    });
  });
}

/**
 * Gives up a proposal of ours that waits for its partner and that no run works on. Rejects with OperatorError `no-session`, `session-state`
 * for any other session.
 */
export async function cancel(node: HalfroomNode, id: string): Promise<SessionRecord> {
  return await withState(node, async (state) => {
    const row = state.sessions.get(id);
    const isOurs = row.initiatedBy === "us" && WAITING.includes(row.state);
    if (!isOurs || state.sessions.isWorkedOn(id, state.clock.now())) {
      const why = isOurs
        ? "is worked on; end its run"
        : `was proposed by ${row.initiatedBy}, and is ${row.state}`;
      const remedy = "only a proposal of ours that waits can be cancelled";
      throw new OperatorError("session-state", `Session ${id} ${why}: ${remedy}.`);
    }
    giveUp(state, id);
    return recordOf(state.sessions.get(id));
  });
}

function heldHere(state: NodeState, rules: Settings, id: string): SessionRow {
  const row = state.sessions.get(id);
  if (row.state === "held" && row.initiatedBy === "partner") return row;
  const judgement = mayWait(row) ? judgedNow(state, rules, row) : undefined;
  const approvals = judgement && approvalsOf(state, row, judgement);
  if (approvals !== undefined && !isApproved(approvals)) return row;
  const why = row.initiatedBy === "us" ? "was proposed here; its partner decides" : `is ${row.state}`;
  const remedy = "`halfroom sessions` lists what waits for a decision.";
  throw new OperatorError("session-state", `Session ${id} ${why}. ${remedy}`);
}

/** Whether people here may still have to decide on it. */
function mayWait({ state, initiatedBy }: SessionRow): boolean {
  return state === "held" || (state === "proposed" && initiatedBy === "us");
}

/** Undefined for a session that waits for nobody here. */
function approvalsOf(state: NodeState, row: SessionRow, judgement: Judgement): ApprovalState | undefined {
  if (row.state === "held" && row.initiatedBy === "us") return undefined;
  const approvals = approvalState(state, row, judgement);
  return approvals.needed === 0 ? undefined : approvals;
}

async function recordsOf(state: NodeState, rows: readonly SessionRow[]): Promise<SessionRecord[]> {
  const rules = rows.some(mayWait) ? await state.rules() : undefined;
  return rows.map((row) => {
    const now = mayWait(row) && rules !== undefined ? judgedNow(state, rules, row) : undefined;
    if (now === undefined) return { ...recordOf(row), ...decisionsOf(state, row) };
    const approvals = approvalsOf(state, row, now);
    const terms = row.state === "held" ? now.verdict.terms : row.terms;
    return { ...recordOf({ ...row, terms }), ...(approvals !== undefined && { approvals }) };
  });
}

function decisionsOf({ approvals }: NodeState, { id, state }: SessionRow): Pick<SessionRecord, "decided"> {
  if (state === "held" || state === "proposed") return {};
  const decided = approvals.decisions(id).map(({ at, decision, ...actor }) => {
    return { by: actorText(actor), at, decision };
  });
  return { decided };
}

function repeatsOf(terms: SessionRow["terms"]): Pick<SessionRecord, "repeats"> {
  const [schedule, run] = [scheduleOf(terms), runOf(terms)];
  if (schedule !== undefined) return { repeats: { words: scheduleWords(schedule) } };
  return run === undefined ? {} : { repeats: { series: toHex(run.id), run: run.number } };
}

function templateIn({ template }: SessionRow["terms"]): Pick<SessionRecord, "template"> {
  if (template === undefined) return {};
  const { digest, ...run } = template;
  return { template: { id: toHex(digest), ...run } };
}

function recordOf({ terms, ...row }: SessionRow): SessionRecord {
  const { report, datasets, partitions, senderGroupBy, threshold, release, resultTo } = terms;
  const measures = terms.measures.map(({ name }) => name);
  const bounds = terms.measures.map(boundsOf);
  const numbers = { measures, bounds, threshold, release, resultTo };
  const more = { ...newPeopleIn(terms), ...repeatsOf(terms), ...templateIn(terms) };
  return { ...row, report, datasets, partitions, senderGroupBy, ...numbers, ...more };
}
