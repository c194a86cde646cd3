// Two nodes that have met, each in a folder of its own, with a policy that allows the benchmark's report.
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { countedSince, metricsOf } from "../bytes/counted.ts";
import type { CountedBytes } from "../bytes/kinds.ts";
import type { LineEnd } from "../line/line.ts";
import type { Transfers } from "../result.ts";
import { run, startUntil, type Site } from "./halfroom.ts";
import { amounts, type PeopleFiles, type Sizes } from "./people-files.ts";

/** What a session left behind. */
export interface Ended {
  /** The stored reports of both sides, as JSON. */
  readonly reports: readonly [sender: string, receiver: string];
  /** The receipt that both signed, as JSON. */
  readonly receipt: string;
  /** What it moved, by kind of message. */
  readonly moved: readonly CountedBytes[];
}

export interface NodePair {
  /** Runs a session that the sender proposes. */
  session(threshold: number): Promise<Ended>;
  close(): Promise<void>;
}

export interface PairOptions {
  readonly threads: number;
  readonly otK: string;
  readonly transfers: Transfers;
  /** Without noise. That costs one more column, in which an exact report counts the people whose amount is not zero. */
  readonly exact: boolean;
  /** Where the sender and the receiver run; without it both on this machine's own network. */
  readonly ends: readonly [LineEnd, LineEnd] | undefined;
}

export async function openPair(
  folder: string,
  sizes: Sizes,
  files: PeopleFiles,
  { threads, ends, ...asked }: PairOptions,
): Promise<NodePair> {
  const [sender, receiver] = await Promise.all([
    openSite(join(folder, "sender"), threads, ends?.[0]),
    openSite(join(folder, "receiver"), threads, ends?.[1]),
  ]);
  await run(
    [
      "dataset",
      "add",
      "purchases",
      `--file=${files.sender}`,
      "--match=email=email",
      ...amounts(sizes).map((name) => `--measure=${name}`),
    ],
    sender,
  );
  await run(
    ["dataset", "add", "exposures", `--file=${files.receiver}`, "--match=email=email", "--dimension=segment"],
    receiver,
  );
  const close = await startUntil(["serve"], receiver, '"msg":"ready"');
  try {
    const token = (await run(["invite", "--name=sender"], receiver)).trim();
    await run(["join", token, "--name=receiver"], sender);
    const policies = await writePolicies(folder, sizes);
    await run(["policy", "add", policies.sender], sender);
    await run(["policy", "add", policies.receiver], receiver);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    close,
    session: async (threshold) => {
      const request = join(folder, `report-${threshold}.yaml`);
      await writeFile(request, requestText(sizes, threshold, asked));
      const before = await metricsOf(receiver);
      const report = await run(["run", request, "--json", "--progress=none"], sender);
      const { session } = (JSON.parse(report) as { origin: { session: string } }).origin;
      return {
        reports: [report, await run(["report", session, "--json"], receiver)],
        receipt: await run(["audit", "receipt", session, "--json"], sender),
        moved: await countedSince(before, () => metricsOf(receiver)),
      };
    },
  };
}

/** A new node. */
async function openSite(home: string, threads: number, end: LineEnd | undefined): Promise<Site> {
  await mkdir(home, { recursive: true });
  // The network of an end has no other programs.
  const [listen, admin] =
    end === undefined ? [await freeAddress(), await freeAddress()] : [`${end.host}:7443`, "127.0.0.1:7444"];
  const env = {
    HALFROOM_HOME: home,
    HALFROOM_LISTEN: listen,
    HALFROOM_ADDRESS: listen,
    HALFROOM_ADMIN: admin,
    HALFROOM_CONSOLE: "none",
    HALFROOM_THREADS: String(threads),
    HALFROOM_IDLE_SECONDS: "3600",
  };
  const site = { env, prefix: end?.prefix ?? [] };
  await run(["init"], site);
  return site;
}

async function freeAddress(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `127.0.0.1:${port}`;
}

async function writePolicies(folder: string, sizes: Sizes): Promise<{ sender: string; receiver: string }> {
  const common =
    "threshold: 11\npeople: 1\nexact: 1000\nepsilon: 100\nbudget: 1000\nnumbers: 1000000000\nevaluations: 100000000\nstatements_per_hour: 10000\nstatements_per_day: 10000\napproval: automatic\n";
  const files = { sender: join(folder, "sender.yaml"), receiver: join(folder, "receiver.yaml") };
  await writeFile(
    files.sender,
    `partner: receiver\ndataset: purchases\nsum: [${amounts(sizes).join(", ")}]\n${common}`,
  );
  await writeFile(files.receiver, `partner: sender\ndataset: exposures\ngroup_by: [segment]\n${common}`);
  return files;
}

/** Of the people, and of each sum. */
const EPSILON_OF_COLUMN = 2;

function requestText(
  sizes: Sizes,
  threshold: number,
  { otK, transfers, exact }: Pick<PairOptions, "otK" | "transfers" | "exact">,
): string {
  const measures = amounts(sizes).map((name) => `    ${name}: { low: 0, high: 500, decimals: 2 }`);
  return `partner: receiver
ours:
  dataset: purchases
  measures:
${measures.join("\n")}
theirs:
  dataset: exposures
  group_by: [segment]
threshold: ${threshold}
${exact ? "exact: true" : `epsilon: ${EPSILON_OF_COLUMN * (1 + sizes.measures)}`}
ot_k: ${otK}
transfers: ${transfers}
`;
}
