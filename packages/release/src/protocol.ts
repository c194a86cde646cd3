// The release of a table (design section 2.5): the only place where shares become numbers.
//
//     both sides, at the same time
//     all tests, then the AND of each bit's     <- gateOpening ->
//     publish what passes                       <- transcript, passCommitment, passOpening ->
//     exact totals, of people, then of sums:
//         test hidden parts, find the first     <- gateOpening ->
//         publish which                         <- transcript, passCommitment, passOpening ->
//     open what passes                          <- transcript, cellCommitment, cellOpeningNonce, cellOpening ->
//
// Of a number that does not pass, nothing but masked gate inputs and the shares of published bits ever leaves a side. If no
// number passes, the messages are the same, and `cellOpening`, which would be empty, is not sent. A side that does not open
// sends none of the last line's but `transcript`. If the sender is to learn nothing, the last two steps are those of `blind.ts`. The comparisons of transcripts keep what went wrong on the way, in a gate
// or in a bit, from opening a number that must stay closed.
import { addInto, asRing, ringArray, type RingArray, type Rng } from "@halfroom/crypto";
import { or, prefixOr, type Gates, type OtEnds, type Role } from "@halfroom/mpc";
import { ProtocolError, type Channel } from "@halfroom/wire";
import { openBlind } from "./blind.ts";
import {
  allOf,
  openNumbers,
  publish,
  testAll,
  type Rounds,
  type ReleaseMessage,
  type Transcript,
} from "./rounds.ts";
import { Schedule } from "./schedule.ts";
import { bitVector, scattered, selected } from "./steps.ts";
import { tableFactors, type Factors } from "./table/factors.ts";
import { layoutOf, type TableLayout } from "./table/layout.ts";
import { refusedShape } from "./table/refused.ts";
import { runsOf } from "./table/runs.ts";
import { numbersOf } from "./table/shape.ts";
import { filledBits, tableTests, type OwnNumbers } from "./table/tests.ts";
import {
  alsoHidden,
  hiddenFactors,
  hiddenKinds,
  hiddenParts,
  hiddenTests,
  nobodyHidden,
  segmentsOf,
  wholeTableFactors,
  type Segment,
} from "./table/totals.ts";
import { hideRows, openedTotals, totalAddends } from "./table/opened-totals.ts";
import { impossibility } from "./table/possible.ts";
import { openedNumbers, pairFacts, shownRows, type PairFacts } from "./table/verdict.ts";
import type { TableShape, ReleaseRules, OpenedNumbers } from "./table/table.ts";
import { openedWidths } from "./table/widths.ts";

/** What one side holds of the table. */
export interface OwnTable {
  /** This side's addends: one for each number of the shape. */
  readonly shares: RingArray;
  /** This side's noise, one addend for each number, drawn and stored before the release; undefined in exact mode. */
  readonly noise: BigInt64Array | undefined;
  /**
   * The receiver: its own people in each row, 0 in padding rows, which never pass. The sender: its own people, not entries,
   * in each category. Bases never leave their side.
   */
  readonly bases: Uint32Array;
}

export interface ReleaseTableInput {
  readonly ch: Channel<ReleaseMessage, ReleaseMessage>;
  readonly role: Role;
  /** The session id, 32 bytes. */
  readonly session: Uint8Array;
  readonly shape: TableShape;
  readonly rules: ReleaseRules;
  readonly own: OwnTable;
  /** Has run none yet, and its triples are `tableTripleWords(shape, rules)` words or more. */
  readonly gates: Gates;
  /** Opens the transfers of products, which only a release with `blindSender` draws: 1 block a row in each direction. */
  readonly products: () => OtEnds;
  readonly rng: Rng;
  readonly transcript: Transcript;
}

