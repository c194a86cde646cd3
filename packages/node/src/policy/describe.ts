// What a session would reveal to each side, in words by which a person can decide whether to approve it (design sections 2.5 and 6).
import {
  isSenderBlind,
  type Measure,
  otherRole,
  peopleBound,
  type Role,
  runOf,
  scheduleOf,
  tellsBases,
  type Terms,
} from "@halfroom/session";
import { quoted } from "@halfroom/wire/words";
import { REPLAY_DAYS } from "../replay/kept-sessions.ts";
import { seriesWords } from "../series/words.ts";
import { formatEpsilon } from "./evaluate.ts";
import type { DatasetPolicy } from "./schema.ts";

/** What a session would reveal, as sentences in plain words. */
export interface Disclosure {
  /** What the report computes. */
  readonly report: readonly string[];
  readonly weLearn: readonly string[];
  readonly partnerLearns: readonly string[];
}

/** How the side that reads speaks of one that learns, and of the other one. */
interface Speech {
  readonly own: string;
  readonly sends: string;
  readonly others: string;
  readonly othersBring: string;
  readonly othersHave: string;
  readonly othersKeep: string;
}

const WE: Speech = {
  own: "our own",
  sends: "we send",
  others: "the partner's",
  othersBring: "the partner brings",
  othersHave: "the partner has",
  othersKeep: "the partner takes",
};
const PARTNER: Speech = {
  own: "its own",
  sends: "it sends",
  others: "our",
  othersBring: "we bring",
  othersHave: "we have",
  othersKeep: "we take",
};

/** Sentences for the side that has role `us`; `policy` is its own. */
export function describe(terms: Terms, us: Role, policy: DatasetPolicy | undefined): Disclosure {
  const them = otherRole(us);
  return {
    report: [
      ...reportWords(terms, (role) => (role === us ? "our" : "the partner's")),
      ...releaseWords(terms, policy),
      ...repeatWords(terms),
    ],
    weLearn: [
      ...resultWords(terms, us, WE),
      ...sizeWords(us, WE, "or that number rounded up, if its policy says so"),
    ],
    partnerLearns: [
      ...resultWords(terms, them, PARTNER),
      ...sizeWords(them, PARTNER, roundingWords(policy)),
      ...elseWords(),
    ],
  };
}

/** The same from neither side's view: the sides are named by their roles. */
export function describeReport(terms: Terms): string[] {
  const receives = terms.resultTo === "both" ? "Both sides receive" : `The ${terms.resultTo} alone receives`;
  return [
    ...reportWords(terms, (role) => `the ${role}'s`),
    ...releaseWords(terms, undefined),
    ...repeatWords(terms),
    `${receives} the result.`,
  ];
}

/** Of a series what all its runs are, and of one of them that it is one. */
function repeatWords(terms: Terms): string[] {
  const [schedule, run] = [scheduleOf(terms), runOf(terms)];
  if (schedule !== undefined) return seriesWords(terms, schedule);
  return run === undefined ? [] : [`It is run ${run.number} of a series that both sides have signed.`];
}

function reportWords(terms: Terms, whose: (role: Role) => string): string[] {
  const { datasets, match } = terms;
  const keys = match.map(({ key, label }) => `${quoted(key)} (${quoted(label)})`).join(" or ");
  return [
    `People of ${whose("sender")} dataset ${quoted(datasets.sender)} and ${whose("receiver")} dataset ${quoted(datasets.receiver)} are matched by ${keys}.`,
    ...terms.partitions.map((groupBy) => partitionWords(terms, groupBy, whose)),
    ...timeWords(terms, whose),
  ];
}

