// This side's answer to a report, from its policy and from what the partner has spent under it.
import { runOf, toHex, type Role, type Terms } from "@halfroom/session";
import { POPULATION_DEFAULT, type Settings } from "../config/schema.ts";
import { evaluatePolicy, stricter, type Spent, type Verdict } from "./evaluate.ts";
import { defaultPolicy, type DatasetPolicy } from "./schema.ts";
import { committed } from "../ledger/committed.ts";
import { restoredOf } from "../ledger/restored.ts";
import type { NodeState } from "../node-state.ts";
import { ownerOf, type Partner } from "../partners/partners.ts";
import { bookedBy } from "../series/booked.ts";
import { answeredTemplate } from "../templates/answer.ts";

export interface Judgement {
  readonly verdict: Verdict;
  /** The policy written for this partner and dataset, if there is one. */
  readonly written: DatasetPolicy | undefined;
  /** The policy that holds: the written one, or the defaults. */
  readonly policy: DatasetPolicy;
  readonly spent: Spent;
  readonly population: string;
}

export interface Question {
  readonly terms: Terms;
  readonly us: Role;
  readonly partner: Partner;
  readonly initiatedBy: "us" | "partner";
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function judge(node: NodeState, rules: Settings, question: Question): Judgement {
  const { terms, us, partner, now } = question;
  const name = terms.datasets[us];
  const dataset = Object.hasOwn(rules.datasets, name) ? rules.datasets[name] : undefined;
  const { written, policy } = policyOf(rules, partner, name);
  const population = dataset?.population ?? POPULATION_DEFAULT;
  const { key } = ownerOf(partner);
  const { ledger, reserved, epochs, rates } = node;
  const restored = restoredOf(node.audit);
  const run = runOf(terms);
  const by = {
    partnerKey: key,
    population,
    periodDays: policy.periodDays,
    now,
    restoredAt: restored?.at,
    except: run && { series: toHex(run.id), number: run.number },
  };
  const { period, ...used } = committed(ledger, reserved, by);
  const more = bookedBy(stricter(terms, policy));
  const spent = {
    ...period,
    ...used,
    evaluations: epochs.granted(key, now),
    missedAt: node.missed.lastSeen(key),
    restored,
    statements: rates.reached(key, "statement", policy.statements, now),
    ...(more.length > 0 && { reserved: committed(ledger, reserved, { ...by, more }) }),
  };
  const asked = { ...question, partner: partner.name };
  const verdict = evaluatePolicy({
    ...asked,
    policy: written,
    columns: dataset,
    spent,
    recoverable: rules.recovery_key !== "",
    ofTemplate:
      question.initiatedBy === "partner"
        ? answeredTemplate(node, partner, terms, us, now)?.reasons
        : undefined,
  });
  return { verdict, written, policy, spent, population };
}

/** The policy written for the partner and dataset, if there is one, and the one that holds. */
export function policyOf(
  { policies }: Pick<Settings, "policies">,
  { name }: Pick<Partner, "name">,
  dataset: string,
): Pick<Judgement, "written" | "policy"> {
  const written = policies.find((policy) => policy.partner === name && policy.dataset === dataset);
  return { written, policy: written ?? defaultPolicy(name, dataset) };
}

/**
 * Whether the only objection to the report is that it cannot be paid for: a stored report may still be served then, since that
 * costs nothing.
 */
export function isOnlyUnpaid({ decision, reasons, terms }: Verdict, policy: DatasetPolicy): boolean {
  // A series is reserved as a whole, and each of its runs is a report that nobody has yet.
  if (terms.series !== undefined) return false;
  const unpaid = reasons.every(
    ({ code }) => code === "budget" || code === "numbers" || (code === "exact" && policy.exactSessions > 0),
  );
  return decision === "refuse" && unpaid;
}