export interface ReleaseOutcome {
  /** One entry for each number of the shape. Contributors are never opened. */
  readonly table: OpenedNumbers;
  /**
   * Rows of which something is public, ascending: an opened number, or with `pair` the fact that it is over 85 %. A blind
   * sender has none.
   */
  readonly rows: readonly number[];
  /** With `pair`: which bases are over 85 %. */
  readonly pair: PairFacts | undefined;
  /** With `totals`: one entry for each category and column. */
  readonly totals: OpenedNumbers | undefined;
  /**
   * Why two honest sides cannot have opened this, in words without a value. Only on a side that alone receives the numbers, of which
   * the outcome then has none.
   */
  readonly impossible: string | undefined;
}

/**
 * Tests, publishes what passes and opens it. Errors: `count`, `malformed`, `commitment`, `transcript`, `agreement`, `impossible` for
 * numbers that two honest sides cannot have; RangeError, before anything is sent, for a shape and rules that `refusedShape` refuses and
 * for inputs of another size. `judge` says what is impossible; only a test that plays a changed side has another.
 */
export async function releaseTable(
  input: ReleaseTableInput,
  judge: typeof impossibility = impossibility,
): Promise<ReleaseOutcome> {
  const { shape, rules, gates, session } = input;
  const own = ownNumbers(input);
  const layout = layoutOf(shape, rules);
  const schedule = new Schedule(gates, session);
  const table: Table = { ...input, schedule, own, layout };
  const runs = runsOf(layout, shape, rules);
  schedule.tests(runs);
  const results = await testAll(table, tableTests(layout, shape, rules, own, runs));
  const filled = { name: "filled", bits: filledBits(layout, rules, own) };
  const passing = await allOf(table, results, tableFactors(layout, shape, rules), [filled]);
  if (rules.blindSender === true)
    return judged(table, blindOutcome(table, await openBlind(table, passing)), judge);
  const bits = await publish(table, "pass", passing, layout.bits, "both");
  const opened = openedNumbers(layout, shape, rules, bits);
  const totals = rules.totals ? await decideTotals(table, results, opened) : undefined;
  const pair = rules.pair ? pairFacts(layout, bits) : undefined;
  const openings = await openAll(table, opened, totals);
  return judged(table, { ...openings, rows: shownRows(shape, opened, pair), pair }, judge);
}

/** What each side has of an opening of which the sender learns nothing. */
function blindOutcome(
  blind: Table,
  { bits, table }: Awaited<ReturnType<typeof openBlind>>,
): Omit<ReleaseOutcome, "impossible"> {
  const { layout, shape, rules } = blind;
  const pair = rules.pair ? pairFacts(layout, bits) : undefined;
  return { table, totals: undefined, rows: shownRows(shape, table.opened, pair), pair };
}

/**
 * A partner that sees the numbers too is told that they are impossible. One that does not is not: an end would tell it what they are,
 * or which rows are padding. Errors: `impossible`.
 */
function judged(
  table: Table,
  outcome: Omit<ReleaseOutcome, "impossible">,
  judge: typeof impossibility,
): ReleaseOutcome {
  const impossible = judge({ ...table, ...outcome });
  if (impossible === undefined) return { ...outcome, impossible };
  if (table.rules.opensTo !== table.role) throw new ProtocolError("impossible", impossible);
  const closed = (numbers: OpenedNumbers) => ({ ...numbers, values: undefined });
  const totals = outcome.totals && closed(outcome.totals);
  return { ...outcome, table: closed(outcome.table), totals, impossible };
}

/** A release under way. */
interface Table extends Rounds {
  readonly products: () => OtEnds;
  readonly shape: TableShape;
  readonly rules: ReleaseRules;
  readonly own: OwnNumbers;
  readonly layout: TableLayout;
}

