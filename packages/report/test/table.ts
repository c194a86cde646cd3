// Tables to print, with labels that try to break each format.
import type { ReleasedTable } from "../src/index.ts";

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
  '\\"',
  "12.50",
  "1e5",
  "日本",
  "null",
];

/** A column name of more than Object.prototype, one that an object would move, one that a regex could take for a number. */
const HOSTILE_NAMES = ["__proto__", "7", 'a "1.5" b'];

/** 2^62 - 1 and its like: far beyond what a double holds. */
export const HUGE = 4_611_686_018_427_387_903n;

export function hostileTable(): ReleasedTable {
  return {
    groupBy: [HOSTILE_NAMES[0]!, HOSTILE_NAMES[1]!],
    measures: [
      { name: HOSTILE_NAMES[2]!, decimals: 2 },
      { name: "-orders", decimals: 0 },
      { name: "weight", decimals: 18 },
    ],
    threshold: 50,
    cells: HOSTILE_LABELS.map((label, i) => ({
      labels: [label, HOSTILE_LABELS.at(-1 - i)!],
      people: BigInt(50 + i),
      sums: [i % 2 === 0 ? HUGE : -HUGE, BigInt(-i), BigInt(i) - 15n],
    })),
    suppressed: 3,
    cellsTotal: HOSTILE_LABELS.length + 3,
  };
}

export const SMALL_TABLE: ReleasedTable = {
  groupBy: ["campaign"],
  measures: [{ name: "amount", decimals: 2 }],
  threshold: 50,
  cells: [{ labels: ["spring"], people: 1234n, sums: [-5n] }],
  suppressed: 2,
  cellsTotal: 3,
};
