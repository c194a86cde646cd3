// What crediting draws of its supplies, all pieces of bins together.
import { bitWords } from "@halfroom/crypto";
import type { Draw, Draws } from "@halfroom/mpc";
import { creditedColumns } from "./steps.ts";
import { creditTripleWords, setsOf, squarePairs, TIME_BITS, type CreditTerms } from "./terms.ts";

export function creditDraws(bins: number, terms: CreditTerms): Draws {
  const { events, entries, squares } = terms;
  const rows = bitWords(bins) * 32;
  const digits: Draw = {
    purpose: "credit/digits",
    kind: "blocks",
    transfers: TIME_BITS * events * rows,
  };
  const gates: Draw = {
    purpose: "credit/gates",
    kind: "bits",
    transfers: creditTripleWords(terms, bins) * 32,
  };
  const ofEvents = creditedColumns(terms) > 0 ? events * entries : 0;
  const ofPairs = squares.length > 0 ? squarePairs(terms).length : 0;
  const products: Draw = {
    purpose: "credit/products",
    kind: "blocks",
    transfers: (ofEvents + ofPairs + setsOf(terms) * entries) * rows,
  };
  return { sender: [gates, products], receiver: [digits, gates, products] };
}