function partitionWords(
  { measures, senderGroupBy, entriesMax }: Terms,
  groupBy: readonly string[],
  whose: (role: Role) => string,
): string {
  const sums = measures.flatMap((measure) => [
    `the sum of ${quoted(measure.name)} (${boundWords(measure)})`,
    ...(measure.squares === true ? [`the sum of squares of ${quoted(measure.name)}`] : []),
  ]);
  const numbers = ["the number of people", ...sums].join(", ");
  const sides = [
    ...(groupBy.length > 0 ? [`${listed(groupBy)} in ${whose("receiver")} dataset`] : []),
    ...(senderGroupBy.length > 0 ? [`${listed(senderGroupBy)} in ${whose("sender")} dataset`] : []),
  ];
  const cells = sides.length === 0 ? "In total" : `For each combination of ${sides.join(" and ")}`;
  const entries = entriesMax > 1 ? `, each person in up to ${entriesMax} of them` : "";
  return `${cells}: ${numbers}, over the people whom both sides have${entries}.`;
}

/** Which times are compared, although none is shown. */
function timeWords({ report, events }: Terms, whose: (role: Role) => string): string[] {
  if (events === undefined) return [];
  const window = events.windowSeconds === 0 ? "at any time" : `within ${events.windowSeconds / 86_400} days`;
  const counted = `up to ${events.perPerson} events a person of ${whose("sender")} dataset count`;
  if (report === "lift")
    return [
      `Only events after the person's entry in ${whose("receiver")} dataset, ${window}: ${counted}. No time is shown.`,
    ];
  return [
    `Each event counts for the person's last entry before it in ${whose("receiver")} dataset, ${window}: ${counted}. No time is shown.`,
  ];
}

function listed(names: readonly string[]): string {
  return names.map(quoted).join(" and ");
}

/** "each person counts for 0.00 to 500.00" */
export function boundWords({ low, high, decimals }: Measure): string {
  const amount = (value: bigint) => {
    const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, "0");
    const whole = digits.slice(0, digits.length - decimals);
    const fraction = decimals === 0 ? "" : `.${digits.slice(digits.length - decimals)}`;
    return `${value < 0n ? "-" : ""}${whole}${fraction}`;
  };
  return `each person counts for ${amount(low)} to ${amount(high)}`;
}

function releaseWords(terms: Terms, policy: DatasetPolicy | undefined): string[] {
  const { release, rules } = terms;
  const replay = terms.replay
    ? [
        `Both sides keep for ${REPLAY_DAYS} days what an auditor needs to compute the session again, sealed to an offline recovery key of each.`,
      ]
    : [];
  const pair =
    rules === "pair"
      ? [
          "Where more than 85 % of a side's people match, neither the count nor any sum is shown, only that fact.",
        ]
      : [];
  if (release.mode === "exact")
    return [...exactWords(terms), ...pair, ...exactReportsWords(policy), ...numbersWords(policy), ...replay];
  const law = release.mechanism === "laplace" ? "Laplace" : "Gaussian";
  return [
    `A cell opens if its people, noise included, are at least ${peopleBound(terms)}; of any other cell it is known only that it stayed closed.`,
    ...pair,
    `Both sides add ${law} noise for epsilon ${formatEpsilon(release.microEpsilon)}, and the budget is charged with as much. Where both run this software unchanged, this bounds what the report says of any single person.`,
    ...budgetWords(policy),
    ...numbersWords(policy),
    ...replay,
  ];
}

function exactWords(terms: Terms): string[] {
  const least = peopleBound(terms);
  return [
    `A cell opens if at least ${least} people in it match, and as many of its cohort and of each side do not; a sum also needs ${least} people with a value other than 0. Of any other cell it is known only that it stayed closed.`,
    "The numbers are exact, without noise. Whoever chooses the values of a measure can encode in them who is in a cell, and a sum that one person dominates shows whoever knows that value where the person is.",
  ];
}

function exactReportsWords(policy: DatasetPolicy | undefined): string[] {
  const reports = policy?.exactSessions ?? 0;
  if (reports <= 1) return [];
  return [
    `Up to ${reports} exact reports per period are allowed: the difference between two of them shows what one person contributed, or the few people whom only one of them covers.`,
  ];
}

