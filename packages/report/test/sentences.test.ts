// The table of sentences: each one that a report can print, when, and a report that shows it. `say` is the one way to a sentence
// (its type sees to that), so that none is printed without a line here.
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { reportHtml } from "../src/html/page.ts";
import {
  releasedText,
  resultlessText,
  type Released,
  type ReleasedPartition,
  type ReleasedReport,
} from "../src/index.ts";
import { SENTENCES, type SentenceId } from "../src/view/sentences.ts";
import { hostileReports } from "./hostile.ts";
import {
  asSender,
  attributionReport,
  indexReport,
  liftReport,
  overlapReport,
  partitionOf,
  reachReport,
  SAMPLE_REPORTS,
  sumsReport,
} from "./reports.ts";
import { uniform } from "./draws.ts";

/** All that a report prints, with blanks and line ends as one blank. */
function printed(report: ReleasedReport): string {
  const page = parseHTML(reportHtml(report)).document.body.textContent!;
  return `${releasedText(report, { colors: false })} ${page}`.replaceAll(/\s+/g, " ");
}

const exact = (report: ReleasedReport): ReleasedReport => {
  const { noise: _, ...rest } = report;
  const opened = (number: Released | undefined) => number && { ...number, variance: 0 };
  return {
    ...rest,
    partitions: rest.partitions.map((partition) => ({
      ...partition,
      cells: partition.cells.map((cell) => ({
        ...cell,
        people: opened(cell.people),
        sums: cell.sums.map(opened),
      })),
    })),
  };
};
const first = ({ partitions }: ReleasedReport): ReleasedPartition => partitions[0]!;
const without = (report: ReleasedReport, place: number): ReleasedReport => ({
  ...report,
  partitions: report.partitions.filter((_, i) => i !== place),
});

/** Everybody by region, exact, with and without a closed region. */
const regions = (matched: readonly number[]): ReleasedReport => ({
  ...exact(without(overlapReport(), 0)),
  partitions: [
    partitionOf(
      ["region"],
      matched.map((each, i) => ({ labels: [`region ${i + 1}`], base: 1000, people: each })),
      { people: 0 },
      uniform(1),
    ),
  ],
});
const keysReport: ReleasedReport = {
  ...regions([500, 40]),
  agreed: { ...overlapReport().agreed, match: ["email", "phone"] },
};
const pairReport = (over: boolean): ReleasedReport => {
  const report = regions([500, 400]);
  const [cell, ...cells] = first(report).cells;
  const told = over ? { labels: cell!.labels, people: undefined, sums: [], overPair: true as const } : cell!;
  return { ...report, rules: "pair", partitions: [{ ...first(report), cells: [told, ...cells] }] };
};
const everybodyOverPair: ReleasedReport = {
  ...exact(overlapReport()),
  rules: "pair",
  partitions: [
    {
      ...overlapReport().partitions[0]!,
      cells: [{ labels: [], people: undefined, sums: [], overPair: true }],
    },
  ],
};
const nothing: ReleasedReport = {
  ...asSender(exact(without(overlapReport(), 0))),
  partitions: [{ groupBy: ["region"], senderGroupBy: [], cells: [] }],
};
const below: ReleasedReport = {
  ...attributionReport(),
  partitions: [
    {
      ...first(attributionReport()),
      cells: first(attributionReport()).cells.map((cell) => ({
        ...cell,
        sums: [{ value: -12n, variance: 100 }, cell.sums[1]],
      })),
    },
  ],
};
const many = regions(Array.from({ length: 230 }, (_, i) => 200 + i));
const exactReach = exact(reachReport());
const newPeopleReport = (newSince?: { run: number; first: number }): ReleasedReport => ({
  ...exactReach,
  agreed: { ...exactReach.agreed, newPeople: true },
  origin: { session: "5e", partner: "publisher", made: new Date(0), ...(newSince && { newSince }) },
});
const liftWithoutSquares: ReleasedReport = {
  ...liftReport(),
  measures: liftReport().measures.map((measure) => ({ ...measure, squares: false })),
};
const liftOfNothing: ReleasedReport = {
  ...asSender(liftReport()),
  partitions: asSender(liftReport()).partitions.map((partition) => ({ ...partition, cells: [] })),
};
const ageless = without(indexReport(), 1);
const hiddenAge: ReleasedReport = {
  ...ageless,
  partitions: [{ ...first(ageless), cells: first(ageless).cells.slice(1), hiddenCells: 1 }],
};

