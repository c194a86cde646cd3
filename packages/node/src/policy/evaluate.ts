// The node's answer to a proposal: accept, hold for a person, or refuse, with reasons in words. No clock and no store:
// everything that it depends on is an argument.
import {
  noiseComplaint,
  noisePlanOf,
  type Reason,
  type ReasonCode,
  type Role,
  runOf,
  type Terms,
  versionOf,
} from "@halfroom/session";
import { quoted } from "@halfroom/wire/words";
import { BUDGETS, EXACT_REFUSAL } from "../ledger/ledger.ts";
import type { Committed } from "../ledger/committed.ts";
import { epsilonWith, type Spending } from "../ledger/spending.ts";
import { reachedWords, type Asked, type Reached } from "../ledger/rates.ts";
import { spentUntil, type Restored } from "../ledger/restored.ts";
import { DAY_MS } from "../time.ts";
import { isWithin } from "./hours.ts";
import { numbersAtLeast } from "./numbers.ts";
import { defaultPolicy, type DatasetPolicy } from "./schema.ts";

export interface Verdict {
  readonly decision: "accept" | "hold" | "refuse";
  /** Why it is held or refused; empty if accepted. */
  readonly reasons: readonly Reason[];
  /** The terms, with the stricter of what was asked for and what the policy allows. */
  readonly terms: Terms;
}

/** The declared columns of a dataset. */
interface DatasetColumns {
  /** The label of each match key by its name. */
  readonly keys: Readonly<Record<string, string>>;
  readonly dimensions: readonly string[];
  readonly measures: readonly string[];
}

/** What this partner has used up in the current period and epoch. */
export interface Spent extends Spending {
  /** By all partners over the population in the period. */
  readonly everybody: Spending;
  /** By this partner over the population at any time. */
  readonly lifetime: Spending;
  readonly exactSessions: number;
  /** That may have opened to the partner in the period. */
  readonly numbers: number;
  /** That may have opened to all partners over the population in the period. */
  readonly everybodyNumbers: number;
  readonly evaluations: number;
  /** When a session was last found missing here that the partner has completed. */
  readonly missedAt: number | undefined;
  /** How this node was restored from a backup, if that left open what it has spent. */
  readonly restored: Restored | undefined;
  /** The limit of statements that is reached, if one is. */
  readonly statements: Reached | undefined;
  /** Of terms that ask for a series: what would be committed once all its runs are reserved. */
  readonly reserved?: Committed;
}

export interface PolicyQuestion {
  readonly terms: Terms;
  /** This side's role under the terms. */
  readonly us: Role;
  readonly partner: string;
  /** The policy for this partner and this side's dataset, if there is one. */
  readonly policy: DatasetPolicy | undefined;
  /** The dataset's declared columns; undefined if this node has no such dataset. */
  readonly columns: DatasetColumns | undefined;
  readonly spent: Spent;
  /** Whether the settings name a recovery key. */
  readonly recoverable: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** A report that this side's own user proposes needs nobody's approval here. */
  readonly initiatedBy: "us" | "partner";
  /** Of a partner's proposal that names a template: why it is no run of one; empty if it is, and then no person decides. */
  readonly ofTemplate?: readonly Reason[] | undefined;
}

/** One side's verdict. The other side evaluates the terms that this one returns, which merges the two policies. */
export function evaluatePolicy(question: PolicyQuestion): Verdict {
  const policy = question.policy ?? defaultPolicy(question.partner, question.terms.datasets[question.us]);
  const terms = stricter(question.terms, policy);
  const refusals = [
    ...versionReasons(terms, policy),
    ...datasetReasons(question),
    ...matchReasons(question),
    ...columnReasons(question),
    ...releaseReasons(terms, policy, question.spent),
    ...askedNumbersReasons(terms, policy, question.spent),
    ...recipientReasons(terms, policy, question.us),
    ...replayReasons(terms, policy, question),
    ...transfersReasons(terms, policy),
    ...limitReasons(policy, question),
    ...(question.ofTemplate ?? []),
  ];
  if (refusals.length > 0) return { decision: "refuse", reasons: refusals, terms };
  // Of a run people have decided when they decided on its series.
  const isDecided = question.initiatedBy === "us" || runOf(terms) !== undefined;
  const holds = isDecided ? [] : holdReasons(policy, question);
  return { decision: holds.length > 0 ? "hold" : "accept", reasons: holds, terms };
}

