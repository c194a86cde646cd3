// Pairs of hostile CSV files for property tests: everything that is wrong in real lists, and what only an attacker would write.
import fc from "fast-check";

export interface JoinCase {
  senderCsv: string;
  receiverCsv: string;
  measures: { name: string; low: bigint; high: bigint; decimals: number }[];
  groupBy: string[];
  threshold: number;
}

const ROWS_MAX = 300;
/** 300 people times 2^50 stay below 2^62. */
const BOUND_MAX = 2n ** 50n;

const LOCAL_PARTS = [
  "user",
  "o'neil+tag",
  "zoë",
  "straße",
  "ΟΔΥΣΣΕΥΣ",
  "İzmir",
  "ångström",
  "用户",
  "a.b..c",
  "ﬁn",
];
const DOMAINS = ["example.com", "Example.ORG", "mail.example.net", "bücher.example"];
const BLANKS = ["", "", "", " ", "\t", "  ", "\u00a0", "\u3000", "\ufeff", "\r\n"];
const INVALID = [
  "",
  "  ",
  "nobody",
  "a@localhost",
  "a@@example.com",
  "a@b@example.com",
  "a b@example.com",
  "@example.com",
  "a@example.com.",
  "a@.example.com",
  "a@example..com",
  "<a@example.com>",
  "a@example.com,b@example.com",
  '"a"@example.com',
  "a\u0085b@example.com",
  `${"a".repeat(243)}@example.com`,
  `${"é".repeat(122)}@example.com`,
  "a@exam_ple.com",
  "a@example.com”",
];
const NO_DECIMALS = ["abc", "1e3", ".5", "5.", "0x10", "1,000", "--1", "+", "1 2", "٣", "NaN", "1.2.3", "−1"];
const LABELS = [
  "plain",
  "with, comma",
  'with "quotes"',
  "with\nline feed",
  "with\r\nboth",
  "",
  " blank ",
  "é",
  "e\u0301",
  "𝔘🙂",
  "NULL",
  "\ufeffmark",
  "007",
  "7",
  "'",
  "\\N",
  "#x",
];
const MEASURE_NAMES = ["amount", "Orders, net", 'the "third"'];
const GROUP_NAMES = ["campaign", 'age band, ("years")'];

const spelling = fc.record({
  shape: fc.constantFrom<(text: string) => string>(
    (text) => text,
    (text) => text.toUpperCase(),
    (text) => text.toLowerCase(),
    (text) => text.normalize("NFD"),
    (text) => text.normalize("NFC"),
    (text) => text.toUpperCase().normalize("NFD"),
  ),
  before: fc.constantFrom(...BLANKS),
  after: fc.constantFrom(...BLANKS),
});

/** E-mail cells of the people `first` to `first + count - 1`, each in any spelling, with invalid ones among them. */
function emailCell(first: number, count: number): fc.Arbitrary<string> {
  const valid = fc
    .tuple(fc.nat(count - 1), spelling, fc.constantFrom("", "", "'", "’"))
    .map(([k, { shape, before, after }, ahead]) => before + ahead + shape(address(first + k)) + after);
  return fc.oneof({ weight: 12, arbitrary: valid }, { weight: 1, arbitrary: fc.constantFrom(...INVALID) });
}

/** The number comes before a letter, so that a final sigma stays final. */
function address(person: number): string {
  return `${person}${LOCAL_PARTS[person % LOCAL_PARTS.length]}@${DOMAINS[person % DOMAINS.length]}`;
}

function decimalCell(decimals: number): fc.Arbitrary<string> {
  const digits = fc.integer({ min: 1, max: 18 }).chain((length) => fc.bigInt(0n, 10n ** BigInt(length) - 1n));
  const number = fc
    .tuple(fc.constantFrom("", "-", "+"), digits, fc.nat(decimals), fc.constantFrom("", "0", "000"))
    .map(([sign, whole, places, zeros]) => {
      const fraction = "0918273645".slice(0, places) + zeros;
      return `${sign}${whole}${fraction === "" ? "" : `.${fraction}`}`;
    });
  const padded = fc
    .tuple(fc.constantFrom(...BLANKS), number, fc.constantFrom(...BLANKS))
    .map((parts) => parts.join(""));
  return fc.oneof(
    { weight: 20, arbitrary: padded },
    { weight: 2, arbitrary: fc.constantFrom("", " ") },
    { weight: 1, arbitrary: fc.constantFrom(...NO_DECIMALS, `1.${"0".repeat(decimals)}1`) },
  );
}

