// `npm run test:simulate -- --seed S --runs N [--steps N] [--trace]`: runs of two nodes under seeds S/0, S/1, ... A seed always gives the
// same run; the digest of its trace tells. Ends with 1 if a run
// breaks a rule; `--seed S/I` repeats that run.
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeNodes } from "./made-nodes.ts";
import { PlainWork } from "./plain-work.ts";
import { removeScratch, ROUGH, Simulation, Violation } from "./simulation.ts";

const MEMORY = "/dev/shm";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    runs: { type: "string", default: "100" },
    steps: { type: "string", default: "12" },
    trace: { type: "boolean", default: false },
  },
});
const scratch = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), "halfroom-simulate-"));
const made = await makeNodes(join(scratch, "made"));
const work = await PlainWork.open();
const startedMs = performance.now();
const seeds = values.seed.includes("/")
  ? [values.seed]
  : Array.from({ length: Number(values.runs) }, (_, run) => `${values.seed}/${run}`);
let [sessions, reports] = [0, 0];
const say = (line: string) => process.stdout.write(`${line}\n`);
try {
  for (const seed of seeds) {
    const tell = values.trace ? say : undefined;
    const simulation = new Simulation(seed, made, work, scratch, ROUGH, tell);
    try {
      await simulation.within(() => simulation.run(Number(values.steps)));
      say(`seed ${seed}: trace ${simulation.machine.digest()}`);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      say(`seed ${seed}: ${error.message}`);
      process.exitCode = 1;
    }
    work.forget();
    sessions += simulation.sessions;
    reports += simulation.reports;
  }
  const seconds = (performance.now() - startedMs) / 1000;
  say(
    `${seeds.length} runs, ${sessions} sessions, ${reports} reports kept, ${(sessions / seconds).toFixed(0)} sessions/s`,
  );
} finally {
  removeScratch(scratch);
}
