// Two nodes that have met, one of which is served by the command in a process of its own.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { initNode } from "../src/api/init.ts";
import { openState } from "../src/node-state.ts";
import { nodeFolder, type NodeFolder } from "../src/store/folder.ts";

const COMMAND = fileURLToPath(new URL("../../cli/bin/halfroom.js", import.meta.url));
const PEOPLE = 60;
const MANY = 1_000_000;
/** Of the reports with noise, and what the policies allow for one. */
export const EPSILON = 8;
/** Nothing is ever refused for being asked too often, or for having cost too much. */
const POLICY = {
  threshold: 11,
  people: 10,
  exact: 1000,
  epsilon: EPSILON,
  budget: 10_000,
  lifetime_budget: 100_000,
  numbers: MANY,
  approval: "automatic",
  questions_per_hour: 100_000,
  questions_per_day: 100_000,
  statements_per_hour: 100_000,
  statements_per_day: 100_000,
};

export interface TwoProcesses {
  readonly advertiser: NodeFolder;
  readonly publisher: NodeFolder;
  /** `halfroom serve` of the publisher. */
  readonly serving: ChildProcess;
  /** HOST:PORT of it. */
  readonly address: string;
}

/** `settings` are further ones of the publisher. */
export async function startNodes(root: string, settings: object = {}): Promise<TwoProcesses> {
  const people = (name: string, column: string) =>
    [
      `email,${column}`,
      ...Array.from({ length: PEOPLE }, (_, i) => `p${i}@example.com,${name}${i % 2}`),
    ].join("\n");
  const advertiser = await makeNode(join(root, "advertiser"), people("", "revenue"), {
    dataset: { measures: { revenue: {} } },
    policy: { partner: "publisher", sum: ["revenue"] },
  });
  const publisher = await makeNode(join(root, "publisher"), people("spring-", "campaign"), {
    dataset: { dimensions: { campaign: {} } },
    policy: { partner: "advertiser", group_by: ["campaign"] },
    settings,
  });
  await pin(publisher, "advertiser", advertiser, "");
  const serving = spawn(process.execPath, [COMMAND, "serve"], {
    env: { ...process.env, HALFROOM_HOME: publisher.path },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const address = await addressOf(serving);
  await pin(advertiser, "publisher", publisher, address);
  return { advertiser, publisher, serving, address };
}

/** Ends it as an orchestrator does. */
export async function endServing({ serving }: TwoProcesses): Promise<void> {
  if (serving.exitCode !== null || serving.signalCode !== null) return;
  serving.kill("SIGTERM");
  await once(serving, "exit");
}

async function makeNode(
  path: string,
  rows: string,
  own: { readonly dataset: object; readonly policy: object; readonly settings?: object },
): Promise<NodeFolder> {
  await initNode(path);
  const folder = nodeFolder(path, {});
  writeFileSync(join(path, "data.csv"), `${rows}\n`);
  const config = {
    listen: "127.0.0.1:0",
    admin: "127.0.0.1:0",
    console: "none",
    threads: 1,
    datasets: {
      data: { source: { csv: "data.csv" }, match: { email: { columns: "email" } }, ...own.dataset },
    },
    policies: [{ ...POLICY, dataset: "data", ...own.policy }],
    ...own.settings,
  };
  writeFileSync(folder.configFile, JSON.stringify(config));
  return folder;
}

async function pin(at: NodeFolder, name: string, other: NodeFolder, address: string): Promise<void> {
  const [node, partner] = [await openState(at, {}), await openState(other, {})];
  node.partners.pin({ name, ...partner.identity, address, pinnedAt: Date.now() });
  node.close();
  partner.close();
}

/** From the line that says that it is ready; the lines after it are let go. */
async function addressOf(serving: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: serving.stderr! })) {
    const { listen } = JSON.parse(line) as { listen?: string };
    if (listen === undefined) continue;
    serving.stderr!.resume();
    return listen;
  }
  throw new Error("the publisher does not serve");
}
