// `npm run test:simulate -- --seed S --runs N [--steps N] [--trace]`: runs of two nodes under seeds S/0, S/1, ... A seed always gives the
// same run; the digest of its trace tells. Ends with 1 if a run breaks a rule; `--seed S/I` repeats that run. With `--each N [--of SIDE]`
// the calls of disk and store that a report takes are counted instead, and each N-th of them, of either side or of one, fails once. With
// `--series late` or `--series tell` each seed is a year of a weekly series.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeNodes, NAMES, type Name } from "./made-nodes.ts";
import { PlainWork } from "./plain-work.ts";
import { JUST_ENOUGH, seriesYear } from "./series-year.ts";
import { ROUGH, Simulation, Violation } from "./simulation.ts";

const MEMORY = "/dev/shm";
/** How far it is, after so many calls that failed. */
const TOLD_EVERY = 25;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    runs: { type: "string", default: "100" },
    steps: { type: "string", default: "12" },
    each: { type: "string" },
    of: { type: "string" },
    trace: { type: "boolean", default: false },
    series: { type: "string" },
  },
});
const scratch = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), "halfroom-simulate-"));
const made = await makeNodes(join(scratch, "made"));
const work = await PlainWork.open();
const startedMs = performance.now();
const say = (line: string) => process.stdout.write(`${line}\n`);
let [runs, sessions, reports, completed] = [0, 0, 0, 0];

/** One simulation; what it breaks is said. */
async function simulate<T>(
  seed: string,
  use: (simulation: Simulation) => Promise<T>,
  nodes = made,
): Promise<T | undefined> {
  const simulation = new Simulation(seed, nodes, work, scratch, ROUGH, values.trace ? say : undefined);
  try {
    return await simulation.within(() => use(simulation));
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    say(`seed ${seed}: ${error.message}`);
    process.exitCode = 1;
    return undefined;
  } finally {
    work.forget();
    runs++;
    sessions += simulation.sessions;
    reports += simulation.reports;
    completed += simulation.completed;
  }
}

async function runsOf(seed: string): Promise<void> {
  const seeds = seed.includes("/")
    ? [seed]
    : Array.from({ length: Number(values.runs) }, (_, run) => `${seed}/${run}`);
  for (const each of seeds) {
    const trace = await simulate(each, async (simulation) => {
      await simulation.run(Number(values.steps));
      return simulation.machine.digest();
    });
    if (trace !== undefined) say(`seed ${each}: trace ${trace}`);
  }
}

/** The advertiser proposes; a call of one of `sides` fails. */
async function eachCallOf(seed: string, step: number, sides: readonly Name[]): Promise<void> {
  const calls = await simulate(seed, (simulation) => simulation.withOneFault("advertiser"));
  if (calls === undefined) return;
  say(`calls of a report: ${NAMES.map((name) => `${name} ${calls[name]}`).join(", ")}`);
  for (const name of sides) {
    for (let call = 1, done = 0; call <= calls[name]; call += step, done++) {
      if (done % TOLD_EVERY === 0) process.stderr.write(`${name}: call ${call} of ${calls[name]}\n`);
      await simulate(seed, (simulation) => simulation.withOneFault("advertiser", { name, call }));
    }
  }
}

/** A year of a weekly series under each seed; what became of its runs is said. */
async function seriesOf(seed: string, missed: "late" | "tell"): Promise<void> {
  const just = await makeNodes(join(scratch, "just"), JUST_ENOUGH);
  const seeds = seed.includes("/")
    ? [seed]
    : Array.from({ length: Number(values.runs) }, (_, run) => `${seed}/${run}`);
  for (const each of seeds) {
    const year = await simulate(each, (simulation) => seriesYear(simulation, missed), just);
    if (year !== undefined) say(`seed ${each}: ${JSON.stringify(year)}`);
  }
}

const { of } = values;
const sides = of === undefined ? NAMES : NAMES.filter((name) => name === of);
if (sides.length === 0) throw new RangeError(`--of: one of ${NAMES.join(", ")}`);
try {
  if (values.series === "late" || values.series === "tell") await seriesOf(values.seed, values.series);
  else if (values.each === undefined) await runsOf(values.seed);
  else await eachCallOf(values.seed, Number(values.each), sides);
  const perSecond = (sessions / ((performance.now() - startedMs) / 1000)).toFixed(0);
  say(
    `${runs} runs, ${sessions} sessions, ${reports} reports kept, ${completed} sessions completed later, ${perSecond} sessions/s`,
  );
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
