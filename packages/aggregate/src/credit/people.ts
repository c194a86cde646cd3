// A person counts once, whatever number of its entries have credited events: with the entry of the first credited event
// in the sender's order. Contributors likewise, with the first credited event whose value is not 0.
import { xorInto } from "@halfroom/crypto";
import { and, invert, joinPlanes, type Role, type TripleSource } from "@halfroom/mpc";
import type { Channel } from "@halfroom/wire";
import { columnOf, repeatEach, valuePlane } from "./steps.ts";
import { countsContributors, creditInputColumns, type CreditTerms } from "./terms.ts";

type GateChannel = Channel<"gateOpening", "gateOpening">;

/**
 * Shares of the bits that count a person, `flagsOf` planes: people of each entry, then contributors of each entry.
 * `credited`: events x entries planes; `rows`: this side's addends. Errors: `count`.
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
  const sets = [split(credited, events)];
  if (countsContributors(terms)) {
    const columns = creditInputColumns(terms);
    const withValue = Array.from({ length: events }, (_, event) =>
      valuePlane(columnOf(rows, columns, 1 + event)),
    );
    const valued = await and(ch, role, credited, repeatEach(withValue, entries), triples);
    sets.push(split(valued, events));
  }
  // Of both sets at once: for each event, the planes of all entries of the first set, then of the second.
  const ofEvent = Array.from({ length: events }, (_, event) => joinPlanes(...sets.map((set) => set[event]!)));
  const open = await noneBefore(
    ch,
    role,
    ofEvent.map((set) => creditedAtAll(set, sets.length, entries)),
    triples,
  );
  const first = ofEvent[0]!;
  if (events === 1) return first;
  const opened = open.map((plane) => repeatEach(split(plane, sets.length), entries));
  const later = await and(ch, role, joinPlanes(...ofEvent.slice(1)), joinPlanes(...opened), triples);
  for (const products of split(later, events - 1)) xorInto(first, products);
  return first;
}

/** For each set whether the event is credited to any entry: the xor over the entries, of which at most one has it. */
function creditedAtAll(ofEvent: Uint32Array, sets: number, entries: number): Uint32Array {
  const any = split(ofEvent, sets).map((set) => {
    const [first, ...others] = split(set, entries);
    const sum = first!.slice();
    for (const other of others) xorInto(sum, other);
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
