// The flight check of a dataset: what its owner wants to know before a partner asks. All of it is the owner's alone.
import type { MeasureRequest } from "../dataset/request.ts";
import type { Dataset } from "../dataset/schema.ts";
import { preparePeople, type Inspection, type PrepareOptions } from "../prepared.ts";
import { cellsOf, PEOPLE } from "../rows/people.ts";
import { STAGED } from "../rows/stage.ts";
import type { DroppedRows } from "../tally.ts";

export interface CheckRequest {
  /** By default all declared keys. */
  readonly match?: readonly string[];
  readonly measures: readonly MeasureRequest[];
  /** By default all declared dimensions. */
  readonly dimensions?: readonly string[];
  /** Smallest number of people in a released cell. */
  readonly threshold: number;
}

interface KeyCheck {
  readonly name: string;
  /** What both parties must have in common, as it stands in the agreement. */
  readonly rules: string;
  /** Rows with a text in the key's columns that is no identifier. */
  readonly invalidRows: number;
  /** People who have the key. */
  readonly people: number;
  /** Identifiers that several people held and none of them keeps. */
  readonly shared: number;
  /** People with several identifiers, of whom the first counts. */
  readonly several: number;
}

interface MeasureCheck {
  readonly name: string;
  /** Share of the good rows without a value, 0 to 1. */
  readonly nullShare: number;
  /** Of people's sums before clipping, scaled by 10^decimals: 0 %, 1 %, 50 %, 99 %, 100 %. */
  readonly quantiles: readonly [bigint, bigint, bigint, bigint, bigint];
  readonly low: bigint;
  readonly high: bigint;
  /** People whose sum the bounds change. */
  readonly clippedBelow: number;
  readonly clippedAbove: number;
}

interface DimensionCheck {
  readonly name: string;
  readonly labels: number;
  /** Share of the good rows without a value, 0 to 1. */
  readonly nullShare: number;
  /** Labels of fewer people than the threshold, taken alone: no cell of theirs can ever pass. */
  readonly hopelessLabels: number;
}

export interface DatasetCheck {
  readonly dataset: string;
  readonly rows: number;
  readonly people: number;
  /** Rows of people who had a row before. */
  readonly merged: number;
  readonly filtered: number;
  readonly dropped: readonly DroppedRows[];
  readonly keys: readonly KeyCheck[];
  readonly measures: readonly MeasureCheck[];
  readonly dimensions: readonly DimensionCheck[];
  /** Combinations of labels that occur, over all dimensions asked for. */
  readonly cells: number;
  /** Of these, those of fewer people than the threshold: they can never pass, whoever the partner is. */
  readonly hopelessCells: number;
  readonly peopleInHopelessCells: number;
  /** SHA-256 of the prepared people, hexadecimal: the same for the same people, from wherever. */
  readonly digest: string;
}

/** Prepares the dataset and looks at it on the way. Throws `InputError`. */
export async function checkDataset(
  dataset: Dataset,
  request: CheckRequest,
  options: PrepareOptions = {},
): Promise<DatasetCheck> {
  const { threshold, measures } = request;
  const match = request.match ?? Object.keys(dataset.match);
  const dimensions = request.dimensions ?? Object.keys(dataset.dimensions);
  let invalidRows: number[] = [];
  let measureChecks: MeasureCheck[] = [];
  let nullShares: number[] = [];
  let cellChecks: CellChecks | undefined;
  const people = await preparePeople(dataset, { match, measures, partitions: [dimensions] }, options, {
    async rows(inspection) {
      invalidRows = await Promise.all(
        match.map((_, k) => one(inspection, `count(*) filter (where x${k})`, STAGED)),
      );
      measureChecks = await checkMeasures(inspection);
      nullShares = await Promise.all(dimensions.map((_, d) => nullShare(inspection, `l${d}`)));
    },
    async people(inspection) {
      cellChecks = await checkCells(inspection, threshold);
    },
  });
  const { counts, merges, keys, present, dropped, digest } = people;
  const { hopelessLabels, labels, ...cells } = cellChecks!;
  return {
    dataset: dataset.name,
    rows: counts.rows,
    people: counts.people,
    merged: counts.merged,
    filtered: counts.filtered,
    dropped,
    keys: match.map((name, k) => ({
      name,
      rules: keys[k]!,
      invalidRows: invalidRows[k]!,
      people: present.reduce((total, bits) => total + ((bits >> k) & 1), 0),
      shared: Number(merges.shared[k]),
      several: Number(merges.several[k]),
    })),
    measures: measureChecks,
    dimensions: dimensions.map((name, d) => ({
      name,
      labels: labels[d]!,
      nullShare: nullShares[d]!,
      hopelessLabels: hopelessLabels[d]!,
    })),
    ...cells,
    digest: Buffer.from(digest).toString("hex"),
  };
}