/** Sentence, when it is printed, a report that prints it, the words. */
const TABLE: readonly [SentenceId, string, ReleasedReport, string][] = [
  [
    "newPeople",
    "new people alone, of the receiver",
    newPeopleReport(),
    "those whom our data has in this run, and had in no earlier run",
  ],
  [
    "newPeople",
    "of the sender",
    asSender(newPeopleReport()),
    "those whom the partner's data has in this run",
  ],
  ["newSince", "earlier runs", newPeopleReport({ run: 7, first: 5 }), "are the runs from run 5 on"],
  ["newFirst", "none", newPeopleReport({ run: 5, first: 5 }), "Run 5 is the first one under the present key"],
  [
    "ruleExact",
    "an exact report",
    regions([500]),
    "only if at least 100 matched people are behind it and, of each group",
  ],
  ["ruleExact", "several keys", keysReport, "at least 200 pairs of matched people are behind it"],
  [
    "ruleNoise",
    "a report with noise",
    overlapReport(),
    "only if the matched people behind it, noise included, are at least 100.",
  ],
  ["ruleNoise", "attribution", attributionReport(), "the people who converted behind it, noise included"],
  ["allOpened", "nothing closed", regions([500, 400]), "All 2 cells of this report opened."],
  ["allOpened", "one cell", regions([500]), "The one cell of this report opened."],
  [
    "closedExact",
    "exact, closed cells",
    regions([500, 40]),
    "One of 2 cells stayed closed and says “under threshold”. That does not mean zero: neither side opened what such a cell holds: it may be few people, or nearly all that it has.",
  ],
  [
    "closedNoise",
    "noise, closed cells",
    reachReport(),
    "4 of 35 cells stayed closed and say “under threshold”. That does not mean zero",
  ],
  [
    "partnerKnowsClosed",
    "the labels are the partner's",
    asSender(overlapReport()),
    "Only the partner, who owns their labels, knows how many cells stayed closed.",
  ],
  ["closedSums", "people without their sum", sumsReport(), "too few of them add something to that sum."],
  ["closedForTotals", "totals over cells", sumsReport(), "some cells may be closed for their sake alone"],
  ["exact", "no noise", regions([500]), "The numbers are exact: no noise was added."],
  ["exactSums", "exact sums", sumsReport(), "A sum may be one person's value and little else."],
  ["noise", "Laplace", overlapReport(), "(discrete Laplace, epsilon 1)."],
  ["noise", "Gauss", liftReport(), "(discrete Gaussian, epsilon 1, delta 10^-9)."],
  [
    "noiseSize",
    "noise and numbers",
    attributionReport(),
    "moves numbers of people by at most 21, conversions by at most 83, value by at most 5,347.",
  ],
  ["nearThreshold", "noise and numbers", overlapReport(), "more often one that the noise raised"],
  [
    "negative",
    "a number below zero",
    below,
    "A number below zero is a small one that the noise moved there.",
  ],
  [
    "pairs",
    "several keys",
    keysReport,
    "People are found by email or phone: whoever matches one person by one key and another by the next counts twice.",
  ],
  [
    "severalCells",
    "reach of several campaigns",
    reachReport(),
    "One person can be in up to 4 cells of a table",
  ],
  [
    "creditedOnce",
    "attribution",
    attributionReport(),
    "counts once, in the cell that the first of its counted events",
  ],
  ["added", "all cells known", regions([500, 400]), "People in common are the cells added up."],
  [
    "addedAtLeast",
    "exact, a closed cell",
    regions([500, 40]),
    "and so a lower bound: 1 closed cell may hold up to 1,000 more.",
  ],
  [
    "addedAtLeast",
    "exact, the partner's cells",
    asSender(regions([500, 40])),
    "a lower bound: cells that the partner alone sees may hold more.",
  ],
  [
    "addedInterval",
    "noise, a closed cell",
    hiddenAge,
    "their ± is the noise in these. It leaves out that 1 closed cell may hold up to 152 more.",
  ],
  ["indexIntervals", "index with noise", indexReport(), "Intervals of an index cover the noise and chance"],
  ["indexIntervals", "exact index", exact(indexReport()), "Intervals of an index cover chance"],
  ["indexShares", "index", indexReport(), "taken over the cohorts shown"],
  ["indexScale", "index", indexReport(), "as among our people of the cohorts shown"],
  [
    "liftIntervals",
    "lift",
    liftReport(),
    "Intervals of the lift in people who converted cover the noise and chance",
  ],
  [
    "liftOfMeasures",
    "lift with squares",
    liftReport(),
    "Those of value, whose squares were added up too, cover the same.",
  ],
  [
    "liftWithoutSquares",
    "lift without squares",
    liftWithoutSquares,
    "Whether this is more than chance cannot be said",
  ],
  [
    "pairNowhere",
    "rules of pair, kept everywhere",
    pairReport(false),
    "That was not the case anywhere in this report.",
  ],
  [
    "pairSomewhere",
    "rules of pair, over 85 %",
    pairReport(true),
    "That was the case in one cell, which says “over 85 %”.",
  ],
  ["bucketsAdded", "contacts", reachReport(), "“With at least as many” adds the numbers of contacts up."],
  [
    "bucketsClosedExact",
    "exact, a closed bucket",
    exactReach,
    "“≥” marks sums from which closed numbers of contacts are missing",
  ],
  [
    "bucketsClosedNoise",
    "noise, a closed bucket",
    reachReport(),
    "“shown” marks sums from which closed numbers",
  ],
  ["bucketsUnseen", "the partner's buckets", asSender(reachReport()), "has nobody or stayed closed."],
  [
    "liftElsewhere",
    "lift, no cell with its base",
    liftOfNothing,
    "Nothing opened of which the partner could tell how many people it has: there is no lift.",
  ],
  ["nothingOpened", "no cell", nothing, "Nothing was opened."],
  ["moreRows", "more than 200 rows", many, "30 more rows are in the JSON and CSV reports."],
  ["moreMarks", "more bars than fit", many, "The table has 206 more."],
  ["isExact", "an exact number", regions([500, 400]), "People in common: 900 (exact)"],
  ["isInterval", "a number with noise", overlapReport(), "(± 9 in 95 of 100 cases)"],
  [
    "isAtLeast",
    "exact, a closed cell",
    regions([500, 40]),
    "People in common: ≥ 500 (numbers shown, added up; 1 closed cell may hold up to 1,000 more)",
  ],
  [
    "isShown",
    "noise, a closed cell",
    hiddenAge,
    "(numbers shown, added up, ± 37 in 95 of 100 cases; 1 closed cell may hold up to 152 more)",
  ],
  [
    "overPair",
    "everybody over 85 %",
    everybodyOverPair,
    "People in common: over 85 % (of a base; the number is not opened)",
  ],
  [
    "ratesOf",
    "people in common",
    regions([500, 400]),
    "Match rate: 2 % (of all our people; 3 % of the partner's)",
  ],
  ["partnerHas", "always", overlapReport(), "Our people: 48,200 (the partner has 30,500)"],
  ["range", "index", indexReport(), "Highest index shown: 35-44: 166 (160 to 171)"],
  ["liftRange", "lift", liftReport(), "Lift: +14.8 % (+7.0 % to +23.2 %; p = 0.0001)"],
];

