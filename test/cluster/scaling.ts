// `npm run bench:workers -- [--workers 1,2,4,8] [--streams session] [--percent 10] [--people 160000] [--shard 2500]`: how a session's work grows with
// machines where there is one machine alone. Each worker may use so many percent of a core, by a control group of its own (version 1, root); leaders
// compute nothing themselves, and they and Redis are not bounded. Printed are the seconds of the stages that workers have a part in, how many times faster
// than the first line that is, the same by worker, and of one side the processor seconds of its leader, of the one thread there that passes streams on, and
// of its workers together, and the megabytes passed on; the most memory that each leader, and that a worker of either side, had at once.
// `--people 20000000x1000000`: so many of the publisher, so many of the advertiser.
// `--streams session,own,gateway` runs each number of workers with shards over the session's connections, over their own, and over their own through a gateway of this side.
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Running } from "../e2e/nodes/site.ts";
import { freePort } from "../ports/free-port.ts";
import { cellsOf, expectedOf, Prepared, type Companies, type Company } from "./company.ts";

const { values } = parseArgs({
  options: {
    workers: { type: "string", default: "1,2,4,8" },
    streams: { type: "string", default: "session" },
    percent: { type: "string", default: "10" },
    people: { type: "string", default: "160000" },
    shard: { type: "string", default: "2500" },
  },
});
const [ofPublisher, ofAdvertiser = ofPublisher] = values.people.split("x").map(Number);
const people = { publisher: ofPublisher!, advertiser: ofAdvertiser! };
const expected = JSON.stringify(expectedOf(people));
const CONTROLLERS = ["cpu", "cpuacct"] as const;
const PERIOD_US = 100_000;
const SHARES = 1 << 16;
const STAGES = ["pseudonymise", "match", "aggregate"];

/** A control group, for processes whose time is bounded or counted. */
class Group {
  readonly #folders: Readonly<Record<(typeof CONTROLLERS)[number], string>>;