/** Opens numbers of the table and totals together. */
async function openAll(
  table: Table,
  opened: Uint8Array,
  totals: Uint8Array | undefined,
): Promise<{ table: OpenedNumbers; totals: OpenedNumbers | undefined }> {
  const { shape, rules, own } = table;
  const ofTable = selected(own.numbers, opened);
  const ofTotals = selected(totalAddends(shape, own.numbers), totals ?? new Uint8Array(0));
  const addends = ringArray((ofTable.length + ofTotals.length) / 2);
  addends.set(ofTable);
  addends.set(ofTotals, ofTable.length);
  const widths = openedWidths(shape, rules, opened, totals ?? new Uint8Array(0));
  const values = await openNumbers(table, addends, widths, rules.opensTo);
  const placed = (from: number, places: Uint8Array): OpenedNumbers => ({
    opened: places,
    values: values === undefined ? undefined : scattered(values.subarray(from), places),
  });
  return {
    table: placed(0, opened),
    totals: totals === undefined ? undefined : placed(ofTable.length / 2, totals),
  };
}

/** Which totals open, categories x columns. Takes from `opened` the cells that are hidden with the hidden parts. */
async function decideTotals(table: Table, results: Uint32Array, opened: Uint8Array): Promise<Uint8Array> {
  const { shape, rules, layout } = table;
  const part = layout.partitions[0]!;
  const people = segmentsOf(part, shape, opened, undefined);
  const wholeTable = { results, factors: wholeTableFactors(part, rules, people) };
  const withPeople = await firstPassing(table, "people-totals", people, wholeTable);
  hideRows(shape, opened, people, withPeople);
  const peopleTotals = Uint8Array.from(withPeople, (hidden) => Number(hidden !== undefined));
  const sums = segmentsOf(part, shape, opened, peopleTotals);
  const withSums = await firstPassing(table, "sum-totals", sums);
  hideRows(shape, opened, sums, withSums);
  return openedTotals(shape, [...people, ...sums], [...withPeople, ...withSums]);
}

/** For each segment the number of passing rows in the first hidden part that passes, if any does. */
async function firstPassing(
  table: Table,
  what: "people-totals" | "sum-totals",
  segments: readonly Segment[],
  wholeTable?: { readonly results: Uint32Array; readonly factors: Factors },
): Promise<(number | undefined)[]> {
  if (segments.length === 0) return [];
  const { shape, rules, own, layout, gates, schedule } = table;
  const part = layout.partitions[0]!;
  const parts = hiddenParts(segments);
  const lengths = segments.map(({ passing }) => passing.length + 1);
  const kinds = hiddenKinds(rules, what === "sum-totals");
  schedule.hidden(lengths, kinds);
  const results = await testAll(table, hiddenTests(part, shape, rules, own, segments));
  const enough = await allOf(table, results, hiddenFactors(parts, kinds.length));
  const nobody = bitVector(nobodyHidden(segments, part.rows, own));
  let bits = await or(gates, { name: "enough", bits: enough }, { name: "nobody", bits: nobody }, "passes");
  if (wholeTable !== undefined)
    bits = await allOf(table, wholeTable.results, wholeTable.factors, [{ name: "passes", bits }]);
  const found = await prefixOr(gates, bits, lengths);
  return alsoHidden(segments, await publish(table, what, found, parts, "both"));
}

/** This side's addends with its noise. */
function ownNumbers({ shape, rules, own, role }: ReleaseTableInput): OwnNumbers {
  const refused = refusedShape(shape, rules);
  if (refused !== undefined) throw new RangeError(refused);
  const count = numbersOf(shape);
  const bases =
    role === "sender" ? shape.categories : shape.partitions.reduce((sum, cells) => sum + cells, 0);
  if (own.shares.length !== count * 2)
    throw new RangeError(`${own.shares.length} words are not ${count} shares`);
  if (own.bases.length !== bases) throw new RangeError(`${own.bases.length} bases are not ${bases}`);
  if ((own.noise === undefined) === (rules.mode === "noise") || (own.noise && own.noise.length !== count))
    throw new RangeError(`noise comes with the mode, ${count} numbers of it`);
  const numbers = new Uint32Array(own.shares);
  if (own.noise !== undefined) addInto(numbers, asRing(own.noise));
  return { role, bases: own.bases, numbers };
}
