// What is measured: each combination of what the flags list.
import { wholeNumber, wholeNumbers, words, type Flags } from "../flags.ts";
import { lineSpecs, type LineSpec } from "../line/line.ts";
import { TRANSFERS, type Transfers } from "../result.ts";
import type { Sizes } from "./people-files.ts";

const ROWS_MAX = 12_000_000;
const SIZES = [10_000, 100_000, 1_000_000];
const FULL_SIZE = 10_000_000;
const FEW = 10_000;
const MANY = 1_000_000;
/** What a report may have (protocol-spec.md, section 4). */
const CELLS_MAX = 65_536;
const MEASURES_MAX = 16;

export interface Case {
  readonly sizes: Sizes;
  readonly transfers: Transfers;
  readonly link: LineSpec | undefined;
}

type People = Pick<Sizes, "senderPeople" | "receiverPeople">;

/** Those that differ in transfers and link alone follow each other, since a machine is not the same an hour later. */
export function casesOf(flags: Flags): readonly Case[] {
  const cells = wholeNumbers("cells", flags.cells, 1, CELLS_MAX);
  const measures = wholeNumbers("measures", flags.measures, 1, MEASURES_MAX);
  const transfers = words("transfers", flags.transfers, TRANSFERS);
  const links = lineSpecs(flags.link ?? "none");
  const people = peopleOf(flags);
  const sizes = cells.flatMap((each) =>
    measures.flatMap((sums) => people.map((sets) => ({ ...sets, cells: each, measures: sums }))),
  );
  return sizes.flatMap((size) =>
    links.flatMap((link) => transfers.map((source) => ({ sizes: size, transfers: source, link }))),
  );
}

/** The requested sets, or all of them including the unequal ones. */
function peopleOf(flags: Flags): readonly People[] {
  const equal = (people: number): People => ({ senderPeople: people, receiverPeople: people });
  const { rows, "sender-rows": senderRows } = flags;
  if (rows !== undefined || senderRows !== undefined || flags.link !== undefined) {
    return (rows ?? "100000").split(",").map((text) => {
      const receiverPeople = wholeNumber("rows", text, 1, ROWS_MAX);
      if (senderRows === undefined) return equal(receiverPeople);
      return { senderPeople: wholeNumber("sender-rows", senderRows, 1, ROWS_MAX), receiverPeople };
    });
  }
  return [
    ...SIZES.map(equal),
    ...(flags.full ? [equal(FULL_SIZE)] : []),
    { senderPeople: MANY, receiverPeople: FEW },
    { senderPeople: FEW, receiverPeople: MANY },
  ];
}
