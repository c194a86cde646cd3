// From this side's share of the table to the numbers that were opened: the terms of the report as the rules of the release,
// this side's noise, and its own people beside the matched ones.
import { ringArray, type RingArray, type Rng } from "@halfroom/crypto";
import { bothEnds, Gates, TriplePool, type OtSource, type Role, type Triples } from "@halfroom/mpc";
import {
  drawNoise,
  openingsAtMost,
  refusedShape,
  releaseBytes,
  releaseTable,
  tableColumns,
  tableTripleWords,
  type ReleaseBytes,
  type ReleaseRules,
  type TableShape,
  type Transcript,
} from "@halfroom/release";
import { ProtocolError, type OpenChannel } from "@halfroom/wire";
import type { AgreementContent } from "../agreement/agreement.ts";
import { layoutOf, type Layout } from "./layout.ts";
import { limitsOf, peopleBound } from "../terms/bounds.ts";
import { noisePlanOf } from "../terms/noise-plan.ts";
import { isSenderBlind } from "../terms/blind.ts";
import { drawBaseNoise } from "./told-bases.ts";
import type { Terms } from "../terms/terms.ts";

/** The release is one for all shards; its transfers are those of this number. */
export const RELEASE = 0;

/** This side's share of the table, and what it knows beside it. */
export interface TableShare {
  readonly session: Uint8Array;
  readonly role: Role;
  readonly terms: Terms;
  readonly content: TableSizes;
  readonly layout: Layout;
  readonly rng: Rng;
  readonly transfers: OtSource;
  /** As many words as `releaseTripleWords`. */
  readonly triples: Triples;
  /** cells x columns numbers. */
  readonly shares: RingArray;
  /** This side's noise; undefined in an exact report. */
  readonly noise: SideNoise | undefined;
  /** This side's own people: by row of the table (receiver, 0 where nobody is), by place of the category (sender). */
  readonly bases: Uint32Array;
}

/** One side's noise, all of it drawn before it signs. */
export interface SideNoise {
  /** One addend for each number of the table. */
  readonly table: BigInt64Array;
  /** The receiver's, where it tells its bases: one addend for each row. */
  readonly bases: BigInt64Array | undefined;
}

/** What was opened of one category in one cell. */
export interface OpenedBlock {
  /** Row in the table. */
  readonly cell: number;
  /** Place of the category in the table. */
  readonly category: number;
  /** One for each column of the block; undefined where it did not pass. */
  readonly numbers: readonly (bigint | undefined)[];
  /** Over 85 % of a base that the block belongs to match, and the rules hide its numbers. */
  readonly overPair: boolean;
}

export interface OpenedTable {
  /** By cell, then category. */
  readonly blocks: readonly OpenedBlock[];
  /** If the terms ask for totals: for each category the numbers of a block, over all cells. */
  readonly totals: readonly (readonly (bigint | undefined)[])[] | undefined;
  /** Places of the categories of which a total opened; public, so that a side without the numbers has them too. */
  readonly totalPlaces: readonly number[];
  /** As in `ReleaseOutcome`. */
  readonly impossible: string | undefined;
}

/**
 * This side's noise for the table of these statements, of which each number gets one draw; undefined in an exact report. How long
 * drawing takes depends on what is drawn, so it ends before a side signs.
 */
export function drawSideNoise(terms: Terms, sizes: TableSizes, role: Role, rng: Rng): SideNoise | undefined {
  const layout = statedLayout(terms, sizes);
  const { shape, rules } = releaseOf(terms, sizes, layout);
  if (rules.noise === undefined) return undefined;
  return {
    table: drawNoise(shape, rules.noise, rng.fork("noise")),
    bases: role === "receiver" ? drawBaseNoise(terms, layout, rng) : undefined,
  };
}

/**
 * Has the budget taken for the noise (undefined in an exact report), tests and opens.
 * Errors: those of `takeBudget` and of the release.
 */
export async function openTable(
  ch: OpenChannel,
  share: TableShare,
  transcript: Transcript,
  takeBudget: (noise: Uint8Array | undefined) => void,
): Promise<OpenedTable> {
  const { role, session, layout, rng, noise } = share;
  const { shape, rules } = releaseOf(share.terms, share.content, layout);
  takeBudget(noise && noiseBytes(noise));
  const shares = releasedRows(share.shares, layout);
  const bases = role === "sender" ? share.bases : releasedBases(share.bases, layout);
  const outcome = await releaseTable({
    ch,
    role,
    session,
    shape,
    rules,
    own: { shares, noise: noise?.table, bases },
    gates: new Gates(ch, role, new TriplePool(share.triples)),
    products: () => bothEnds(share.transfers, "release/products", RELEASE),
    rng: rng.fork("release"),
    transcript,
  });
  return openedTable(outcome, shape, layout);
}

/** As the ledger keeps it: the table's, then that of the bases. */
function noiseBytes({ table, bases }: SideNoise): Uint8Array {
  const all = new BigInt64Array(table.length + (bases?.length ?? 0));
  all.set(table);
  if (bases !== undefined) all.set(bases, table.length);
  return new Uint8Array(all.buffer);
}

/** Words of triples that the release takes. */
export function releaseTripleWords(terms: Terms, sizes: TableSizes): number {
  const { shape, rules } = releaseOf(terms, sizes, statedLayout(terms, sizes));
  return tableTripleWords(shape, rules);
}