/** The larger threshold, the smaller epsilon, the stricter rules, replay if either asks for it. */
export function stricter(
  terms: Terms,
  { thresholdMin, microEpsilonMax, rules, replay }: DatasetPolicy,
): Terms {
  const { release } = terms;
  return {
    ...terms,
    threshold: Math.max(terms.threshold, thresholdMin),
    rules: rules === "pair" ? rules : terms.rules,
    replay: terms.replay || replay === "required",
    release:
      release.mode === "exact"
        ? release
        : { ...release, microEpsilon: Math.min(release.microEpsilon, microEpsilonMax) },
  };
}

function versionReasons({ protocol }: Terms, { versionMin }: DatasetPolicy): Reason[] {
  const version = versionOf(protocol) ?? 0;
  if (version >= versionMin) return [];
  const words = `the report would run under halfroom/${version}, and the policy asks for halfroom/${versionMin} at least: upgrade the older Halfroom`;
  return [reason("version", words)];
}

function datasetReasons({ columns, terms, us }: PolicyQuestion): Reason[] {
  if (columns !== undefined) return [];
  return [
    reason("dataset", `there is no dataset ${quoted(terms.datasets[us])}; ask the partner for its name`),
  ];
}

/** Columns must be declared by the dataset and, where there is a policy, listed there too. */
function columnReasons({ terms, us, policy, columns }: PolicyQuestion): Reason[] {
  if (columns === undefined) return [];
  const grouping = us === "receiver" ? [...new Set(terms.partitions.flat())] : terms.senderGroupBy;
  const summing = us === "receiver" ? [] : terms.measures.map(({ name }) => name);
  const unusable = (
    wanted: readonly string[],
    declared: readonly string[],
    allowed: readonly string[] | undefined,
  ) => wanted.filter((column) => !declared.includes(column) || allowed?.includes(column) === false);
  return [
    ...unusable(grouping, columns.dimensions, policy?.groupBy).map((column) =>
      reason("group-by", `a report may not group by ${quoted(column)}`),
    ),
    ...unusable(summing, columns.measures, policy?.sum).map((column) =>
      reason("sum", `a report may not sum ${quoted(column)}`),
    ),
  ];
}

/** Both sides must normalise and hash identifiers in the same way, or nobody is found. */
function matchReasons({ columns, terms }: PolicyQuestion): Reason[] {
  if (columns === undefined) return [];
  return terms.match.flatMap(({ key, label }) => {
    const ours = Object.hasOwn(columns.keys, key) ? columns.keys[key] : undefined;
    if (ours === label) return [];
    const words =
      ours === undefined
        ? `people cannot be matched by ${quoted(key)}; they can be by ${Object.keys(columns.keys).map(quoted).join(", ")}`
        : `the rules of ${quoted(key)} differ: ${quoted(label)} is asked for, the dataset has ${quoted(ours)}; agree on one profile`;
    return [reason("match", words)];
  });
}

