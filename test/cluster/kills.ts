// `npm run test:cluster -- [--seed S] [--from I] [--runs N]`: N sessions (200) between two companies, each with a leader, a Redis and up to
// three workers, while a seed kills, pauses and revives workers and Redis. Every report is the plain join and nothing is left in a share; else it ends with 1,
// and `--seed S --from I --runs 1` plays the run again: the same events at the same moments, though not at the same messages.
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { seededRng } from "@halfroom/testkit";
import { freePort } from "../ports/free-port.ts";
import type { Run } from "../e2e/nodes/site.ts";
import { cellsOf, EXPECTED, Prepared, type Company } from "./company.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    from: { type: "string", default: "0" },
    runs: { type: "string", default: "200" },
  },
});
const WORKERS_MAX = 3;
/** How long events may take to begin after a run has: a session takes about as long. */
const SPAN_MS = 6000;
const PAUSED_MS_MAX = 14_000;
/** From milliseconds to seconds a block. */
const KERNELS = ["", "sodium"];

class Chance {
  readonly #rng: ReturnType<typeof seededRng>;

  constructor(seed: string) {
    this.#rng = seededRng(seed);
  }

  below(end: number): number {
    return Buffer.from(this.#rng.bytes(6)).readUIntLE(0, 6) % end;
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

type Event = (company: Company, chance: Chance) => Promise<void>;

/** What may happen to a company, by name. */
const EVENTS: Readonly<Record<string, Event>> = {
  async "kill a worker"(company, chance) {
    await anyWorker(company, chance)?.kill();
  },
  async "pause a worker"(company, chance) {
    const worker = anyWorker(company, chance);
    worker?.child.kill("SIGSTOP");
    await pause(chance.below(PAUSED_MS_MAX));
    worker?.child.kill("SIGCONT");
  },
  async "end a worker"(company, chance) {
    anyWorker(company, chance)?.child.kill("SIGTERM");
  },
  async "hire a worker"(company, chance) {
    await company.hire(`late-${chance.below(2 ** 32)}`);
  },
  async "kill Redis"({ redis }, chance) {
    await redis.kill();
    await pause(chance.below(SPAN_MS));
    await redis.restart();
  },
  async "pause Redis"({ redis }, chance) {
    redis.signal("SIGSTOP");
    await pause(chance.below(SPAN_MS));
    redis.signal("SIGCONT");
  },
};

function anyWorker({ workers }: Company, chance: Chance) {
  return workers.size === 0 ? undefined : chance.of([...workers.values()]);
}

/** What carries the frames of shards, by name: how the two companies are set up for it, and whether one has a gateway. */
const STREAMS = {
  "over the session": { settings: {}, gateway: false },
  "of their own": { settings: { HALFROOM_SHARD_STREAMS: "own" }, gateway: false },
  "of their own, dialled by leaders": {
    settings: { HALFROOM_SHARD_STREAMS: "own", HALFROOM_WORKERS_DIAL: "leader" },
    gateway: false,
  },
  "of their own, through a gateway": { settings: { HALFROOM_SHARD_STREAMS: "own" }, gateway: true },
} as const;

const say = (line: string) => process.stdout.write(`${line}\n`);

const prepared = await Prepared.make();
let faults = 0;
try {
  for (let run = Number(values.from), end = run + Number(values.runs); run < end; run++) {
    const { streams, happened, fault, seconds } = await play(`${values.seed}/${run}`).catch(unplayed);
    if (fault !== undefined) faults++;
    const events = happened.join(", ") || "nothing happened";
    say(`run ${run}: ${fault ?? "right"} in ${seconds.toFixed(1)} s; streams ${streams}; ${events}`);
  }
} finally {
  prepared.remove();
}
process.exitCode = faults === 0 ? 0 : 1;

interface Played {
  readonly streams: string;
  readonly happened: readonly string[];
  readonly fault: string | undefined;
  readonly seconds: number;
}

/** What a run is that could not even begin. */
function unplayed(error: unknown): Played {
  return { streams: "-", happened: [], fault: (error as Error).message, seconds: 0 };
}

/** The report. One that finds Redis down when it begins is refused at once; then it is asked for again, as whoever operates the node would. */
async function reportOf({ site }: Company): Promise<Run> {
  for (;;) {
    const run = await site.run("run", "roi.yaml", "--json");
    if (run.exitCode !== 2 || !run.stderr.includes("Cannot use Redis")) return run;
  }
}

async function play(seed: string): Promise<Played> {
  const chance = new Chance(seed);
  const streams = new Chance(`${seed}/streams`).of(Object.keys(STREAMS)) as keyof typeof STREAMS;
  const { settings, gateway } = STREAMS[streams];
  const { advertiser, publisher, dialAt, close } = await prepared.companies();
  const both = [advertiser, publisher];
  for (const { site } of both) Object.assign(site.env, settings);
  try {
    for (const company of both)
      for (let i = chance.below(WORKERS_MAX + 1); i > 0; i--)
        await company.hire(`worker-${i}`, { HALFROOM_KERNEL: chance.of(KERNELS) });
    await publisher.site.serve(gateway ? { HALFROOM_GATEWAYS: "[127.0.0.0/8]" } : {});
    if (gateway) {
      const at = {
        HALFROOM_LISTEN: `127.0.0.1:${await freePort()}`,
        HALFROOM_ADMIN: `127.0.0.1:${await freePort()}`,
      };
      await publisher.gateway(at);
      await dialAt(at.HALFROOM_LISTEN);
    }
    const begun = performance.now();
    const running = reportOf(advertiser);
    const happened: string[] = [];
    const events = Array.from({ length: chance.below(4) }, async (_, i) => {
      const own = new Chance(`${seed}/event/${i}`);
      const at = own.below(SPAN_MS);
      const name = own.of(Object.keys(EVENTS));
      const company = own.of(both);
      await pause(at);
      happened.push(`${name} at ${(at / 1000).toFixed(1)} s`);
      // A worker is not hired while Redis is down, nor killed twice.
      await EVENTS[name]!(company, own).catch(() => happened.push(`${name} in vain`));
    });
    const { exitCode, stdout, stderr } = await running;
    const seconds = (performance.now() - begun) / 1000;
    await Promise.all(events);
    const left = (await Promise.all(both.map((company) => company.sessionsInShare()))).flat();
    const isRight = exitCode === 0 && JSON.stringify(cellsOf(stdout)) === JSON.stringify(EXPECTED);
    const fault = isRight
      ? left.length === 0
        ? undefined
        : "a folder is left in a share"
      : `exit code ${exitCode}: ${stderr}`;
    return { streams, happened, fault, seconds };
  } finally {
    await close();
  }
}