const measureArbitrary = fc
  .tuple(fc.bigInt(-BOUND_MAX, BOUND_MAX), fc.bigInt(-BOUND_MAX, BOUND_MAX), fc.nat(6))
  .map(([a, b, decimals]) => ({ low: a < b ? a : b, high: a < b ? b : a, decimals }));

function labelAt(index: number): string {
  const label = LABELS[index % LABELS.length]!;
  return index < LABELS.length ? label : `${label}${index}`;
}

const layoutArbitrary = fc.record({
  lineEnd: fc.constantFrom("\n", "\r\n"),
  bom: fc.boolean(),
  lastLineEnd: fc.boolean(),
  quoteAll: fc.boolean(),
  emailLast: fc.boolean(),
});
type Layout = typeof layoutArbitrary extends fc.Arbitrary<infer T> ? T : never;

function writeCsv(
  rows: readonly string[][],
  { lineEnd, bom, lastLineEnd, quoteAll, emailLast }: Layout,
): string {
  const quoted = (cell: string) =>
    quoteAll || /["\r\n,]|^\s|\s$|^$/u.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  const lines = rows.map(([email = "", ...others]) =>
    (emailLast ? [...others, email] : [email, ...others]).map(quoted).join(","),
  );
  return (bom ? "\ufeff" : "") + lines.join(lineEnd) + (lastLineEnd ? lineEnd : "");
}

function csvOf(header: readonly string[], cells: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  const rows = fc.array(fc.tuple(...cells), { maxLength: ROWS_MAX, size: "max" });
  return fc.tuple(rows, layoutArbitrary).map(([body, layout]) => writeCsv([[...header], ...body], layout));
}

/**
 * A join of two files with 0 to 300 rows each, from no overlap to full, 1 to 100 cells over one or two columns, 0 to 3
 * measures: duplicates in every spelling, invalid addresses and numbers, negative and huge values, odd labels. The clip
 * bounds keep every sum below 2^62.
 */
export const caseArbitrary: fc.Arbitrary<JoinCase> = fc
  .record({
    pool: fc.integer({ min: 1, max: ROWS_MAX }),
    overlap: fc.constantFrom(1, 1, 0.9, 0.9, 0.5, 0.1, 0),
    measures: fc.array(measureArbitrary, { maxLength: MEASURE_NAMES.length }),
    labelCounts: fc.oneof(
      fc.tuple(fc.integer({ min: 1, max: 100 })),
      fc.tuple(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 10 })),
    ),
    threshold: fc.constantFrom(1, 1, 2, 3, 5, 12),
  })
  .chain(({ pool, overlap, measures: bounds, labelCounts, threshold }) => {
    const measures = bounds.map((bound, m) => ({ name: MEASURE_NAMES[m]!, ...bound }));
    const groupBy = labelCounts.map((_, g) => GROUP_NAMES[g]!);
    const receiverFirst = Math.round(pool * (1 - overlap));
    const senderCells = measures.map(({ decimals }) => decimalCell(decimals));
    const receiverCells = labelCounts.map((count) => fc.nat(count - 1).map(labelAt));
    return fc.record({
      senderCsv: csvOf(["email", ...measures.map(({ name }) => name)], [emailCell(0, pool), ...senderCells]),
      receiverCsv: csvOf(["email", ...groupBy], [emailCell(receiverFirst, pool), ...receiverCells]),
      measures: fc.constant(measures),
      groupBy: fc.constant(groupBy),
      threshold: fc.constant(threshold),
    });
  });