/** What the release of a session of this agreement moves at most. */
export function bytesOfRelease(terms: Terms, sizes: TableSizes): ReleaseBytes {
  const { shape, rules } = releaseOf(terms, sizes, statedLayout(terms, sizes));
  return releaseBytes(shape, rules);
}

/** What a release follows from besides the terms: the people of both sides, categories and cells, as stated. */
export interface TableSizes {
  readonly sender: Pick<AgreementContent["sender"], "people" | "categories">;
  readonly receiver: Pick<AgreementContent["receiver"], "people" | "cells">;
}

/**
 * Both sides know from their statements whether a session of these terms can have its table; nobody signs what cannot.
 * Errors: `refused`, if too many numbers would travel with each person, or too many would have to be decided on.
 */
export function assertTable(terms: Terms, sizes: TableSizes): void {
  const { shape, rules } = releaseOf(terms, sizes, statedLayout(terms, sizes));
  const refused = refusedShape(shape, rules);
  if (refused !== undefined) throw new ProtocolError("refused", refused);
}

/**
 * What a session of this agreement may open at most: numbers, padding cells included, and the bits of all of them together (13.3). A
 * partner that alters what it adds to them learns these bits and no more. Errors: `refused` as `assertTable`.
 */
export function numbersAtMost({ terms, ...sizes }: TableSizes & { readonly terms: Terms }): {
  readonly numbers: number;
  readonly bits: number;
} {
  const { shape, rules } = releaseOf(terms, sizes, statedLayout(terms, sizes));
  return openingsAtMost(shape, rules);
}

function statedLayout(terms: Terms, { sender, receiver }: TableSizes): Layout {
  return layoutOf(terms, { categories: sender.categories, cells: receiver.cells });
}

function releaseOf(
  terms: Terms,
  sizes: TableSizes,
  layout: Layout,
): { shape: TableShape; rules: ReleaseRules } {
  return { shape: releaseShape(terms, layout), rules: releaseRules(terms, sizes) };
}

/** The table without spare cells, which hold nothing. */
function releaseShape({ measures, release }: Terms, layout: Layout): TableShape {
  const spare = layout.spareCells ? 1 : 0;
  const columns = tableColumns(
    measures.map(({ squares }) => ({ squares })),
    release.mode,
  );
  return {
    partitions: layout.partitionCells.map((cells) => cells - spare),
    categories: layout.categories,
    columns,
  };
}

function releaseRules(terms: Terms, { sender, receiver }: TableSizes): ReleaseRules {
  const { release, rules, totals, resultTo, entriesMax, events } = terms;
  return {
    mode: release.mode,
    noise: noisePlanOf(terms)?.noise,
    limits: limitsOf(terms, { sender: sender.people, receiver: receiver.people }),
    threshold: BigInt(peopleBound(terms)),
    pair: rules === "pair",
    totals,
    // Where events are credited, a person counts in one row.
    entriesMax: events === undefined ? entriesMax : 1,
    opensTo: resultTo,
    blindSender: isSenderBlind(terms),
  };
}

/** Rows of the table that may be released. */
function releasableRows({ cells, firstCells, spareCells }: Layout): number[] {
  const spare = new Set(spareCells ? firstCells : []);
  return Array.from({ length: cells }, (_, row) => row).filter((row) => !spare.has(row));
}

function releasedRows(shares: RingArray, layout: Layout): RingArray {
  if (!layout.spareCells) return shares;
  const width = layout.columns * 2;
  const rows = releasableRows(layout);
  const kept = ringArray(rows.length * layout.columns);
  rows.forEach((row, i) => kept.set(shares.subarray(row * width, (row + 1) * width), i * width));
  return kept;
}

function releasedBases(bases: Uint32Array, layout: Layout): Uint32Array {
  return layout.spareCells ? Uint32Array.from(releasableRows(layout), (row) => bases[row]!) : bases;
}

function openedTable(
  { table, rows, pair: facts, totals, impossible }: Awaited<ReturnType<typeof releaseTable>>,
  { categories, columns }: TableShape,
  layout: Layout,
): OpenedTable {
  const rowOf = releasableRows(layout);
  const numbersFrom = ({ opened, values }: typeof table, start: number) =>
    columns.map((_, i) => (opened[start + i] === 1 ? values?.[start + i] : undefined));
  const blocks: OpenedBlock[] = [];
  for (const row of rows) {
    for (let category = 0; category < categories; category++) {
      const pair = row * categories + category;
      const passed = table.opened.subarray(pair * columns.length, (pair + 1) * columns.length).includes(1);
      const over = facts?.pairs[pair] === 1;
      if (!passed && !over) continue;
      const numbers = numbersFrom(table, pair * columns.length);
      blocks.push({ cell: rowOf[row]!, category, numbers, overPair: over });
    }
  }
  const places = Array.from({ length: categories }, (_, category) => category);
  const startOf = (category: number) => category * columns.length;
  return {
    blocks,
    totals: totals && places.map((category) => numbersFrom(totals, startOf(category))),
    totalPlaces: places.filter((category) =>
      totals?.opened.subarray(startOf(category), startOf(category + 1)).includes(1),
    ),
    impossible,
  };
}
