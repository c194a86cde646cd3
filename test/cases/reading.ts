// Datasets as exports come, written by a test into a folder of its own and read as a node reads them.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { checkDataset, datasetSchema, type DatasetCheck, type DatasetInput } from "@halfroom/prepare";
import { afterAll, beforeAll } from "vitest";

type Definition = Omit<DatasetInput, "name" | "match"> & Partial<Pick<DatasetInput, "match">>;

export interface Desk {
  /** The path of a file, or of a folder, by its name; folders on the way are made when it is written. */
  at(name: string): string;
  write(name: string, content: string | Uint8Array): Promise<string>;
  /** The flight check of a dataset whose people are found by the column `email`; measures have two decimals. */
  check(definition: Definition): Promise<DatasetCheck>;
}

export function desk(): Desk {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "halfroom-cases-"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const at = (name: string) => join(folder, name);
  return {
    at,
    async write(name, content) {
      await mkdir(dirname(at(name)), { recursive: true });
      await writeFile(at(name), content);
      return at(name);
    },
    async check(definition) {
      const dataset = datasetSchema.parse({
        name: "given",
        match: { email: { columns: "email" } },
        ...definition,
      });
      const measures = Object.keys(dataset.measures).map((name) => ({ name, decimals: 2 }));
      return await checkDataset(dataset, { measures, threshold: 11 }, { scratch: folder, threads: 1 });
    },
  };
}
