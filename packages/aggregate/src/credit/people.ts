// A person counts once, whatever number of its entries have credited events: with the entry of the first credited event
// in the sender's order. Contributors likewise, with the first credited event whose value is not 0.
import { xorInto } from "@halfroom/crypto";
import { and, invert, joinPlanes, type Role, type TripleSource } from "@halfroom/mpc";
import type { Channel } from "@halfroom/wire";
import { bitPlane, columnOf, repeatEach } from "./steps.ts";
import { inputColumns, setsOf, type CreditTerms } from "./terms.ts";

type GateChannel = Channel<"gateOpening", "gateOpening">;

/**
 * Shares of the bits that count a person: for each set of `setsOf` a plane for each entry. `credited`: events x entries
 * planes; `rows`: this side's addends. Errors: `count`.
 */
export async function countedOnce(
  ch: GateChannel,
  role: Role,
  credited: Uint32Array,
  rows: Uint32Array,
  terms: CreditTerms,
  triples: TripleSource,
): Promise<Uint32Array> {
  const { events, entries } = terms;
  const sets = [credited, ...(await creditedWithValue(ch, role, credited, rows, terms, triples))];
  // Of all sets at once: for each event, the planes of all entries of the first set, then of the second, ...
  const ofEvent = Array.from({ length: events }, (_, event) =>
    joinPlanes(...sets.map((set) => split(set, events)[event]!)),
  );
  const first = ofEvent[0]!;
  if (events === 1) return first;
  const any = ofEvent.map((planes) => creditedAtAll(planes, sets.length, entries));
  const open = await noneBefore(ch, role, any, triples);
  const opened = open.map((planes) => repeatEach(split(planes, sets.length), entries));
  const later = await and(ch, role, joinPlanes(...ofEvent.slice(1)), joinPlanes(...opened), triples);
  for (const products of split(later, events - 1)) xorInto(first, products);
  return first;
}

/** For each measure with contributors the credited events whose value is not 0: events x entries planes. */
async function creditedWithValue(
  ch: GateChannel,
  role: Role,
  credited: Uint32Array,
  rows: Uint32Array,
  terms: CreditTerms,
  triples: TripleSource,
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
  const repeated = repeatEach([credited], measures);
  return split(await and(ch, role, repeated, repeatEach(notZero.flat(), entries), triples), measures);
}

/** For each set whether the event is credited to any entry: the xor over the entries, of which at most one has it. */
function creditedAtAll(ofEvent: Uint32Array, sets: number, entries: number): Uint32Array {
  const any = split(ofEvent, sets).map((set) => {
    const sum = new Uint32Array(set.length / entries);
    for (const entry of split(set, entries)) xorInto(sum, entry);
    return sum;
  });
  return joinPlanes(...any);
}

/** For each event but the first whether none before it is credited. `any`: for each event whether it is. */
async function noneBefore(
  ch: GateChannel,
  role: Role,
  any: readonly Uint32Array[],
  triples: TripleSource,
): Promise<Uint32Array[]> {
  const none: Uint32Array[] = [];
  for (const credited of any.slice(0, -1)) {
    const not = credited.slice();
    if (role === "sender") invert(not);
    const before = none.at(-1);
    none.push(before === undefined ? not : await and(ch, role, before, not, triples));
  }
  return none;
}

function split(words: Uint32Array, parts: number): Uint32Array[] {
  const length = words.length / parts;
  return Array.from({ length: parts }, (_, i) => words.subarray(i * length, (i + 1) * length));
}