function releaseReasons(terms: Terms, policy: DatasetPolicy, spent: Spent): Reason[] {
  const { release } = terms;
  const { reserved } = spent;
  if (release.mode === "exact") {
    if (policy.exactSessions === 0) {
      return [reason("exact", "exact reports are not allowed here; ask for a report with noise")];
    }
    const taken = reserved === undefined ? spent.exactSessions + 1 : reserved.exactSessions;
    return taken <= policy.exactSessions ? [] : [reason("exact", EXACT_REFUSAL)];
  }
  const complaint = noiseComplaint(terms);
  if (complaint !== undefined) return [reason("noise", complaint)];
  const cost = [noisePlanOf(terms)!.cost];
  const after = {
    period: reserved?.period.microEpsilon ?? epsilonWith(spent, cost),
    everybody: reserved?.everybody.microEpsilon ?? epsilonWith(spent.everybody, cost),
    lifetime: reserved?.lifetime.microEpsilon ?? epsilonWith(spent.lifetime, cost),
  };
  return [
    ...overdrawn(spent, after.period, policy.budgetMicroEpsilon, (left, needed) =>
      leftWords(BUDGETS.period, left, policy.budgetMicroEpsilon, needed),
    ),
    // A partner hears no amount here: it would tell what others have asked for.
    ...overdrawn(
      spent.everybody,
      after.everybody,
      policy.populationMicroEpsilon,
      () => `${BUDGETS.population} does not suffice`,
    ),
    ...overdrawn(spent.lifetime, after.lifetime, lifetimeLeft(policy, spent), (left, needed) =>
      leftWords(BUDGETS.lifetime, left, policy.lifetimeMicroEpsilon, needed),
    ),
  ];
}

/** Of the budget for all time, what a restore has left for what is spent since; below zero if it has left nothing. */
export function lifetimeLeft(
  { lifetimeMicroEpsilon }: Pick<DatasetPolicy, "lifetimeMicroEpsilon">,
  { restored }: Pick<Spent, "restored">,
): number {
  return lifetimeMicroEpsilon - (restored?.lifetimeMicroEpsilon ?? 0);
}

/** The objection in `words` if what is spent `after` the report is more than the budget; all in millionths. */
function overdrawn(
  { microEpsilon }: Spending,
  after: number,
  budget: number,
  words: (left: number, needed: number) => string,
): Reason[] {
  if (after <= budget) return [];
  return [reason("budget", words(Math.max(0, budget - microEpsilon), after - microEpsilon))];
}

function leftWords(name: string, left: number, budget: number, needed: number): string {
  return `${name} has ${formatEpsilon(left)} of ${formatEpsilon(budget)} left, and the report needs ${formatEpsilon(needed)}`;
}

/** A series asks for as many as all its runs may open; any other report for one cell at least. */
function askedNumbersReasons(terms: Terms, policy: DatasetPolicy, spent: Spent): Reason[] {
  const { reserved } = spent;
  if (reserved === undefined) return numbersReasons(policy, spent, numbersAtLeast(terms));
  const words = (budget: string) =>
    `${budget} does not suffice for the series: lower its \`numbers\` of a run`;
  if (reserved.numbers > policy.numbersMax) return [reason("numbers", words(BUDGETS.numbers))];
  if (reserved.everybodyNumbers <= policy.populationNumbersMax) return [];
  return [reason("numbers", words(BUDGETS.populationNumbers))];
}

/** The objection if so many more numbers may not open in the period. */
export function numbersReasons(
  { numbersMax, populationNumbersMax }: DatasetPolicy,
  { numbers: opened, everybodyNumbers }: Spent,
  asked: number,
): Reason[] {
  if (opened + asked <= numbersMax) {
    // A partner hears no amount here: it would tell what others have asked for.
    const fits = everybodyNumbers + asked <= populationNumbersMax;
    return fits ? [] : [reason("numbers", `${BUDGETS.populationNumbers} does not suffice`)];
  }
  const left = Math.max(0, numbersMax - opened);
  const words = `the report may open ${asked} numbers or more, padding included, and ${left} of ${numbersMax} are left in this period: ask for fewer cells, categories or sums`;
  return [reason("numbers", words)];
}

function recipientReasons({ resultTo }: Terms, { resultTo: allowed }: DatasetPolicy, us: Role): Reason[] {
  const receivers =
    resultTo === "both" ? (["us", "partner"] as const) : ([resultTo === us ? "us" : "partner"] as const);
  return receivers
    .filter((who) => !allowed.includes(who))
    .map((who) =>
      reason(
        "result-to",
        `${who === "us" ? "the owner of the dataset" : "its partner"} may not receive the result`,
      ),
    );
}