/** Up to what the partner can ask for more. */
function budgetWords(policy: DatasetPolicy | undefined): string[] {
  if (policy === undefined) return [];
  const { budgetMicroEpsilon, populationMicroEpsilon, lifetimeMicroEpsilon, periodDays } = policy;
  const [own, everybody, lifetime] = [budgetMicroEpsilon, populationMicroEpsilon, lifetimeMicroEpsilon].map(
    formatEpsilon,
  );
  return [
    `In ${periodDays} days this partner can spend epsilon ${own} on our people, and all partners together ${everybody}; this partner at any time ${lifetime} in all.`,
  ];
}

/** What bounds changed software. */
function numbersWords(policy: DatasetPolicy | undefined): string[] {
  if (policy === undefined) return [];
  const { numbersMax, populationNumbersMax, periodDays } = policy;
  return [
    `In ${periodDays} days at most ${numbersMax} numbers of our people may open to this partner, and ${populationNumbersMax} to all partners together, with noise or exact.`,
  ];
}

function resultWords(terms: Terms, role: Role, speech: Speech): string[] {
  const { resultTo, partitions, senderGroupBy } = terms;
  if (resultTo !== "both" && resultTo !== role) return [resultlessWords(terms, role, speech)];
  const columns = role === "sender" ? [...new Set(partitions.flat())] : senderGroupBy;
  const labels = columns.length > 0 ? `, with ${speech.others} ${listed(columns)}` : "";
  return [
    `The numbers of the cells that pass${labels}.`,
    ...(role === "sender" && tellsBases(terms) ? [basesWords(terms, speech)] : []),
    "Which cells did not pass; their numbers stay closed.",
  ];
}

/** A lift and an index take them; who learns them is the sender. */
function basesWords({ report, release }: Terms, { others, othersHave }: Speech): string {
  const noise =
    release.mode === "noise"
      ? `, with ${others} noise, which has a share of epsilon`
      : `, exactly; so also how many ${othersHave} in all other cells together`;
  return `How many people ${othersHave} in each of these cells, matched or not${noise}: the ${report} is computed from them.`;
}

/** What a side learns of the numbers that it does not get. */
function resultlessWords(terms: Terms, role: Role, { own, sends, others, othersKeep }: Speech): string {
  if (role === "receiver") {
    const categories =
      terms.senderGroupBy.length > 0 ? `, and for which of ${others} categories, unnamed` : "";
    return `Which of ${own} cells pass, whose labels ${sends}${categories}, but none of the report's numbers.`;
  }
  return isSenderBlind(terms)
    ? `None of the report's numbers, and not which of them pass; how long ${othersKeep} to keep the report may tell about how many do.`
    : `Which numbers pass, by the places of ${others} cells, which stay unnamed, and how many, but none of the report's numbers.`;
}

function roundingWords(policy: DatasetPolicy | undefined): string {
  const to = policy?.roundPeopleTo ?? 1;
  return to === 1 ? "which is not rounded" : `rounded up to a multiple of ${to}`;
}

function sizeWords(role: Role, { others, othersBring }: Speech, rounding: string): string[] {
  return role === "sender"
    ? [
        `How many people ${othersBring}, ${rounding}; and how many identifiers of ${others} whole dataset are new, rounded up to a public step.`,
        `The number of ${others} cells, rounded up to a power of two.`,
      ]
    : [`How many people ${othersBring}, ${rounding}; and in how many categories.`];
}

/** What unchanged software keeps, and what changed software can take (protocol-spec.md, section 18). */
function elseWords(): string[] {
  return [
    "With this software unchanged, nothing else beyond what those numbers say themselves: not who is in our dataset, who matched, or how many matched in a closed cell; and of our filter only that there may be one.",
    "With changed software, more: it can weigh its numbers and undo the threshold, and then each number that opens may hold as many bits about single people as it has, whatever the noise. It can also invent people. Nothing in the session notices either; the number of numbers is what bounds it.",
  ];
}
