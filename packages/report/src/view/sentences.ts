// Every sentence that a report can print. Each stands for what holds in the report at hand; test/sentences.test.ts has the case that
// shows it, and fails for a sentence without one.
import { PAIR_PERCENT } from "../statement.ts";

declare const said: unique symbol;
/** Text that came out of `say`. */
export type Sentence = string & { readonly [said]: true };

/** How many cells, with its verb: "One of 6 cells says", "2 of 6 cells say". */
function cellsSay(cells: string, of: string, one: string, several: string): string {
  return cells === "1" ? `One of ${of} cells ${one}` : `${cells} of ${of} cells ${several}`;
}

const NOT_ZERO = "That does not mean zero: neither side opened what such a cell holds";

export const SENTENCES = {
  // Which numbers open.
  ruleExact: (least: string, who: string) =>
    `A number is opened only if at least ${least} ${who} are behind it and, of each group that it is part of, at least as many are not; a sum, only if as many of them add something other than zero to it.`,
  ruleNoise: (least: string, who: string) =>
    `A number is opened only if the ${who} behind it, noise included, are at least ${least}.`,
  allOpened: (cells: string) =>
    cells === "1" ? "The one cell of this report opened." : `All ${cells} cells of this report opened.`,
  closedExact: (cells: string, of: string) =>
    `${cellsSay(cells, of, "stayed closed and says", "stayed closed and say")} “under threshold”. ${NOT_ZERO}: it may be few people, or nearly all that it has.`,
  closedNoise: (cells: string, of: string) =>
    `${cellsSay(cells, of, "stayed closed and says", "stayed closed and say")} “under threshold”. ${NOT_ZERO}.`,
  partnerKnowsClosed: () => "Only the partner, who owns their labels, knows how many cells stayed closed.",
  closedSums: () =>
    "Where a cell shows people and says “under threshold” for a sum, too few of them add something to that sum.",
  closedForTotals: () =>
    "Where totals are shown, some cells may be closed for their sake alone, so that a total and the cells shown do not give a closed one away.",

  // How exact, how noisy.
  exact: () =>
    "The numbers are exact: no noise was added. A difference between two exact reports can show what a few people added, and whoever chooses the values of a measure can encode in them who is in a cohort.",
  exactSums: () => "A sum may be one person's value and little else.",
  noise: (law: string, epsilon: string, delta: string) =>
    `Both sides added random noise to every number (${law}, epsilon ${epsilon}${delta}). Where both run this software unchanged, this bounds what the report says of any single person.`,
  noiseSize: (sizes: string) =>
    `In 95 of 100 cases the noise moves ${sizes}. A number behind ± is this distance: half of the 95 % interval.`,
  nearThreshold: () =>
    "A number close to the threshold is more often one that the noise raised than one that it lowered, because those that it lowered stayed closed.",
  negative: () =>
    "A number below zero is a small one that the noise moved there. It is shown as it is, because cutting it off would bias sums.",

  // What is counted.
  pairs: (keys: string) =>
    `People are found by ${keys}: whoever matches one person by one key and another by the next counts twice.`,
  severalCells: (entries: string) =>
    `One person can be in up to ${entries} cells of a table and counts in each, so that people of several cells do not add up to people.`,
  newPeople: (whose: string) =>
    `Only new people count, in cells and in bases: those whom ${whose} data has in this run, and had in no earlier run of the series that has a report. Whoever was in it before counts as known, even who matches only now because the other side has added them.`,
  newSince: (first: string) =>
    `Compared with are the runs from run ${first} on, the first one under the present key.`,
  newFirst: (run: string) =>
    `Run ${run} is the first one under the present key: there is nothing to compare it with, and everybody counts as new.`,
  creditedOnce: () =>
    "Whoever converted counts once, in the cell that the first of its counted events is credited to; sums hold all counted events, so that a mean divides those of a cell by the people counted there.",
  added: () => "People in common are the cells added up.",
  addedAtLeast: (what: string) =>
    `People in common are the numbers shown, added up, and so a lower bound: ${what}.`,
  addedInterval: (what: string) =>
    `People in common are the numbers shown, added up; their ± is the noise in these. It leaves out that ${what}.`,

  // Index, lift.
  indexIntervals: (noisy: boolean) =>
    `Intervals of an index cover ${noisy ? "the noise and " : ""}chance: how it would vary among other people like these.`,
  indexShares: () =>
    "Both shares behind an index are taken over the cohorts shown, so that closed ones shift neither.",
  liftIntervals: (noisy: boolean) =>
    `Intervals of the lift in people who converted cover ${noisy ? "the noise and " : ""}chance: how it would vary among other people like these.`,
  liftOfMeasures: (names: string) => `Those of ${names}, whose squares were added up too, cover the same.`,
  liftWithoutSquares: () =>
    "Whether this is more than chance cannot be said: it takes the squares of what each person did, which this report does not add up (`variance: true`).",

  // Rules of PAIR.
  pairNowhere: () => `${PAIR_RULE} That was not the case anywhere in this report.`,
  pairSomewhere: (cells: string) =>
    `${PAIR_RULE} That was the case in ${cells === "1" ? "one cell, which says" : `${cells} cells, which say`} “over ${PAIR_PERCENT} %”.`,

  // Remarks on a table.
  indexScale: (whose: string) =>
    `100 means that a cohort is as frequent among the people in common as among ${whose} of the cohorts shown; 200, twice as frequent.`,
  bucketsAdded: () =>
    "“With at least as many” adds the numbers of contacts up. It counts people once as long as each has one number of contacts here.",
  bucketsClosedExact: () =>
    "“≥” marks sums from which closed numbers of contacts are missing: the people with these contacts are at least as many.",
  bucketsClosedNoise: () =>
    "“shown” marks sums from which closed numbers of contacts are missing: their ± is the noise in what was shown, and the people with these contacts may be more.",
  bucketsUnseen: () =>
    "Only the partner knows whether a number of contacts that is not here has nobody or stayed closed.",
  liftElsewhere: () =>
    "Nothing opened of which the partner could tell how many people it has: there is no lift.",
  resultElsewhere: () => "The partner alone received the result of this session.",
  nothingOpened: () => "Nothing was opened.",
  moreRows: (rows: string) => `${rows} more rows are in the JSON and CSV reports.`,
  moreMarks: (marks: string) => `The table has ${marks} more.`,

  // Beside a figure.
  isExact: () => "exact",
  isInterval: (half: string) => `± ${half} in 95 of 100 cases`,
  isAtLeast: (what: string) => `numbers shown, added up; ${what}`,
  isShown: (half: string, what: string) => `numbers shown, added up, ± ${half} in 95 of 100 cases; ${what}`,
  overPair: () => "of a base; the number is not opened",
  ratesOf: (partners: string) => `of all our people; ${partners} of the partner's`,
  partnerHas: (people: string) => `the partner has ${people}`,
  range: (low: string, high: string) => `${low} to ${high}`,
  liftRange: (range: string, p: string) => `${range}; p ${p}`,
} as const satisfies Record<string, (...facts: never[]) => string>;

const PAIR_RULE = `Rules of PAIR: where more than ${PAIR_PERCENT} % of a base match, neither count nor sums are opened, only that fact.`;

export type SentenceId = keyof typeof SENTENCES;

/** The one way to a sentence. */
export function say<I extends SentenceId>(id: I, ...facts: Parameters<(typeof SENTENCES)[I]>): Sentence {
  return (SENTENCES[id] as (...given: unknown[]) => string)(...facts) as Sentence;
}
