// The definition of a dataset in a file of its own, for `dataset add --definition`.
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { datasetSchema, placedSource } from "@halfroom/prepare";
import { parse } from "yaml";
import { z } from "zod";
import type { NodeFolder } from "../store/folder.ts";
import { readYaml } from "./yaml.ts";
import { readDocument } from "./load.ts";
import { nodeFields } from "./schema.ts";
import { codeOf, OperatorError } from "../errors.ts";

type Written = Record<string, unknown>;

/**
 * Reads a definition written as under `datasets:` in config.yaml. It is returned as it was written, but with absolute paths:
 * relative ones start at the file's own folder. Errors: `file`, `yaml`.
 */
export async function readDefinition(file: string): Promise<Written> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new OperatorError("file", `Cannot read ${file} (${codeOf(cause)}).`, { cause });
  });
  readYaml(text, file, definitionFile);
  // `null:` is an ordinary field here.
  const written = parse(text, { stringKeys: true }) as Written;
  return { ...written, source: placedSource(written["source"] as Written, dirname(file)) };
}

/**
 * The definition of one of a node's datasets as config.yaml holds it, but with absolute paths; undefined if there is none of
 * that name. Errors: `folder`, `settings`.
 */
export async function writtenDataset(folder: NodeFolder, name: string): Promise<Written | undefined> {
  const { document } = await readDocument(folder.configFile);
  const { datasets = {} } = (document.toJS() ?? {}) as { datasets?: Record<string, Written> };
  const written = Object.hasOwn(datasets, name) ? datasets[name] : undefined;
  if (written === undefined) return undefined;
  return { ...written, source: placedSource(written["source"] as Written, folder.path) };
}

/** The entry's fields are split between two schemas; its name comes from the command line. */
const definitionFile = z.unknown().transform((value, context) => {
  const fields = typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
  const { population, ...definition } = fields as Written;
  const ours = z.strictObject(nodeFields).safeParse({ population });
  const theirs = datasetSchema.safeParse({ ...definition, name: "definition" });
  const named = "name" in definition ? [{ code: "unrecognized_keys", keys: ["name"], path: [] }] : [];
  for (const issue of [...named, ...(ours.error?.issues ?? []), ...(theirs.error?.issues ?? [])]) {
    context.issues.push({ ...issue, input: value } as z.core.$ZodRawIssue);
  }
  return value;
});
