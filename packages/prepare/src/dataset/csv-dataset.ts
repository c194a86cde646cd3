// A CSV file without a definition: columns go by the names in its header.
import { datasetSchema, type Dataset } from "./schema.ts";

export function csvDataset(
  file: string,
  match: "email",
  { measures = [], dimensions = [] }: { measures?: readonly string[]; dimensions?: readonly string[] },
): Dataset {
  const byName = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, {}]));
  const dataset = datasetSchema.parse({
    name: "file",
    source: { csv: file },
    match: { [match]: { columns: match } },
    measures: byName(measures),
    dimensions: byName(dimensions),
  });
  return dataset;
}
