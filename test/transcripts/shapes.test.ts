// The leak test of design section 6: for two data sets of the same public sizes (people of each side, cells, measures, what
// passed and its labels' lengths) the sequence of (direction, type, length) of all messages is the same on both sides.
import { GroupPool } from "@halfroom/crypto";
import { exactSums } from "@halfroom/testkit";
import { type Terms } from "@halfroom/session";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { csvText, outline, recordSession, type Csv, type Recorded } from "./recorded.ts";

let pool: GroupPool;
beforeAll(async () => {
  pool = await GroupPool.open(0);
});
afterAll(() => pool.close());

interface Shape {
  readonly senderPeople: number;
  readonly receiverPeople: number;
  readonly cells: number;
  readonly measures: number;
  readonly otK: 4 | 8;
  readonly isSilent?: boolean;
}

const SHAPES: Shape[] = [
  { senderPeople: 0, receiverPeople: 1, cells: 1, measures: 1, otK: 4 },
  { senderPeople: 40, receiverPeople: 60, cells: 5, measures: 1, otK: 4 },
  { senderPeople: 200, receiverPeople: 130, cells: 33, measures: 3, otK: 8 },
  { senderPeople: 200, receiverPeople: 130, cells: 33, measures: 3, otK: 4, isSilent: true },
  { senderPeople: 1500, receiverPeople: 2100, cells: 2, measures: 0, otK: 4 },
];

function termsOf({ measures, otK, isSilent }: Shape, threshold: number): Terms {
  const columns = Array.from({ length: measures }, (_, m) => ({
    name: `m${m}`,
    low: -(10n ** 12n),
    high: 10n ** 12n,
    decimals: 2,
  }));
  const terms = exactSums({ measures: columns, groupBy: ["cell"], threshold, otK });
  return isSilent === true ? { ...terms, transfers: "silent" } : terms;
}

/** Short addresses, each person once, small numbers, cell names of one length. */
function plain(shape: Shape, overlap: number): Csv {
  return csvOf(shape, overlap, {
    address: (i) => `${i}@a.io`,
    value: () => "1",
    label: (c) => `c${c}`,
    copies: 1,
  });
}

/** Long addresses, many rows per person, huge and negative numbers, rows that are dropped. */
function messy(shape: Shape, overlap: number, label = (c: number) => `d${c}`): Csv {
  const address = (i: number) => ` Some.Body.With.A.Long.Name+${i * 7919}@Subdomain.Of.Example.COM `;
  const value = (i: number) => `${i % 2 === 0 ? "-" : ""}${i}99999999.25`;
  const csv = csvOf(shape, overlap, { address, value, label, copies: 3 });
  const dropped = "\nnot an address," + Array(Math.max(1, shape.measures)).fill("0").join(",");
  return { senderCsv: csv.senderCsv + dropped, receiverCsv: `${csv.receiverCsv}\nnot an address,none` };
}

function csvOf(
  { senderPeople, receiverPeople, cells, measures }: Shape,
  overlap: number,
  kind: { address(i: number): string; value(i: number): string; label(cell: number): string; copies: number },
): Csv {
  const numbers = (count: number) => Array.from({ length: count * kind.copies }, (_, i) => i % count);
  const names = measures === 0 ? ["unused"] : Array.from({ length: measures }, (_, m) => `m${m}`);
  const senderRows = senderPeople === 0 ? [] : numbers(senderPeople);
  // The receiver's first people are the sender's last ones.
  const first = senderPeople - overlap;
  return {
    senderCsv: csvText(
      `email,${names.join(",")}`,
      senderRows.map((i) => [kind.address(i), ...names.map(() => kind.value(i))]),
    ),
    receiverCsv: csvText(
      "email,cell",
      numbers(receiverPeople).map((i) => [kind.address(first + i), kind.label(i % cells)]),
    ),
  };
}

function expectSameOutlines(one: Recorded, two: Recorded): void {
  for (const role of ["sender", "receiver"] as const) {
    expect(outline(one.logs[role])).toEqual(outline(two.logs[role]));
  }
}

const TITLE =
  "$senderPeople x $receiverPeople people, $cells cells, $measures measures, k = $otK, silent: $isSilent";
const mostInCommon = ({ senderPeople, receiverPeople }: Shape) => Math.min(senderPeople, receiverPeople);

describe("nothing passes: none in common, or all of them", () => {
  test.each(SHAPES)(TITLE, async (shape) => {
    const terms = termsOf(shape, mostInCommon(shape) + 1);
    const none = await recordSession(plain(shape, 0), terms, pool, "first");
    const all = await recordSession(messy(shape, mostInCommon(shape)), terms, pool, "second");
    expect([none.tables.sender.cells.length, all.tables.sender.cells.length]).toEqual([0, 0]);
    expectSameOutlines(none, all);
  });
});

/** So many in common that the sender and each cell have just one more person. */
const mostThatPass = ({ senderPeople, receiverPeople, cells }: Shape) =>
  Math.min(senderPeople - 1, receiverPeople - cells);

describe("everything passes: other people, numbers and labels of the same lengths", () => {
  test.each(SHAPES.filter((shape) => mostThatPass(shape) > 0))(TITLE, async (shape) => {
    const terms = termsOf(shape, 1);
    const one = await recordSession(plain(shape, mostThatPass(shape)), terms, pool, "first");
    const two = await recordSession(messy(shape, mostThatPass(shape)), terms, pool, "second");
    expect(one.tables.sender.cells).toHaveLength(shape.cells);
    expect(two.tables.sender.cells).toHaveLength(shape.cells);
    expectSameOutlines(one, two);
  });
});

test("neither labels nor numbers of cells that do not pass affect any length", async () => {
  const shape = { ...SHAPES[1]!, senderPeople: 45, receiverPeople: 80 };
  const terms = termsOf(shape, 8);
  // 37 people in common in 5 cells: 8 in the first two, 7 in the others. 8 more of the sender and in each cell.
  const labels = (long: boolean) => (c: number) =>
    c < 2 ? `c${c}` : long ? `a name that nobody hears ${c}` : `${c}`;
  const one = await recordSession(messy(shape, 37, labels(false)), terms, pool, "first");
  const two = await recordSession(messy(shape, 37, labels(true)), terms, pool, "second");
  expect(one.tables.sender.cells.map(({ labels: [label] }) => label)).toEqual(["c0", "c1"]);
  expect(two.tables.sender.cells.map(({ labels: [label] }) => label)).toEqual(["c0", "c1"]);
  expectSameOutlines(one, two);
});

test("different sizes do show, or the comparison would prove nothing", async () => {
  const shape = SHAPES[1]!;
  const one = await recordSession(plain(shape, 10), termsOf(shape, 99), pool, "first");
  for (const change of [{ receiverPeople: 1100 }, { cells: 9 }, { measures: 2 }]) {
    const other = { ...shape, ...change };
    const two = await recordSession(plain(other, 10), termsOf(other, 99), pool, "first");
    expect(outline(two.logs.sender)).not.toEqual(outline(one.logs.sender));
  }
});
