// Reports to print, with labels that try to break each format.
import type { ReleasedReport } from "../src/index.ts";

export const HOSTILE_LABELS = [
  "",
  " ",
  '=HYPERLINK("http://example.com","x")',
  "+1",
  "-2",
  "@SUM(A1)",
  "  =1+1",
  "\t=1+1",
  "\uFF1D1+1",
  "\uFEFF=1",
  "'quoted",
  "''=1",
  'a "quoted" word',
  "comma, inside",
  "semicolon;=1",
  "line\r\nbreak",
  "\u001b[31mred\u001b[0m",
  "\u009b31mred",
  "\u001b]8;;http://example.com\u0007link\u001b]8;;\u0007",
  "abc\u202Efdp.exe",
  "zero\u200Bwidth",
  "back\b\b\bspace",
  "nul\0",
  "half \uD800 pair",
  '"}, {"people": 5',
  "\\",
  "\\u{1b}[31m",
  "\\\\u{5c}",
  "North\u2502 12,000\u2502",
  "two  blanks",
  "ideographic\u3000blank",
  "\u3164",
  "(none)",
  "all",
  '\\"',
  "12.50",
  "1e5",
  "日本",
  "null",
];

/** A column name that Object.prototype has, one that an object would reorder, one that a regex could take for a number. */
const HOSTILE_NAMES = ["__proto__", "7", 'a "1.5" b'];

/** 2^62 - 1 and similar: far beyond what a double holds exactly. */
export const HUGE = 4_611_686_018_427_387_903n;

const exact = (value: bigint) => ({ value, variance: 0 });

export function hostileReport(): ReleasedReport {
  return {
    ...SMALL_REPORT,
    measures: [
      { name: HOSTILE_NAMES[2]!, decimals: 2, squares: false, low: 0n, high: 50_000n },
      { name: "-orders", decimals: 0, squares: false, low: 0n, high: 50_000n },
      { name: "weight", decimals: 18, squares: false, low: 0n, high: 50_000n },
    ],
    partitions: [
      {
        groupBy: [HOSTILE_NAMES[0]!, HOSTILE_NAMES[1]!],
        senderGroupBy: [],
        cells: HOSTILE_LABELS.map((label, i) => ({
          labels: [label, HOSTILE_LABELS.at(-1 - i)!],
          people: exact(BigInt(50 + i)),
          sums: [i % 2 === 0 ? HUGE : -HUGE, BigInt(-i), BigInt(i) - 15n].map(exact),
        })),
        hiddenCells: 3,
        cellsTotal: HOSTILE_LABELS.length + 3,
      },
    ],
  };
}

export const SMALL_REPORT: ReleasedReport = {
  kind: "sums",
  role: "receiver",
  measures: [{ name: "amount", decimals: 2, squares: false, low: 0n, high: 50_000n }],
  threshold: 50,
  agreed: { datasets: { own: "crm", partner: "buyers" }, match: ["email"], entries: 1 },
  partitions: [
    {
      groupBy: ["campaign"],
      senderGroupBy: [],
      cells: [{ labels: ["spring"], people: exact(1234n), sums: [exact(-5n)] }],
      hiddenCells: 2,
      cellsTotal: 3,
    },
  ],
  ownPeople: 5000,
  partnerPeople: 4000,
};