describe("the sentences of a report", () => {
  test("each has a case in the table", () => {
    const told = new Set<string>([...TABLE.map(([id]) => id), "resultElsewhere"]);
    expect(Object.keys(SENTENCES).filter((id) => !told.has(id))).toEqual([]);
  });

  test.each(TABLE)("%s: %s", (_, __, report, words) => {
    expect(printed(report)).toContain(words);
  });

  test("a side without numbers is told where they are", () => {
    const own = {
      rows: 3,
      people: 2,
      optedOut: 0,
      merged: 0,
      filtered: 0,
      dropped: [{ reason: "email: empty", rows: 1 }],
    };
    const origin = { partner: "acme", session: "ab", made: new Date("2026-03-01T10:00:00Z") };
    expect(resultlessText({ origin, own })).toBe(
      "The partner alone received the result of this session.\nPartner: acme\nMade: 2026-03-01 10:00 UTC\nSession: ab\nOur rows: 3 rows, 2 people\nDropped: one row (33.3 %): email: empty 1\n",
    );
  });
});

describe("what a report may not say", () => {
  test("no lower bound where noise can break it", () => {
    for (const sample of Object.values(SAMPLE_REPORTS)) {
      for (const report of [sample(), asSender(sample())]) {
        if (report.noise !== undefined) expect(printed(report), report.kind).not.toContain("≥");
      }
    }
  });

  test("not the whole list as people reached or matched by campaign", () => {
    for (const report of [asSender(attributionReport()), asSender(sumsReport()), asSender(reachReport())]) {
      const text = printed(report);
      expect(text).not.toContain("our people reached");
      expect(text).not.toMatch(/│ +our people +│/);
    }
    expect(printed(asSender(without(overlapReport(), 0)))).toContain("of all our people");
    expect(printed(overlapReport())).toMatch(/our people │ people in common │ of our people/);
  });

  test("not a bucket of contacts as a reach, nor an under-threshold row for a cell of nobody", () => {
    const [, frequency] = exactReach.partitions as [ReleasedPartition, ReleasedPartition];
    const alone = {
      ...exactReach,
      partitions: [
        {
          ...frequency,
          base: frequency.base!.filter(({ labels }) => labels[1] !== "11+" || labels[0] !== "Newsletter"),
        },
      ],
    };
    const text = printed(alone);
    expect(text).toMatch(/Largest reach shown: Spring Sale: 5,253 \(exact\)/);
    expect(text).toMatch(/Newsletter │ 11\+ │ nobody │ nobody │ nobody/);
  });

  test("the index of the first profile as the highest of all", () => {
    expect(printed(asSender(sumsReport()))).not.toContain("Highest index");
    const [low, high] = [first(indexReport()), indexReport().partitions[1]!];
    for (const partitions of [
      [low, high],
      [high, low],
    ]) {
      expect(printed({ ...indexReport(), partitions })).toContain("Highest index shown: 35-44: 166");
    }
  });

  test("nothing that breaks over hostile names", () => {
    for (const report of hostileReports()) expect(printed(report)).toContain("over 85 %");
  });

  test("chance, to a side that gets no comparison", () => {
    expect(printed(liftOfNothing)).not.toContain("chance");
    expect(printed(overlapReport())).not.toContain("chance");
  });
});
