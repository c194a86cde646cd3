// One list of rows in every kind of file, and what a check makes of it.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkDataset, datasetSchema, type DatasetCheck, type DatasetInput } from "@halfroom/prepare";
import { writeParquet } from "@halfroom/testkit";
import { afterAll, beforeAll } from "vitest";

/** Everything of a definition but its name and source. */
export type Definition = Omit<DatasetInput, "name" | "source">;

/** Bounds of measures in a check. */
export type Bounds = readonly { name: string; low: bigint; high: bigint; decimals: number }[];

export interface Files {
  /** Writes text and returns the file's path. */
  write(name: string, content: string | Uint8Array, mode?: number): Promise<string>;
  /** Writes what a SELECT gives to a Parquet file and returns its path. */
  parquet(name: string, select: string): Promise<string>;
  check(source: DatasetInput["source"], definition: Definition, bounds?: Bounds): Promise<DatasetCheck>;
}

/** Files in a folder of their own, which is removed at the end. */
export function caseFiles(): Files {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "halfroom-cases-"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  return {
    async write(name, content, mode) {
      await writeFile(join(folder, name), content, { mode });
      return join(folder, name);
    },
    async parquet(name, select) {
      const file = join(folder, name);
      await writeParquet(file, select);
      return file;
    },
    async check(source, definition, bounds = []) {
      const dataset = datasetSchema.parse({ name: "list", source, ...definition });
      const measures = bounds.map(({ name, low, high, decimals }) => ({
        name,
        decimals,
        bounds: { low, high },
      }));
      return await checkDataset(dataset, { measures, threshold: 11 }, { scratch: folder, threads: 1 });
    },
  };
}

/** How many rows were left out, by reason. */
export function lost({ dropped }: DatasetCheck): Record<string, number> {
  return Object.fromEntries(dropped.map(({ reason, rows }) => [reason, rows]));
}

export const lines = (rows: readonly string[]): string => `${rows.join("\n")}\n`;
