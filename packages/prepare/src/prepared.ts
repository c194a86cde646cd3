// A dataset's people: rows read, filtered and grouped, before they take either role's shape.
import { RecordStore } from "@halfroom/crypto";
import type { Dataset } from "./dataset/schema.ts";
import { planOf, type Plan, type PrepareRequest } from "./dataset/request.ts";
import { Engine, type Blame, type EngineOptions } from "./engine/engine.ts";
import { InputError } from "./errors.ts";
import { fetchPeople, type PeopleColumns } from "./people/fetch.ts";
import { digestOfPeople } from "./people/digest.ts";
import { Reasons } from "./rows/faults.ts";
import { groupPeople, type MergeCounts } from "./rows/people.ts";
import { STAGED, Stager } from "./rows/stage.ts";
import { placeOf, tallyRows } from "./rows/tally-rows.ts";
import { openSource, type SourceReading } from "./sources/open.ts";
import type { Part } from "./sources/part.ts";
import { rowCounts, type DroppedRows, type RowCounts } from "./tally.ts";

export interface PrepareOptions extends EngineOptions {
  /** The owner's own filter for this report, an SQL condition; never text from a partner. */
  readonly where?: string | undefined;
  /** Where people's digests lie, for as long as they are used; by default all in memory. */
  readonly records?: RecordStore | undefined;
}

/** Longest label in bytes of UTF-8. */
const LABEL_BYTES_MAX = 1024;

export interface PreparedPeople extends PeopleColumns {
  readonly counts: RowCounts;
  readonly dropped: readonly DroppedRows[];
  readonly merges: MergeCounts;
  /** For each measure: how many people lay outside of its bounds. */
  readonly clipped: readonly number[];
  /** SHA-256 over everything that enters a session; the same for the same people, whatever the source and order. */
  readonly digest: Uint8Array;
}

/** What a check examines while the tables still exist. */
export interface Inspection {
  readonly engine: Engine;
  readonly plan: Plan;
  readonly parts: readonly Part[];
  readonly blame: Blame;
  readonly reading: SourceReading;
}

export interface Inspector {
  /** Called while the staged rows exist. */
  rows(inspection: Inspection): Promise<void>;
  /** Called while the people exist. */
  people(inspection: Inspection): Promise<void>;
}

/** Reads, filters and groups a dataset. Throws `InputError`; either way it leaves nothing behind. */
export async function preparePeople(
  dataset: Dataset,
  request: PrepareRequest,
  options: PrepareOptions,
  inspector?: Inspector,
): Promise<PreparedPeople> {
  const plan = planOf(dataset, request);
  const { records = new RecordStore() } = options;
  const engine = await Engine.open(options);
  try {
    const { parts, reading, assertUnchanged } = await openSource(engine, dataset);
    const reasons = new Reasons();
    const blame: Blame = {
      code: "expression",
      file: `dataset ${dataset.name}`,
      remedy: "A value does not fit an expression of the dataset: use try_cast in it.",
    };
    await new Stager(engine, plan, reasons, options.where).stage(parts);
    await assertUnchanged();
    await assertLabels(engine, plan, parts, blame);
    const { rows, filtered, dropped } = await tallyRows(engine, reasons, parts, blame);
    const inspection = { engine, plan, parts, blame, reading };
    await inspector?.rows(inspection);
    const merges = await groupPeople(engine, plan, blame);
    const columns = await fetchPeople(engine, plan, merges.outside, records, blame);
    await inspector?.people(inspection);
    const lost = Number(merges.lostRows);
    const allDropped =
      lost === 0
        ? dropped
        : [...dropped, { reason: "identifiers of several people", rows: lost, examples: [] }];
    const counts = rowCounts(rows, columns.count, filtered, allDropped);
    const clipped = columns.events?.clipped ?? merges.clipped.map(Number);
    const digest = await digestOfPeople(columns, plan);
    return { ...columns, counts, dropped: allDropped, merges, clipped, digest };
  } finally {
    await engine.close();
  }
}

async function assertLabels(engine: Engine, plan: Plan, parts: readonly Part[], blame: Blame): Promise<void> {
  for (const [d, { name, pick }] of plan.dimensions.entries()) {
    if (pick === "sum") continue;
    const [[ord] = []] = await engine.rows(
      `select min(ord) from ${STAGED} where fault = 0 and strlen(d${d}) > ${LABEL_BYTES_MAX}`,
      blame,
    );
    if (typeof ord !== "bigint") continue;
    const remedy = "Shorten it, or group by another column.";
    throw new InputError("label", { ...placeOf(ord, parts), field: name, remedy });
  }
}