  /** `percent`: of a core; all of the machine, if it is undefined. */
  constructor(name: string, percent?: number) {
    const folderIn = (controller: string) =>
      join("/sys/fs/cgroup", controller, `halfroom-${process.pid}-${name}`);
    this.#folders = { cpu: folderIn("cpu"), cpuacct: folderIn("cpuacct") };
    for (const folder of Object.values(this.#folders)) mkdirSync(folder, { recursive: true });
    const { cpu } = this.#folders;
    // Before all else that runs here.
    writeFileSync(join(cpu, "cpu.shares"), String(SHARES));
    if (percent === undefined) return;
    writeFileSync(join(cpu, "cpu.cfs_period_us"), String(PERIOD_US));
    writeFileSync(join(cpu, "cpu.cfs_quota_us"), String(Math.round((percent / 100) * PERIOD_US)));
  }

  /** A command line that runs the one behind it in the group, with all that it starts. */
  get runner(): readonly string[] {
    const enter = Object.values(this.#folders).map((folder) => `echo $$ > ${folder}/cgroup.procs`);
    return ["sh", "-c", `${enter.join(" && ")} && exec "$@"`, "sh"];
  }

  /** That its processes have used so far. */
  get cpuSeconds(): number {
    return Number(readFileSync(join(this.#folders.cpuacct, "cpuacct.usage"), "utf8")) / 1e9;
  }

  remove(): void {
    for (const folder of Object.values(this.#folders)) rmdirSync(folder);
  }
}

interface Measured {
  /** Of each stage, at the publisher. */
  readonly seconds: readonly number[];
  /** Of the publisher's leader, its main thread, and its workers together, from the session's start to its end. */
  readonly leaderCpu: number;
  readonly mainThreadCpu: number;
  readonly workersCpu: number;
  readonly passedMegabytes: number;
  /** Of the leader of each side, and of a worker of either. */
  readonly publisherMebibytes: number;
  readonly advertiserMebibytes: number;
  readonly workerMebibytes: number;
}

async function hire(company: Company, side: string, count: number): Promise<Group[]> {
  const groups = Array.from(
    { length: count },
    (_, i) => new Group(`${side}-worker-${i}`, Number(values.percent)),
  );
  for (const [i, { runner }] of groups.entries()) await company.hire(`worker-${i}`, {}, runner);
  return groups;
}

/** Processor seconds of a process's first thread so far (proc(5), fields 14 and 15 in hundredths of a second). */
function threadSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/task/${pid}/stat`, "utf8");
  const [user, system] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13)
    .map(Number);
  return (user! + system!) / 100;
}

/** The most of a process that was in memory at once (proc(5), VmHWM), in MiB; 0 once it has ended. */
function peakMebibytes({ child }: Running): number {
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
}

/** Runs the report, and looks all the time at the memory of the process that does, which is the advertiser's leader. */
async function run({ site }: Company): Promise<{ readonly json: string; readonly mebibytes: number }> {
  const running = site.start(["run", "roi.yaml", "--json"]);
  let mebibytes = 0;
  const watching = setInterval(() => {
    if (running.child.exitCode === null) mebibytes = Math.max(mebibytes, peakMebibytes(running));
  }, 100);
  const { exitCode, stdout, stderr } = await running.ended;
  clearInterval(watching);
  if (exitCode !== 0) throw new Error(stderr);
  return { json: stdout, mebibytes };
}

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0);

async function measure(
  { advertiser, publisher, dialAt }: Companies,
  workers: number,
  streams: string,
  made: Group[],
): Promise<Measured> {
  const sides = { advertiser, publisher };
  const hired: Group[] = [];
  for (const [side, company] of Object.entries(sides)) {
    Object.assign(company.site.env, {
      HALFROOM_IDLE_SECONDS: "3600",
      HALFROOM_LEADER_COMPUTES: "false",
      HALFROOM_SHARD_STREAMS: streams === "session" ? "session" : "own",
    });
    const groups = await hire(company, side, workers);
    made.push(...groups);
    if (company === publisher) hired.push(...groups);
  }
  const leader = new Group("publisher-leader");
  made.push(leader);
  publisher.site.runner = leader.runner;
  const serving = await publisher.site.serve({
    HALFROOM_GATEWAYS: streams === "gateway" ? "[127.0.0.0/8]" : "[]",
  });
  if (streams === "gateway") {
    const at = {
      HALFROOM_LISTEN: `127.0.0.1:${await freePort()}`,
      HALFROOM_ADMIN: `127.0.0.1:${await freePort()}`,
    };
    await publisher.gateway(at);
    await dialAt(at.HALFROOM_LISTEN);
  }
  const mainThread = () => threadSeconds(serving.child.pid!);
  const mainBefore = mainThread();
  const cpuOf = () => [leader.cpuSeconds, sumOf(hired.map(({ cpuSeconds }) => cpuSeconds))] as const;
  const before = cpuOf();
  const { json, mebibytes } = await run(advertiser);
  const after = cpuOf();
  const mainAfter = mainThread();
  const publisherMebibytes = peakMebibytes(serving);
  const all = [...advertiser.workers.values(), ...publisher.workers.values()];
  const workerMebibytes = Math.max(...all.map(peakMebibytes));
  if (JSON.stringify(cellsOf(json)) !== expected) throw new Error("the report is not the plain join");
  const metrics = await (await fetch(`http://${publisher.site.env["HALFROOM_ADMIN"]}/metrics`)).text();
  await serving.kill();
  const numberIn = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(metrics)?.[1]);
  return {
    seconds: STAGES.map((stage) => numberIn(`halfroom_stage_seconds_sum\\{stage="${stage}"\\}`)),
    leaderCpu: after[0] - before[0],
    mainThreadCpu: mainAfter - mainBefore,
    workersCpu: after[1] - before[1],
    passedMegabytes: sumOf(
      [...metrics.matchAll(/^halfroom_cluster_stream_bytes_total\{.*\} (\S+)$/gm)].map(
        ([, n]) => Number(n) / 1e6,
      ),
    ),
    publisherMebibytes,
    advertiserMebibytes: mebibytes,
    workerMebibytes,
  };
}

const say = (cells: readonly string[]) =>
  process.stdout.write(`${cells.map((cell) => cell.padStart(13)).join("")}\n`);
const prepared = await Prepared.make(people, Number(values.shard));
try {
  say([
    "workers",
    "streams",
    ...STAGES,
    "all",
    "speed",
    "per worker",
    "leader cpu s",
    "its main",
    "workers cpu s",
    "passed on MB",
    "publisher MiB",
    "advert. MiB",
    "worker MiB",
  ]);
  let first: { readonly all: number; readonly workers: number } | undefined;
  const kinds = values.streams.split(",");
  const rows = values.workers
    .split(",")
    .flatMap((count) => kinds.map((kind) => [Number(count), kind] as const));
  for (const [workers, streams] of rows) {
    const companies = await prepared.companies();
    const made: Group[] = [];
    try {
      const { seconds, ...rest } = await measure(companies, workers, streams, made);
      const all = sumOf(seconds);
      first ??= { all, workers };
      const speed = first.all / all;
      const perWorker = (speed * first.workers) / workers;
      const cells = [...seconds, all, speed, perWorker, ...Object.values(rest)];
      say([String(workers), streams, ...cells.map((number) => number.toFixed(2))]);
    } finally {
      await companies.close();
      for (const group of made) group.remove();
    }
  }
} finally {
  prepared.remove();
}
