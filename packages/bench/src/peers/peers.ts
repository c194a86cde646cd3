// A comparable package from npm, run on the same sets, on this machine, in this run. It is installed into a temporary folder
// on demand, since nothing else needs it; its install scripts do not run.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { badInput, Failure } from "../failure.ts";
import type { BenchRun, PeerRun } from "../result.ts";

const PEER = "@openmined/psi.js@2.0.6";
const SCRIPT = fileURLToPath(new URL("./peer.js", import.meta.url));
/** Larger sets take it minutes. */
const PEOPLE_MAX = 20_000;

const execute = promisify(execFile);

interface PeerResult {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly shared: number;
}

/** Runs it on the equal sets that are small enough, beside each of our cold runs over them. Throws Failure if it cannot be installed. */
export async function peerRuns(runs: readonly BenchRun[]): Promise<PeerRun[]> {
  const cold = runs.filter(
    ({ senderPeople, receiverPeople, warm }) =>
      !warm && senderPeople === receiverPeople && receiverPeople <= PEOPLE_MAX,
  );
  const folder = await mkdtemp(join(tmpdir(), "halfroom-peer-"));
  try {
    await install(folder);
    const results: PeerRun[] = [];
    for (const people of new Set(cold.map(({ receiverPeople }) => receiverPeople))) {
      const { stdout } = await execute(process.execPath, [SCRIPT, folder, String(people)]);
      const { shared, ...took } = JSON.parse(stdout) as PeerResult;
      if (shared !== people) throw new Failure(`${PEER} found ${shared} of ${people} shared people.`);
      const ours = cold.filter(({ receiverPeople }) => receiverPeople === people);
      results.push({ peer: PEER, people, ...took, beside: ours.map((run) => besideOf(run, took)) });
    }
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function besideOf(ours: BenchRun, took: Omit<PeerResult, "shared">): PeerRun["beside"][number] {
  const { transfers, link, cells, measures } = ours;
  const [ratio, cpuRatio] = [took.seconds / ours.seconds, took.cpuSeconds / ours.cpuSeconds];
  return { transfers, ...(link && { link }), cells, measures, ratio, cpuRatio };
}

async function install(folder: string): Promise<void> {
  const args = [
    "install",
    "--ignore-scripts",
    "--no-save",
    "--no-audit",
    "--no-fund",
    "--prefix",
    folder,
    PEER,
  ];
  await execute("npm", args, { cwd: folder }).catch((cause: unknown) => {
    throw badInput(`--peers could not install ${PEER} with npm.`, cause);
  });
}
