// `npm run bench:workers -- [--workers 0,1,2,4,8] [--percent 5]`: how a session's work grows with machines where there is one machine alone: each leader and
// each worker may use so many percent of a core, by a control group of its own (version 1, root), and 0, 1, 2, ... workers a side do the same report. Redis is not
// bounded. Printed are the seconds of the stages that workers have a part in, how many times faster than the first line that is, and the same per machine of a side.
import { mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cellsOf, EXPECTED, Prepared, type Companies, type Company } from "./company.ts";

const { values } = parseArgs({
  options: {
    workers: { type: "string", default: "0,1,2,4,8" },
    percent: { type: "string", default: "5" },
  },
});
const GROUPS = "/sys/fs/cgroup/cpu";
const PERIOD_US = 100_000;
const STAGES = ["pseudonymise", "match", "aggregate"];
const quotaUs = Math.round((Number(values.percent) / 100) * PERIOD_US);

/** A command line that runs the one behind it in a control group of its own, with all that it starts. */
function bounded(group: string): readonly string[] {
  const folder = join(GROUPS, `halfroom-${process.pid}-${group}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "cpu.cfs_period_us"), String(PERIOD_US));
  writeFileSync(join(folder, "cpu.cfs_quota_us"), String(quotaUs));
  made.add(folder);
  return ["sh", "-c", `echo $$ > ${folder}/cgroup.procs && exec "$@"`, "sh"];
}

const made = new Set<string>();

function removeGroups(): void {
  for (const folder of made) rmdirSync(folder);
  made.clear();
}

async function hire(company: Company, side: string, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, i) => `worker-${i}`);
  for (const name of names) await company.hire(name, {}, bounded(`${side}-${name}`));
}

/** Seconds of each stage at the publisher. */
async function secondsOf({ advertiser, publisher }: Companies, workers: number): Promise<number[]> {
  const sides = { advertiser, publisher };
  for (const [side, company] of Object.entries(sides)) {
    Object.assign(company.site.env, { HALFROOM_THREADS: "1", HALFROOM_IDLE_SECONDS: "600" });
    company.site.runner = bounded(side);
    await hire(company, side, workers);
  }
  const serving = await publisher.site.serve();
  const json = await advertiser.site.ok("run", "roi.yaml", "--json");
  if (JSON.stringify(cellsOf(json)) !== JSON.stringify(EXPECTED))
    throw new Error("the report is not the plain join");
  const metrics = await (await fetch(`http://${publisher.site.env["HALFROOM_ADMIN"]}/metrics`)).text();
  await serving.kill();
  return STAGES.map((stage) =>
    Number(new RegExp(`^halfroom_stage_seconds_sum\\{stage="${stage}"\\} (\\S+)$`, "m").exec(metrics)?.[1]),
  );
}

const say = (cells: readonly string[]) =>
  process.stdout.write(`${cells.map((cell) => cell.padStart(13)).join("")}\n`);
const prepared = await Prepared.make();
try {
  say(["workers", ...STAGES, "all", "speed", "per machine"]);
  let first: { readonly all: number; readonly machines: number } | undefined;
  for (const workers of values.workers.split(",").map(Number)) {
    const companies = await prepared.companies();
    try {
      const seconds = await secondsOf(companies, workers);
      const all = seconds.reduce((sum, each) => sum + each, 0);
      const machines = workers + 1;
      first ??= { all, machines };
      const speed = first.all / all;
      const perMachine = (speed * first.machines) / machines;
      const cells = [...seconds, all, speed, perMachine].map((number) => number.toFixed(2));
      say([String(workers), ...cells]);
    } finally {
      await companies.close();
      removeGroups();
    }
  }
} finally {
  prepared.remove();
}
