// This node's datasets by their names.
import { quoted } from "@halfroom/wire/words";
import type { Settings } from "../config/schema.ts";
import { OperatorError } from "../errors.ts";

/** Errors: `no-dataset`. */
export function namedDataset(
  { datasets }: Pick<Settings, "datasets">,
  name: string,
): Settings["datasets"][string] {
  const dataset = Object.hasOwn(datasets, name) ? datasets[name] : undefined;
  if (dataset !== undefined) return dataset;
  const known = Object.keys(datasets);
  const remedy =
    known.length === 0 ? "add one with halfroom dataset add" : `the datasets are ${known.join(", ")}`;
  throw new OperatorError("no-dataset", `There is no dataset ${quoted(name)} here; ${remedy}.`);
}
