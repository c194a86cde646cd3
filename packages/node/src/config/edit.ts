// Changes to config.yaml that keep its comments and order.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { quoted } from "@halfroom/wire/words";
import { parse } from "yaml";
import { z } from "zod";
import type { NodeFolder } from "../store/folder.ts";
import { replacePrivateFile, writePrivateFile } from "../store/private-file.ts";
import { policySchema, type DatasetPolicy } from "../policy/schema.ts";
import { readYaml, yamlError } from "./yaml.ts";
import { readDocument } from "./load.ts";
import { nameSchema } from "./names.ts";
import { datasetsSchema, type DatasetConfig } from "./schema.ts";
import { codeOf, OperatorError } from "../errors.ts";

/** What `init` writes. */
const FIRST_CONFIG = `# Settings of this halfroom node. Each one is also an environment variable: HALFROOM_LISTEN overrides listen.
# Where this node listens for partners, and the address at which they reach it (it goes into invitations).
listen: 127.0.0.1:7443
address: ""
# Where /healthz, /readyz and /metrics answer; not for partners.
admin: 127.0.0.1:7480
# Where the HTTP API answers; "none" for nowhere. Another machine reaches it only over TLS: console_certificate, console_key.
console: 127.0.0.1:7490

# Added by: halfroom dataset add
datasets: {}

# What each partner may do. Without a policy nothing is allowed.
policies: []
`;

/** What the file holds. */
const SETTINGS = "the settings";

/** Settings of a new node, unless there are some already: whoever installs nodes may put them there first. Errors: `folder`. */
export function writeFirstConfig(folder: NodeFolder): void {
  if (existsSync(folder.configFile)) return;
  writePrivateFile(folder.configFile, SETTINGS, FIRST_CONFIG);
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
  replacePrivateFile(folder.configFile, SETTINGS, document.toString());
}

/** Puts the public half of a recovery key into config.yaml. Errors: `folder`, `settings`. */
export async function setRecoveryKey(folder: NodeFolder, publicKey: string): Promise<void> {
  const { document } = await readDocument(folder.configFile);
  document.set("recovery_key", publicKey);
  replacePrivateFile(folder.configFile, SETTINGS, document.toString());
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
  replacePrivateFile(folder.configFile, SETTINGS, document.toString());
  const { policies = [] } = (document.toJS() ?? {}) as { policies?: PolicyName[] };
  return policies.filter(({ dataset }) => dataset === name).map(({ partner }) => partner);
}

export interface PolicyName {
  readonly partner: string;
  readonly dataset: string;
}

/** What a policy can be about. */
export interface PolicySubjects {
  /** Names of partners: pinned or invited. */
  readonly partners: readonly string[];
  readonly datasets: Readonly<Record<string, Pick<DatasetConfig, "dimensions" | "measures">>>;
}

/**
 * Adds the policies of a YAML file, one entry or a list, or of its text, to config.yaml; one for the same partner and dataset is replaced.
 * Returns them. Errors: `file`; `yaml`, also for a partner, dataset or column that is not there.
 */
export async function addPolicies(
  folder: NodeFolder,
  source: string | { readonly text: string; readonly name: string },
  subjects: PolicySubjects,
): Promise<DatasetPolicy[]> {
  const { text, name } = typeof source === "string" ? { text: await readText(source), name: source } : source;
  const policies = policiesIn(text, name, subjects);
  // As they were written: defaults are not filled in.
  const entries = [parse(text)].flat() as PolicyName[];
  const { document } = await readDocument(folder.configFile);
  const written = (document.toJS() as { policies?: PolicyName[] } | null)?.policies ?? [];
  const kept = written.filter((item) => !entries.some((entry) => isFor(item, entry)));
  document.setIn(["policies"], document.createNode([...kept, ...entries]));
  replacePrivateFile(folder.configFile, SETTINGS, document.toString());
  return policies;
}

/** The form is decided first: a fault in an entry is a better message than "neither form fits". */
function policiesIn(text: string, file: string, subjects: PolicySubjects): DatasetPolicy[] {
  const isList = Array.isArray(readYaml(text, file, z.unknown()).value);
  const { value, lineOf } = isList
    ? readYaml(text, file, z.array(policySchema))
    : readYaml(text, file, policySchema);
  const policies = [value].flat();
  const problems = policies.flatMap((policy, i) => {
    const at = (path: (string | number)[]) => (isList ? [i, ...path] : path);
    return missingIn(policy, subjects).map(({ path, fault, remedy }) => {
      return { line: lineOf(at(path)), field: at(path).join("."), fault, remedy };
    });
  });
  if (problems.length > 0) throw yamlError(file, problems);
  return policies;
}

interface Missing {
  readonly path: (string | number)[];
  readonly fault: string;
  readonly remedy: string;
}

/** What the policy names and this node does not have: it would allow nothing, and look as if it did. */
function missingIn({ partner, dataset, groupBy, sum }: DatasetPolicy, subjects: PolicySubjects): Missing[] {
  const { partners, datasets } = subjects;
  const config = Object.hasOwn(datasets, dataset) ? datasets[dataset] : undefined;
  const oneOf = (names: readonly string[], none: string) =>
    names.length === 0 ? none : `Write one of: ${names.join(", ")}.`;
  const columns = (field: string, written: readonly string[], declared: readonly string[], what: string) =>
    written.flatMap((name, i): Missing[] =>
      declared.includes(name)
        ? []
        : [
            {
              path: [field, i],
              fault: `the dataset ${quoted(dataset)} has no ${what} ${quoted(name)}`,
              remedy: oneOf(declared, `It has no ${what} at all.`),
            },
          ],
    );
  return [
    ...(partners.includes(partner)
      ? []
      : [
          {
            path: ["partner"],
            fault: `there is no partner ${quoted(partner)}`,
            remedy: oneOf(partners, "Invite or join it first: halfroom invite, halfroom join."),
          },
        ]),
    ...(config === undefined
      ? [
          {
            path: ["dataset"],
            fault: `there is no dataset ${quoted(dataset)}`,
            remedy: oneOf(Object.keys(datasets), "Add it first: halfroom dataset add."),
          },
        ]
      : [
          ...columns("group_by", groupBy, config.dimensions, "dimension"),
          ...columns("sum", sum, config.measures, "measure"),
        ]),
  ];
}

/** Takes a policy out of config.yaml. Errors: `no-policy`. */
export async function removePolicy(folder: NodeFolder, partner: string, dataset: string): Promise<void> {
  const { document } = await readDocument(folder.configFile);
  const written = (document.toJS() as { policies?: PolicyName[] } | null)?.policies ?? [];
  const at = written.findIndex((item) => isFor(item, { partner, dataset }));
  if (at < 0) throw noPolicy(partner, dataset, written);
  document.deleteIn(["policies", at]);
  replacePrivateFile(folder.configFile, SETTINGS, document.toString());
}

export function noPolicy(partner: string, dataset: string, written: readonly PolicyName[]): OperatorError {
  const names = written.map((policy) => `${policy.partner} ${policy.dataset}`).join(", ");
  const those = names === "" ? "there is none yet" : `there are those for ${names}`;
  return new OperatorError(
    "no-policy",
    `There is no policy for the partner ${quoted(partner)} and the dataset ${quoted(dataset)}; ${those}.`,
  );
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
