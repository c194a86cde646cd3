// This node's datasets: add, check, list, remove.
import { addDataset, checkDataset, listDatasets, readDefinition, removeDataset } from "@halfroom/node";
import { drawList, formatDecimal } from "@halfroom/report";
import { badInput, OperatorError } from "../../failure.ts";
import { parseMeasure, wholeNumber } from "../../flags.ts";
import { checkText } from "./dataset-check.ts";
import { definitionOf, givenFlags, type DefinitionFlags } from "./dataset-flags.ts";
import { withNode, type HomeFlags } from "./folder.ts";
import { say, sayJson } from "../../print.ts";

export interface AddFlags extends HomeFlags, DefinitionFlags {
  readonly name: string;
  readonly definition?: string | undefined;
}

export async function datasetAddCommand(flags: AddFlags): Promise<void> {
  await withNode(flags, async (node) => {
    const { definition } = flags;
    if (definition !== undefined) assertAlone(flags);
    const dataset = definition === undefined ? await definitionOf(flags) : await readDefinition(definition);
    await addDataset(node, flags.name, dataset);
  });
  say(
    `Added the dataset ${flags.name}. No partner may use it until a policy says so (halfroom policy add).\n` +
      `Check its data first: halfroom dataset check ${flags.name}`,
  );
}

/** Where a file with everything and flags are both given, we do not guess which was meant. */
function assertAlone(flags: AddFlags): void {
  const [given] = givenFlags(flags);
  if (given !== undefined)
    throw badInput(`--definition names a file with all settings: put what --${given} says into that file.`);
}

export interface CheckFlags extends HomeFlags {
  readonly name: string;
  readonly match: readonly string[];
  readonly measure: readonly string[];
  readonly "group-by": readonly string[];
  readonly threshold: string;
  readonly where?: string | undefined;
  readonly json: boolean;
}

export async function datasetCheckCommand(flags: CheckFlags): Promise<void> {
  const measures = flags.measure.map(parseMeasure).map(({ name, low, high, decimals }) => {
    return { name, decimals, low: formatDecimal(low, decimals), high: formatDecimal(high, decimals) };
  });
  const lists = flags["group-by"].map((columns) => columns.split(","));
  const check = await withNode(flags, (node) =>
    checkDataset(node, flags.name, {
      measures,
      match: flags.match.length === 0 ? undefined : flags.match.flatMap((keys) => keys.split(",")),
      partitions: lists.length === 0 ? undefined : lists,
      threshold: wholeNumber("threshold", flags.threshold, 1, 2 ** 31),
      where: flags.where,
    }),
  );
  if (flags.json) sayJson(check);
  else say(checkText(check));
  // The findings say what is wrong; a script that goes on only after a good check needs the exit code.
  if (check.problems.length > 0) throw new OperatorError("unusable", check.problems.join("\n"));
}

export async function datasetListCommand(flags: HomeFlags & { json: boolean }): Promise<void> {
  const datasets = await withNode(flags, listDatasets);
  if (flags.json) return sayJson(datasets);
  const rows = datasets.map(({ name, source, keys, dimensions, measures }) => {
    return [name, source, ...[keys, dimensions, measures].map((names) => names.join(", ") || "-")];
  });
  if (rows.length === 0) return say("There are no datasets yet; halfroom dataset add adds one.");
  say(drawList(["dataset", "source", "match keys", "dimensions", "measures"], rows));
}

export async function datasetRemoveCommand(flags: HomeFlags & { name: string }): Promise<void> {
  const partners = await withNode(flags, (node) => removeDataset(node, flags.name));
  say(`Removed the dataset ${flags.name} from the settings; its data stays where it is.`);
  if (partners.length > 0) {
    say(`Policies for ${partners.join(", ")} still name it; they now allow nothing.`);
  }
}