function replayReasons(
  { replay, newPeople }: Terms,
  policy: DatasetPolicy,
  { recoverable }: PolicyQuestion,
): Reason[] {
  if (!replay) return [];
  if (newPeople)
    return [
      reason(
        "replay",
        "who is new depends on earlier runs, which an auditor of one session does not have: ask without `replay`, or without `new_people`",
      ),
    ];
  if (policy.replay === "refused")
    return [reason("replay", "the policy allows no session that can be replayed")];
  if (recoverable) return [];
  return [
    reason(
      "replay",
      "the report asks for replay, and the node has no recovery key: halfroom recovery new makes one",
    ),
  ];
}

function transfersReasons({ transfers }: Terms, { silentTransfers }: DatasetPolicy): Reason[] {
  if (transfers === undefined || silentTransfers === "allowed") return [];
  const words = "the policy refuses silent transfers: ask with `transfers: softspoken`";
  return [reason("transfers", words)];
}

function limitReasons(policy: DatasetPolicy, { spent, now, us }: PolicyQuestion): Reason[] {
  const reasons: Reason[] = [];
  if (policy.expires !== undefined && now >= policy.expires) {
    reasons.push(
      reason("expired", `the policy ended on ${new Date(policy.expires).toISOString().slice(0, 10)}`),
    );
  }
  if (spent.evaluations > policy.evaluationsMax) {
    reasons.push(reason("evaluations", "the evaluations granted in this key epoch are used up"));
  }
  const missing = restoredUntil(policy, spent);
  if (missing !== undefined && now < missing)
    reasons.push(reason("restored", `${RESTORED_REMEDY}, ${untilWords(missing)}`));
  const unknown = spent.restored && spentUntil(spent.restored, policy.periodDays, us === "sender");
  if (unknown !== undefined && now < unknown)
    reasons.push(reason("restored", `${UNKNOWN}, ${untilWords(unknown)}`));
  if (spent.statements !== undefined) reasons.push(rateReason("statement", spent.statements));
  return reasons;
}

/** For both sides. */
export const RESTORED_REMEDY =
  "the folder of the node that refuses is an older copy. Restore one that has all sessions; otherwise what they spent counts as the whole budget";

/** For both sides. */
const UNKNOWN =
  "the node that refuses was restored from a backup, and nothing proves what it spent after that was made: it counts as the whole budget";

function untilWords(until: number): string {
  return `until ${new Date(until).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** What a session spent that is missing here lies out of the period from then on. */
function restoredUntil({ periodDays }: DatasetPolicy, { missedAt }: Spent): number | undefined {
  return missedAt === undefined ? undefined : missedAt + periodDays * DAY_MS;
}

export function rateReason(asked: Asked, reached: Reached): Reason {
  return reason("rate", reachedWords(asked, reached));
}

function holdReasons(
  policy: DatasetPolicy,
  { policy: written, terms, us, now, ofTemplate }: PolicyQuestion,
): Reason[] {
  if (written === undefined) {
    return [
      reason(
        "no-policy",
        `no policy covers ${quoted(terms.datasets[us])} for this partner: a person decides`,
      ),
    ];
  }
  // Of a run of a template people have decided when they published it.
  if (ofTemplate === undefined) {
    if (policy.approval === "two-people") return [reason("by-hand", "the policy asks two people to decide")];
    if (policy.approval === "by-hand") return [reason("by-hand", "the policy asks a person to decide")];
  }
  if (policy.hours !== undefined && !isWithin(policy.hours, now)) {
    return [reason("hours", "outside the hours of automatic approval: a person decides")];
  }
  return [];
}

function reason(code: ReasonCode, words: string): Reason {
  return { code, words };
}

/** Millionths as decimal text. */
export function formatEpsilon(microEpsilon: number): string {
  return String(microEpsilon / 1e6);
}