async function one({ engine, blame }: Inspection, value: string, from: string): Promise<number> {
  const [[number] = []] = await engine.rows(`select ${value} from ${from}`, blame);
  return Number(number ?? 0);
}

function nullShare(inspection: Inspection, column: string): Promise<number> {
  const share = `count(*) filter (where ${column} is null) / greatest(count(*), 1)`;
  return one(inspection, share, `${STAGED} where fault = 0`);
}

/** Sums of the first key's people, before anything is clipped or shared identifiers go. */
async function checkMeasures(inspection: Inspection): Promise<MeasureCheck[]> {
  const { engine, plan, blame } = inspection;
  const who =
    plan.dataset.person === undefined ? `coalesce(${plan.keys.map((_, k) => `i${k}`).join(", ")})` : "person";
  const checks: MeasureCheck[] = [];
  for (const [m, { name, low, high }] of plan.measures.entries()) {
    const sums = `(select coalesce(sum(m${m}), 0)::hugeint as s from ${STAGED} where fault = 0 group by ${who})`;
    const parts = [0, 0.01, 0.5, 0.99, 1].map((part) => `coalesce(quantile_disc(s, ${part}), 0)::hugeint`);
    const [[q0, q1, q50, q99, q100, below, above] = []] = await engine.rows(
      `select ${parts.join(", ")}, count(*) filter (where s < ${low}), count(*) filter (where s > ${high}) from ${sums}`,
      blame,
    );
    checks.push({
      name,
      nullShare: await nullShare(inspection, `m${m}`),
      quantiles: [q0, q1, q50, q99, q100] as unknown as MeasureCheck["quantiles"],
      low,
      high,
      clippedBelow: Number(below),
      clippedAbove: Number(above),
    });
  }
  return checks;
}

interface CellChecks {
  readonly cells: number;
  readonly hopelessCells: number;
  readonly peopleInHopelessCells: number;
  readonly labels: number[];
  readonly hopelessLabels: number[];
}

async function checkCells(inspection: Inspection, threshold: number): Promise<CellChecks> {
  const { plan } = inspection;
  const sizes = `(select count(*) as n from ${PEOPLE} group by cell0)`;
  const labelSizes = (d: number) =>
    `(select count(*) as n from ${PEOPLE} p join ${cellsOf(0)} c on p.cell0 = c.number group by c.d${d})`;
  const each = (value: string) =>
    Promise.all(plan.dimensions.map((_, d) => one(inspection, value, labelSizes(d))));
  return {
    cells: await one(inspection, "count(*)", sizes),
    hopelessCells: await one(inspection, `count(*) filter (where n < ${threshold})`, sizes),
    peopleInHopelessCells: await one(
      inspection,
      `coalesce(sum(n) filter (where n < ${threshold}), 0)`,
      sizes,
    ),
    labels: await each("count(*)"),
    hopelessLabels: await each(`count(*) filter (where n < ${threshold})`),
  };
}
