// What a release moves, from public sizes: of what opens, the most that can (protocol-spec.md, section 13).
import { openingBytes, productBytes } from "@halfroom/mpc";
import { layoutOf } from "./layout.ts";
import { numbersOf } from "./shape.ts";
import type { ReleaseRules, TableShape } from "./table.ts";
import { tableTripleWords } from "./triples.ts";
import { openingsAtMost } from "./widths.ts";

export interface ReleaseBytes {
  /** Transfers of either direction, of what is drawn at once. */
  readonly drawn: readonly number[];
  /** From either side: of its gates and, with a blind sender, of the products of bits and numbers. */
  readonly openings: number;
  readonly productFlips: number;
  readonly productCorrections: number;
  /** A share of the bits that are published together. */
  readonly bits: number;
  /** A share of the numbers that open, if all do. */
  readonly numbers: number;
}

export function releaseBytes(shape: TableShape, rules: ReleaseRules): ReleaseBytes {
  const words = tableTripleWords(shape, rules);
  const columns = shape.columns.length;
  const rows = rules.blindSender === true ? numbersOf(shape) / columns : 0;
  const products = productBytes(rows, columns);
  return {
    drawn: [words * 32, rows],
    openings: openingBytes(words),
    productFlips: products.flips,
    productCorrections: products.corrections,
    bits: Math.ceil(layoutOf(shape, rules).bits / 8),
    numbers: Math.ceil(openingsAtMost(shape, rules).bits / 8),
  };
}
