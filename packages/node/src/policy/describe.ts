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
import { templateRunWords } from "../templates/run-words.ts";
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
      ...transfersWords(terms),
      ...repeatWords(terms),
      ...templateRunWords(terms),
    ],
    weLearn: [
      ...resultWords(terms, us, WE),
      ...sizeWords(terms, us, WE, "or that number rounded up, if its policy says so"),
    ],
    partnerLearns: [
      ...resultWords(terms, them, PARTNER),
      ...sizeWords(terms, them, PARTNER, roundingWords(policy)),
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
    ...transfersWords(terms),
    ...repeatWords(terms),
    ...templateRunWords(terms),
    `${receives} the result.`,
  ];
}

function transfersWords({ transfers }: Terms): string[] {
  return transfers === undefined
    ? []
    : [
        "Most oblivious transfers are silent: they cost few bytes, and their security rests on the hardness of decoding a code besides what the other source stands on.",
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
  const keys = match.map(({ key, label }) => `${quoted(key)} (normalised as ${quoted(label)})`).join(" or ");
  return [
    `A person in ${whose("sender")} dataset ${quoted(datasets.sender)} and one in ${whose("receiver")} dataset ${quoted(datasets.receiver)} are taken for the same where they have the same ${keys}.`,
    ...terms.partitions.map((groupBy) => partitionWords(terms, groupBy, whose)),
    ...newPeopleWords(terms, whose),
    ...timeWords(terms, whose),
  ];
}

/** What `newPeople` leaves out, and what that takes. */
function newPeopleWords({ newPeople }: Terms, whose: (role: Role) => string): string[] {
  if (newPeople === undefined) return [];
  const [receiver, sender] = [whose("receiver"), whose("sender")];
  return [
    `Only new people are counted: those whom ${receiver} data has in a run, and had in no earlier run of the series with a report. Whoever was in it before does not count, even who matches only now because ${sender} data has come to have them.`,
    `A run is compared with those under the same key of the sender, at most for some 30 days; in the first one under another key everybody counts as new. For this the receiver's node keeps sealed marks of ${receiver} own people, which go with the key, with the series, and with a person's opt-out.`,
  ];
}

function partitionWords(
  { measures, senderGroupBy, entriesMax }: Terms,
  groupBy: readonly string[],
  whose: (role: Role) => string,
): string {
  const sums = measures.flatMap((measure) => [
    `the sum of ${quoted(measure.name)} (${boundWords(measure)})`,
    ...(measure.squares === true ? [`the sum of the squares of ${quoted(measure.name)}`] : []),
  ]);
  const numbers = ["the number of people", ...sums].join(", ");
  const sides = [
    ...(groupBy.length > 0 ? [`${listed(groupBy)} in ${whose("receiver")} dataset`] : []),
    ...(senderGroupBy.length > 0 ? [`${listed(senderGroupBy)} in ${whose("sender")} dataset`] : []),
  ];
  const columns = groupBy.length + senderGroupBy.length;
  const each = `For each ${columns > 1 ? "combination of values" : "value"} of ${sides.join(" and ")}, which is a cell of the report`;
  const entries = entriesMax > 1 ? `, each person in up to ${entriesMax} cells` : "";
  return `${columns === 0 ? "In total, which is one cell" : each}: ${numbers}, over the people whom both sides have${entries}.`;
}

/** Which times are compared, although none is shown. */
function timeWords({ report, events }: Terms, whose: (role: Role) => string): string[] {
  if (events === undefined) return [];
  const days = events.windowSeconds / 86_400;
  const within = `${days} day${days === 1 ? "" : "s"}`;
  const counted = `Up to ${events.perPerson} events of each person in ${whose("sender")} dataset count`;
  const entry = `entry in ${whose("receiver")} dataset`;
  if (report === "lift")
    return [
      `${counted}, and only those after the person's ${entry}${days === 0 ? "" : `, within ${within} of it`}. No time is shown.`,
    ];
  return [
    `${counted}, each for the person's last ${entry} before it${days === 0 ? "" : `, if that is at most ${within} earlier`}. No time is shown.`,
  ];
}

function listed(names: readonly string[]): string {
  return names.map(quoted).join(" and ");
}

/** "each person counts for 0.00 to 500.00" */
export function boundWords(measure: Measure): string {
  const { low, high } = boundsOf(measure);
  return `each person counts for ${low} to ${high}`;
}

/** What one person may count for, as decimals: "0.00" and "500.00". */
export function boundsOf({ low, high, decimals }: Measure): { readonly low: string; readonly high: string } {
  const amount = (value: bigint) => {
    const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, "0");
    const whole = digits.slice(0, digits.length - decimals);
    const fraction = decimals === 0 ? "" : `.${digits.slice(digits.length - decimals)}`;
    return `${value < 0n ? "-" : ""}${whole}${fraction}`;
  };
  return { low: amount(low), high: amount(high) };
}

