// The preflight check of a dataset: what its owner wants to know before a partner asks. All of it is for the owner alone.
import { RecordStore } from "@halfroom/crypto";
import { KEYS_MAX, type Dataset } from "../dataset/schema.ts";
import { faultWords, type IdentifierFault } from "../identifiers/faults.ts";
import { encodeItems, type EncodedItems } from "../keys/items.ts";
import { preparePeople, type Inspection, type PrepareOptions } from "../prepared.ts";
import type { DroppedRows } from "../tally.ts";
import { checkCells, checkDimensions, type CellsCheck, type DimensionCheck } from "./cells.ts";
import { boundsOf, checkMeasures, type CheckedMeasure, type MeasureCheck } from "./measures.ts";
import { checkMoments, type MomentsCheck } from "./moments.ts";
import { nullShare } from "./queries.ts";
import { tooFine } from "../rows/measures.ts";
import { STAGED } from "../rows/stage.ts";
import type { SourceReading } from "../sources/open.ts";

export interface CheckRequest {
  /** By default the first three declared keys. */
  readonly match?: readonly string[] | undefined;
  readonly measures: readonly CheckedMeasure[];
  /** Lists of dimensions whose cells are counted; by default all declared dimensions together. */
  readonly partitions?: readonly (readonly string[])[] | undefined;
  /** Smallest number of people in a released cell. */
  readonly threshold: number;
  /** Counts those of the report's people who opted out, from everybody's items, which so many first people of are the report's. */
  readonly optedOut?: ((items: EncodedItems, keys: number, people: number) => Promise<number>) | undefined;
}

/** Texts of one form that are no identifiers. */
interface KeyFault {
  /** "invalid" if no form is known for it. */
  readonly form: string;
  readonly rows: number;
  readonly remedy?: string;
}

interface KeyCheck {
  readonly name: string;
  /** What both parties must have in common, as the agreement will say it. */
  readonly rules: string;
  /** Rows with text in the key's columns that is not an identifier. */
  readonly invalidRows: number;
  /** The same rows by what is wrong with the text, most frequent first. */
  readonly faults: readonly KeyFault[];
  /** People who have the key. */
  readonly people: number;
  /** Identifiers that several people held and none of them keeps. */
  readonly shared: number;
  /** People with several identifiers, of which the first counts. */
  readonly several: number;
}

export interface DatasetCheck {
  readonly dataset: string;
  readonly source: SourceReading;
  readonly rows: number;
  readonly people: number;
  /** Of these, the people who opted out and whom no session uses. */
  readonly optedOut: number;
  /** Rows of people who already had one. */
  readonly merged: number;
  readonly filtered: number;
  readonly dropped: readonly DroppedRows[];
  readonly keys: readonly KeyCheck[];
  readonly measures: readonly MeasureCheck[];
  readonly dimensions: readonly DimensionCheck[];
  readonly partitions: readonly CellsCheck[];
  /** For a dataset whose rows have a time. */
  readonly moments: MomentsCheck | undefined;
  readonly threshold: number;
  /** SHA-256 of the prepared people, hexadecimal: the same for the same people, whatever the source. */
  readonly digest: string;
}

/** Prepares the dataset and examines it on the way. Throws `InputError`. */
export async function checkDataset(
  dataset: Dataset,
  request: CheckRequest,
  options: PrepareOptions,
): Promise<DatasetCheck> {
  const { threshold } = request;
  const match = request.match ?? Object.keys(dataset.match).slice(0, KEYS_MAX);
  const dimensions = Object.keys(dataset.dimensions);
  const groupings = request.partitions ?? (dimensions.length > 1 ? [dimensions] : []);
  const measures = request.measures.map((measure) => ({ ...measure, ...boundsOf(measure) }));
  const seen: Partial<Pick<DatasetCheck, "source" | "dimensions" | "partitions" | "moments">> & {
    measures?: Awaited<ReturnType<typeof checkMeasures>>;
  } = {};
  let faults: KeyFault[][] = [];
  let nullShares: number[] = [];
  const partitions = dimensions.map((name) => [name]);
  const { records = new RecordStore() } = options;
  const people = await preparePeople(
    dataset,
    { match, measures, partitions, moments: dataset.time !== undefined },
    { ...options, records },
    {
      async rows(inspection) {
        Object.assign(seen, { source: inspection.reading });
        faults = await Promise.all(match.map((_, k) => keyFaults(inspection, k)));
        Object.assign(seen, { measures: await checkMeasures(inspection, request.measures) });
        nullShares = await Promise.all(dimensions.map((_, d) => nullShare(inspection, `l${d}`)));
        if (dataset.time !== undefined) Object.assign(seen, { moments: await checkMoments(inspection) });
      },
      async people(inspection) {
        const cells = await Promise.all(groupings.map((names) => checkCells(inspection, names, threshold)));
        Object.assign(seen, {
          dimensions: await checkDimensions(inspection, nullShares, threshold),
          partitions: cells,
        });
      },
    },
  );
  const { counts, merges, keys, present, dropped, digest } = people;
  const items = await encodeItems(people.everybody ?? people, records);
  const optedOut = (await request.optedOut?.(items, match.length, counts.people)) ?? 0;
  return {
    dataset: dataset.name,
    source: seen.source!,
    rows: counts.rows,
    people: counts.people,
    optedOut,
    merged: counts.merged,
    filtered: counts.filtered,
    dropped,
    keys: match.map((name, k) => ({
      name,
      rules: keys[k]!,
      invalidRows: faults[k]!.reduce((total, { rows }) => total + rows, 0),
      faults: faults[k]!,
      people: present.reduce((total, bits) => total + ((bits >> k) & 1), 0),
      shared: Number(merges.shared[k]),
      several: Number(merges.several[k]),
    })),
    measures: seen.measures!.map((measure) => ({
      ...measure,
      tooFineRows: dropped.find(({ reason }) => reason === tooFine(measure))?.rows ?? 0,
    })),
    dimensions: seen.dimensions!,
    partitions: seen.partitions!,
    moments: seen.moments,
    threshold,
    digest: Buffer.from(digest).toString("hex"),
  };
}

async function keyFaults({ engine, blame }: Inspection, key: number): Promise<KeyFault[]> {
  const x = `x${key}`;
  const found = await engine.rows(
    `select ${x}, count(*) from ${STAGED} where ${x} is not null group by ${x} order by count(*) desc, ${x}`,
    blame,
  );
  return found.map(([fault, rows]) => {
    const [form, remedy] = faultWords(fault as IdentifierFault);
    return { form, rows: Number(rows), ...(remedy !== undefined && { remedy }) };
  });
}
