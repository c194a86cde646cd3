// Pairs of events that are both credited, for the squares of credited totals (protocol-spec.md, section 12.1).
import { joinPlanes, splitPlanes, type Gates } from "@halfroom/mpc";
import { squarePairs, type CreditTerms } from "./terms.ts";

/** A plane for each of `squarePairs`: whether both of its events are credited. `credited`: a plane for each event. */
export async function creditedPairs(
  gates: Gates,
  credited: Uint32Array,
  terms: CreditTerms,
): Promise<Uint32Array> {
  const pairs = squarePairs(terms);
  if (pairs.length === 0) return new Uint32Array(0);
  const ofEvent = splitPlanes(credited, terms.events);
  const [both] = await gates.and([
    {
      left: { name: "credited", bits: joinPlanes(...pairs.map(({ event }) => ofEvent[event]!)) },
      right: { name: "later", bits: joinPlanes(...pairs.map(({ later }) => ofEvent[later]!)) },
      output: "both",
    },
  ]);
  return both!.bits;
}
