// Shapes and rules that no release has.
import { VALUE_BITS } from "@halfroom/mpc";
import { WHOLE_BYTES_MAX } from "@halfroom/wire";
import { layoutOf } from "./layout.ts";
import { columnsFit } from "./shape.ts";
import type { ReleaseRules, TableShape } from "./table.ts";
import { widestOf } from "./widths.ts";

/** All pass bits travel in one message. */
const BITS_MAX = WHOLE_BYTES_MAX * 8;

/** Why no release has this shape and these rules, or undefined if one can. */
export function refusedShape(shape: TableShape, rules: ReleaseRules): string | undefined {
  const { partitions, categories } = shape;
  const layout = layoutOf(shape, rules);
  if (partitions.length < 1 || partitions.some((cells) => cells < 1) || categories < 1)
    return "a table has at least one partition, one cell and one category";
  if (rules.threshold < 1n) return "under a threshold below 1, empty cells would pass";
  if (rules.mode === "exact" && partitions.length > 1) return "an exact report has one partition";
  if (rules.mode === "noise" && rules.totals)
    return "with noise, totals are the sums of released cells or a partition of their own";
  if (rules.blindSender === true && !canBeBlind(shape, rules))
    return "the sender is blind only to noisy numbers of one category, opened to the receiver alone";
  if (!columnsFit(shape.columns, rules.mode)) return "the columns are not those of the mode";
  if (layout.bits > BITS_MAX)
    return `more than ${BITS_MAX} numbers to decide on: group by fewer or coarser columns`;
  if (rules.limits.measures.length !== layout.measures) return "every measure has its bounds";
  if (!noiseFits(shape, rules)) return "every column of every partition has a noise of its own";
  if (widestOf(shape, rules) > VALUE_BITS)
    return "narrow the clip bounds, or ask for less noise: a sum could leave 64 bits";
  return undefined;
}

function canBeBlind({ categories }: TableShape, { mode, opensTo }: ReleaseRules): boolean {
  return mode === "noise" && opensTo === "receiver" && categories === 1;
}

/** Whether noise comes with the mode, one for each column of each partition. */
function noiseFits({ partitions, columns }: TableShape, { mode, noise }: ReleaseRules): boolean {
  if (mode === "exact") return noise === undefined;
  return (
    noise !== undefined &&
    noise.length === partitions.length &&
    noise.every((part) => part.length === columns.length)
  );
}
