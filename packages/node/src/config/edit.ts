// Changes to config.yaml that keep its comments and order.
import { readFile, rename, rm } from "node:fs/promises";
import { quoted } from "@halfroom/wire/words";
import { parse } from "yaml";
import { z } from "zod";
import type { NodeFolder } from "../store/folder.ts";
import { writePrivateFile } from "../store/private-file.ts";
import { policySchema, type DatasetPolicy } from "../policy/schema.ts";
import { readYaml } from "./yaml.ts";
import { readDocument } from "./load.ts";
import { datasetsSchema, nameSchema } from "./schema.ts";
import { codeOf, OperatorError, unwritable } from "../errors.ts";

/** What `init` writes. */
const FIRST_CONFIG = `# Settings of this halfroom node. Each one is also an environment variable: HALFROOM_LISTEN overrides listen.
# Where this node listens for partners, and the address at which they reach it (it goes into invitations).
listen: 127.0.0.1:7443
address: ""
# Where /healthz, /readyz and /metrics answer; not for partners.
admin: 127.0.0.1:7480

# Added by: halfroom dataset add
datasets: {}

# What each partner may do. Without a policy nothing is allowed.
policies: []
`;

/** What the file holds. */
const SETTINGS = "the settings";

/** Errors: `folder`. */
export async function writeFirstConfig(folder: NodeFolder): Promise<void> {
  await writePrivateFile(folder.configFile, SETTINGS, FIRST_CONFIG);
}

/**
 * Adds a dataset to config.yaml. Errors: `name`, `name-taken`, `definition` with a line for each bad field, `folder`,
 * `settings`.
 */
export async function addDataset(folder: NodeFolder, name: string, dataset: unknown): Promise<void> {
  assertName(name);
  const { error } = datasetsSchema.safeParse({ [name]: dataset });
  if (error !== undefined) {
    const faults = error.issues.map(({ path, message }) => {
      return `dataset ${name}, ${path.slice(1).join(".") || "definition"}: ${message}`;
    });
    throw new OperatorError("definition", faults.join("\n"));
  }
  const { document } = await readDocument(folder.configFile);
  if (document.hasIn(["datasets", name])) {
    throw new OperatorError(
      "name-taken",
      `There is a dataset ${quoted(name)} already; choose another name, or edit ${folder.configFile}.`,
    );
  }
  const datasets = document.get("datasets", true) as { flow?: boolean } | undefined;
  if (datasets !== undefined) datasets.flow = false;
  document.setIn(["datasets", name], document.createNode(dataset));
  await replaceFile(folder.configFile, document.toString());
}

/** Puts the public half of a recovery key into config.yaml. Errors: `folder`, `settings`. */
export async function setRecoveryKey(folder: NodeFolder, publicKey: string): Promise<void> {
  const { document } = await readDocument(folder.configFile);
  document.set("recovery_key", publicKey);
  await replaceFile(folder.configFile, document.toString());
}

function assertName(name: string): void {
  const fault = nameSchema.safeParse(name).error?.issues[0];
  if (fault !== undefined) throw new OperatorError("name", `dataset name: ${fault.message}.`);
}

/**
 * Removes a dataset from config.yaml; the data stays where it is. Returns the partners whose policies still name it and so
 * allow nothing. Errors: `no-dataset`.
 */
export async function removeDataset(folder: NodeFolder, name: string): Promise<string[]> {
  assertName(name);
  const { document } = await readDocument(folder.configFile);
  if (!document.deleteIn(["datasets", name])) {
    const known = Object.keys((document.toJS() as { datasets?: object } | null)?.datasets ?? {});
    const those = known.length === 0 ? "there is none yet" : `there are ${known.join(", ")}`;
    throw new OperatorError(
      "no-dataset",
      `There is no dataset ${quoted(name)} in ${folder.configFile}; ${those}.`,
    );
  }
  await replaceFile(folder.configFile, document.toString());
  const { policies = [] } = (document.toJS() ?? {}) as { policies?: PolicyName[] };
  return policies.filter(({ dataset }) => dataset === name).map(({ partner }) => partner);
}

interface PolicyName {
  readonly partner: string;
  readonly dataset: string;
}

/**
 * Adds the policies of a YAML file, one entry or a list, to config.yaml; one for the same partner and dataset is replaced.
 * Returns them. Errors: `file`, `yaml`.
 */
export async function addPolicies(folder: NodeFolder, file: string): Promise<DatasetPolicy[]> {
  const text = await readText(file);
  const policies = policiesIn(text, file);
  // As they were written: defaults are not filled in.
  const entries = [parse(text)].flat() as PolicyName[];
  const { document } = await readDocument(folder.configFile);
  const written = (document.toJS() as { policies?: PolicyName[] } | null)?.policies ?? [];
  const kept = written.filter((item) => !entries.some((entry) => isFor(item, entry)));
  document.setIn(["policies"], document.createNode([...kept, ...entries]));
  await replaceFile(folder.configFile, document.toString());
  return policies;
}

/** The form is decided first: a fault in an entry is a better message than "neither form fits". */
function policiesIn(text: string, file: string): DatasetPolicy[] {
  const isList = Array.isArray(readYaml(text, file, z.unknown()).value);
  return isList
    ? readYaml(text, file, z.array(policySchema)).value
    : [readYaml(text, file, policySchema).value];
}

function isFor(item: PolicyName, entry: PolicyName): boolean {
  return item.partner === entry.partner && item.dataset === entry.dataset;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new OperatorError("file", `Cannot read ${file} (${codeOf(cause)}).`, { cause });
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    await writePrivateFile(draft, SETTINGS, text);
    await orUnwritable(path, rename(draft, path));
  } finally {
    // What is left of the draft is in nobody's way, and no reason to hide what went wrong.
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

async function orUnwritable(path: string, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (cause) {
    throw unwritable(path, SETTINGS, cause);
  }
}