function releaseWords(terms: Terms, policy: DatasetPolicy | undefined): string[] {
  const { release, rules } = terms;
  const replay = terms.replay
    ? [
        `Both sides keep for ${REPLAY_DAYS} days what an auditor needs to compute the session again, sealed: only the recovery key of that side opens it, which is meant to be kept elsewhere.`,
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
    `A cell opens, so that its numbers are shown, only if its people, noise included, are at least ${peopleBound(terms)}; of any other cell it is known only that it stayed closed.`,
    ...pair,
    `Both sides add random noise to every number (${law}, epsilon ${formatEpsilon(release.microEpsilon)}), and as much is taken from the budget. Where both run this software unchanged, this bounds what the report says of any single person: the smaller epsilon is, the less.`,
    ...budgetWords(policy),
    ...numbersWords(policy),
    ...replay,
  ];
}

function exactWords(terms: Terms): string[] {
  const least = peopleBound(terms);
  return [
    `A cell opens, so that its numbers are shown, only if at least ${least} people in it match, and at least ${least} of the people with its labels, and of each side as a whole, do not; a sum also needs ${least} people with a value other than 0. Of any other cell it is known only that it stayed closed.`,
    "The numbers are exact, without noise. Whoever chooses the values that are added up can hide in them who is in a cell, and a sum that one person dominates tells whoever knows that person's value in which cell the person is.",
  ];
}

function exactReportsWords(policy: DatasetPolicy | undefined): string[] {
  if (policy === undefined || policy.exactSessions <= 1) return [];
  return [
    `Our policy allows up to ${policy.exactSessions} exact reports in ${policy.periodDays} days. One can be subtracted from another: what is left shows what one person contributed, or the few people whom only one of the two covers.`,
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
    `Our policy lets this partner use epsilon ${own} of our people's budget in ${periodDays} days, and ${lifetime} in all for good; all partners together ${everybody} in ${periodDays} days.`,
  ];
}

/** What bounds changed software. */
function numbersWords(policy: DatasetPolicy | undefined): string[] {
  if (policy === undefined) return [];
  const { numbersMax, populationNumbersMax, periodDays } = policy;
  return [
    `Our policy lets at most ${numbersMax} numbers about our people open to this partner in ${periodDays} days, and ${populationNumbersMax} to all partners together, with noise or exact.`,
  ];
}

function resultWords(terms: Terms, role: Role, speech: Speech): string[] {
  const { resultTo, partitions, senderGroupBy } = terms;
  if (resultTo !== "both" && resultTo !== role) return [resultlessWords(terms, role, speech)];
  const columns = role === "sender" ? [...new Set(partitions.flat())] : senderGroupBy;
  const labels = columns.length > 0 ? `, each with ${speech.others} ${listed(columns)}` : "";
  return [
    `The numbers of the cells that open${labels}.`,
    ...(role === "sender" && tellsBases(terms) ? [basesWords(terms, speech)] : []),
    "Which cells stayed closed, and nothing of their numbers.",
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
      terms.senderGroupBy.length > 0
        ? `, and at which places in the list of ${others} ${listed(terms.senderGroupBy)}, which stay unnamed`
        : "";
    return `Which of ${own} cells open, because ${sends} their labels${categories}; none of the report's numbers.`;
  }
  return isSenderBlind(terms)
    ? `None of the report's numbers, and not which of them open; how long ${othersKeep} to store the report may hint at how many do.`
    : `How many numbers open, and at which places in the list of ${others} cells, which stay unnamed; none of the report's numbers.`;
}

function roundingWords(policy: DatasetPolicy | undefined): string {
  const to = policy?.roundPeopleTo ?? 1;
  return to === 1 ? "which is not rounded" : `rounded up to a multiple of ${to}`;
}

function sizeWords(terms: Terms, role: Role, { others, othersBring }: Speech, rounding: string): string[] {
  if (role === "sender")
    return [
      `How many people ${othersBring}, ${rounding}.`,
      `How many identifiers of ${others} whole dataset are new since the last time, rounded up in steps of at least 1,024; at the first time, and after the key of the match was replaced, all of them are.`,
      `How many cells ${others} columns make, rounded up to the next of 2, 4, 8, 16 and so on.`,
    ];
  const { senderGroupBy } = terms;
  const categories =
    senderGroupBy.length > 0 ? `, and how many different ${listed(senderGroupBy)} there are` : "";
  return [`How many people ${othersBring}, ${rounding}${categories}.`];
}

/** What unchanged software keeps, and what changed software can take (protocol-spec.md, section 18). */
function elseWords(): string[] {
  return [
    "With this software unchanged, nothing else beyond what those numbers say themselves: not who is in our dataset, who matched, or how many matched in a closed cell; and of our filter only that there may be one.",
    "With changed software, more: the partner can get around the threshold and mark single people in its own numbers, and then each number that opens may answer as many yes-or-no questions about them as it has binary digits, whatever the noise. It can also invent people. Nothing in the session notices either; how many numbers may open is what bounds it.",
  ];
}
