// The preflight check of one of this node's datasets.
import { checkDataset, type CheckRequest, type DatasetCheck } from "@halfroom/prepare";
import { quoted } from "@halfroom/wire/words";
import type { NodeState } from "../node-state.ts";
import { countSuppressed } from "./leave-out.ts";
import { withRecords } from "../store/records.ts";
import { placed } from "./prepare-dataset.ts";
import { datasetAt } from "../series/relative-dates.ts";
import { OperatorError } from "../errors.ts";

export interface DatasetQuestion {
  /** Match keys; by default the first three that are declared. */
  readonly match?: readonly string[] | undefined;
  /** Measures with the bounds that a report would have; the others are examined without bounds. */
  readonly measures: CheckRequest["measures"];
  readonly partitions?: readonly (readonly string[])[] | undefined;
  readonly threshold: number;
  /** A report's own filter. */
  readonly where?: string | undefined;
}

/** For measures whose number of decimals nobody has stated. */
const DECIMALS_UNKNOWN = 6;

/** Reads the data and keeps nothing. Errors: `no-dataset`; InputError for the data. */
export async function checkNodeDataset(
  node: Pick<NodeState, "folder" | "rules" | "scratch" | "suppressed" | "clock">,
  name: string,
  question: DatasetQuestion,
): Promise<DatasetCheck> {
  const { datasets } = await node.rules();
  const dataset = Object.hasOwn(datasets, name) ? datasets[name] : undefined;
  if (dataset === undefined) {
    const known = Object.keys(datasets);
    const those = known.length === 0 ? "halfroom dataset add names one" : `there are ${known.join(", ")}`;
    throw new OperatorError("no-dataset", `There is no dataset ${quoted(name)}: ${those}.`);
  }
  const asked = new Set(question.measures.map((measure) => measure.name));
  const others = dataset.measures.filter((measure) => !asked.has(measure));
  const measures = [
    ...question.measures,
    ...others.map((measure) => ({ name: measure, decimals: DECIMALS_UNKNOWN })),
  ];
  const { where, ...rest } = question;
  const request: CheckRequest = {
    ...rest,
    measures,
    optedOut: (items, keys, people) => countSuppressed(items, node.suppressed, 2 ** keys - 1, people),
  };
  const definition = datasetAt(placed(node.folder, dataset), node.clock.now());
  return await withRecords(node.scratch, async (records) =>
    checkDataset(definition, request, { where, scratch: await node.scratch.open(), records }),
  );
}
