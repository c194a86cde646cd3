// Changes to config.yaml that keep its comments and order.
import { rename, rm, writeFile } from "node:fs/promises";
import type { NodeFolder } from "../folder/folder.ts";
import { SetupError } from "../setup-error.ts";
import { readDocument } from "./load.ts";
import { datasetSchema, nameSchema } from "./schema.ts";

/** What `init` writes. */
export const FIRST_CONFIG = `# Settings of this halfroom node. Each one is also an environment variable: HALFROOM_LISTEN stands over listen.
# Where this node answers partners, and under which address they reach it (it goes into invitations).
listen: 127.0.0.1:7443
address: ""
# Where /healthz, /readyz and /metrics answer; not for partners.
admin: 127.0.0.1:7480

# Added by: halfroom dataset add
datasets: {}

# What each partner may do. Without a policy nothing is allowed.
policies: []
`;

export async function writeFirstConfig(folder: NodeFolder): Promise<void> {
  await writeFile(folder.configFile, FIRST_CONFIG, { flag: "wx", mode: 0o600, flush: true });
}

/** Adds a dataset to config.yaml. Throws SetupError for a bad name or fields, and for a name that is taken. */
export async function addDataset(folder: NodeFolder, name: string, dataset: unknown): Promise<void> {
  const fault = nameSchema.safeParse(name).error ?? datasetSchema.safeParse(dataset).error;
  if (fault !== undefined) {
    const { path, message } = fault.issues[0]!;
    throw new SetupError(`dataset ${path.join(".") || "name"}: ${message}.`);
  }
  const { document } = await readDocument(folder.configFile);
  if (document.hasIn(["datasets", name])) {
    throw new SetupError(
      `There is a dataset "${name}" already; choose another name, or edit ${folder.configFile}.`,
    );
  }
  const datasets = document.get("datasets", true) as { flow?: boolean } | undefined;
  if (datasets !== undefined) datasets.flow = false;
  document.setIn(["datasets", name], document.createNode(dataset));
  await replaceFile(folder.configFile, document.toString());
}

async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(draft, text, { flag: "wx", mode: 0o600, flush: true });
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}
