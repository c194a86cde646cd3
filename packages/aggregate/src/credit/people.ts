// A person counts once, however many of its entries have credited events: with the entry of the first credited event
// in the sender's order. Contributors likewise, with the first credited event whose value is not 0.
import { xorInto, type RingArray } from "@halfroom/crypto";
import { invert, joinPlanes, splitPlanes, type Gates, type Wire } from "@halfroom/mpc";
import { bitPlane, columnOf, repeatEach } from "./steps.ts";
import { inputColumns, setsOf, type CreditTerms } from "./terms.ts";

/**
 * Shares of the bits that count a person: for each set of `setsOf` a plane for each entry. `credited`: events x entries
 * planes; `rows`: this side's addends. Errors: `count`.
 */
export async function countedOnce(
  gates: Gates,
  credited: Uint32Array,
  rows: RingArray,
  terms: CreditTerms,
): Promise<Uint32Array> {
  const { events, entries } = terms;
  const sets = [credited, ...(await creditedWithValue(gates, credited, rows, terms))];
  // Of all sets at once: for each event, the planes of all entries of the first set, then of the second, ...
  const ofEvent = Array.from({ length: events }, (_, event) =>
    joinPlanes(...sets.map((set) => splitPlanes(set, events)[event]!)),
  );
  const first = ofEvent[0]!;
  if (events === 1) return first;
  const any = ofEvent.map((planes) => creditedAtAll(planes, sets.length, entries));
  const open = await noneBefore(gates, any);
  const opened = open.map((planes) => repeatEach(splitPlanes(planes, sets.length), entries));
  const later = await gates.and(
    opened.map((none, before) => ({
      left: { name: `credited${before + 2}`, bits: ofEvent[before + 1]! },
      right: { name: `none${before + 1}`, bits: none },
      output: `first${before + 2}`,
    })),
  );
  for (const { bits } of later) xorInto(first, bits);
  return first;
}

/** For each measure with contributors the credited events whose value is not 0: events x entries planes. */
async function creditedWithValue(
  gates: Gates,
  credited: Uint32Array,
  rows: RingArray,
  terms: CreditTerms,
): Promise<Uint32Array[]> {
  const { events, entries } = terms;
  const measures = setsOf(terms) - 1;
  if (measures === 0) return [];
  const columns = inputColumns(terms);
  const notZero = Array.from({ length: measures }, (_, measure) =>
    Array.from({ length: events }, (__, event) =>
      bitPlane(columnOf(rows, columns.count, columns.notZero(measure, event))),
    ),
  );
  const products = await gates.and(
    notZero.map((ofMeasure, measure) => ({
      left: { name: "credited", bits: credited },
      right: { name: `value${measure + 1}`, bits: repeatEach(ofMeasure, entries) },
      output: `contributes${measure + 1}`,
    })),
  );
  return products.map(({ bits }) => bits);
}

/** For each set whether the event is credited to any entry: the xor over the entries, of which at most one has it. */
function creditedAtAll(ofEvent: Uint32Array, sets: number, entries: number): Uint32Array {
  const any = splitPlanes(ofEvent, sets).map((set) => {
    const sum = new Uint32Array(set.length / entries);
    for (const entry of splitPlanes(set, entries)) xorInto(sum, entry);
    return sum;
  });
  return joinPlanes(...any);
}

/** For each event but the first whether none before it is credited. `any`: for each event whether it is. */
async function noneBefore(gates: Gates, any: readonly Uint32Array[]): Promise<Uint32Array[]> {
  const none: Wire[] = [];
  for (const [i, credited] of any.slice(0, -1).entries()) {
    const not = credited.slice();
    if (gates.role === "sender") invert(not);
    const before = none.at(-1);
    const output = `none${i + 1}`;
    if (before === undefined) none.push({ name: output, bits: not });
    else
      none.push(...(await gates.and([{ left: before, right: { name: `not${i + 1}`, bits: not }, output }])));
  }
  return none.map(({ bits }) => bits);
}
