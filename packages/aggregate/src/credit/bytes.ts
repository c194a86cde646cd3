// Bytes that crediting moves in a shard (protocol-spec.md, section 12.1), a message kind each.
import { bitWords } from "@halfroom/crypto";
import { lookupBytes, openingBytes, productBytes, type Role } from "@halfroom/mpc";
import { creditedColumns } from "./steps.ts";
import {
  boundsOf,
  creditTripleWords,
  pieceBins,
  setsOf,
  squarePairs,
  TIME_BITS,
  type CreditTerms,
} from "./terms.ts";

export interface CreditBytes {
  /** Transfers of each direction, of what is drawn at once. */
  readonly drawn: Readonly<Record<Role, readonly number[]>>;
  /** From the sender, and from the receiver. */
  readonly lookupFlips: number;
  readonly lookupTables: number;
  /** From either side. */
  readonly openings: number;
  readonly productFlips: number;
  readonly productCorrections: number;
}

export function creditBytes(bins: number, terms: CreditTerms): CreditBytes {
  const size = pieceBins(terms);
  const pieces = Array.from({ length: Math.ceil(bins / size) }, (_, i) =>
    pieceBytes(Math.min(size, bins - i * size), terms),
  );
  const sum = (member: Exclude<keyof CreditBytes, "drawn">) =>
    pieces.reduce((total, piece) => total + piece[member], 0);
  return {
    drawn: {
      sender: pieces.flatMap(({ drawn }) => drawn.sender),
      receiver: pieces.flatMap(({ drawn }) => drawn.receiver),
    },
    lookupFlips: sum("lookupFlips"),
    lookupTables: sum("lookupTables"),
    openings: sum("openings"),
    productFlips: sum("productFlips"),
    productCorrections: sum("productCorrections"),
  };
}

function pieceBytes(n: number, terms: CreditTerms): CreditBytes {
  const { events, entries } = terms;
  const rows = bitWords(n) * 32;
  const lookup = lookupBytes(n, boundsOf(terms), TIME_BITS);
  const words = creditTripleWords(terms, n);
  const products = [
    { bits: events * entries * rows, columns: creditedColumns(terms) },
    { bits: squarePairs(terms).length * rows, columns: terms.squares.length },
    { bits: setsOf(terms) * entries * rows, columns: 1 },
  ].filter(({ bits, columns }) => bits * columns > 0);
  const moved = products.map(({ bits, columns }) => productBytes(bits, columns));
  const drawn = [words * 32, ...products.map(({ bits }) => bits)];
  return {
    drawn: { sender: drawn, receiver: [...Array<number>(events).fill(TIME_BITS * rows), ...drawn] },
    lookupFlips: events * lookup.flips,
    lookupTables: events * lookup.tables,
    openings: openingBytes(words),
    productFlips: moved.reduce((sum, { flips }) => sum + flips, 0),
    productCorrections: moved.reduce((sum, { corrections }) => sum + corrections, 0),
  };
}
