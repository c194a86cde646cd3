// What each stage of a session costs: time, processor time, and the bytes that went each way.
import type { OpenChannel, Phase } from "@halfroom/wire";

type Traffic = Pick<OpenChannel, "bytesSent" | "bytesReceived">;
const SILENCE: Traffic = { bytesSent: 0, bytesReceived: 0 };

export interface StageTiming {
  readonly name: Phase;
  readonly seconds: number;
  /** Processor time of all threads of this process, in user and system code. */
  readonly cpuSeconds: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** Told when a stage starts and ends, and how far it is. */
export interface Observer {
  stage(name: Phase, state: "started" | "done"): void;
  progress(name: Phase, done: number, total: number): void;
}

const COSTS = ["seconds", "cpuSeconds", "bytesSent", "bytesReceived"] as const;
type Cost = Record<(typeof COSTS)[number], number>;

/** One stage after the other; what was counted on one channel goes on counting on the next. */
export class StageMeter {
  readonly #observer: Observer | undefined;
  readonly #costs = new Map<Phase, Cost>();
  #traffic = SILENCE;
  #current: Phase | undefined;
  #since = now(SILENCE);

  constructor(observer?: Observer) {
    this.#observer = observer;
  }

  /** The running stage. */
  get current(): Phase | undefined {
    return this.#current;
  }

  /** In the order of their beginnings. */
  get stages(): readonly StageTiming[] {
    this.#count();
    return [...this.#costs].map(([name, cost]) => ({ name, ...cost }));
  }

  get seconds(): number {
    return this.stages.reduce((sum, { seconds }) => sum + seconds, 0);
  }

  /** Counts the bytes of this channel from now on. */
  over(traffic: Traffic): void {
    this.#count();
    this.#traffic = traffic;
    this.#since = now(traffic);
  }

  /** The stage before is over. Entering the running stage again changes nothing. */
  enter(name: Phase): void {
    if (name === this.#current) return;
    this.end();
    this.#current = name;
    if (!this.#costs.has(name)) this.#costs.set(name, noCost());
    this.#observer?.stage(name, "started");
  }

  progress(done: number, total: number): void {
    if (this.#current !== undefined) this.#observer?.progress(this.#current, done, total);
  }

  end(): void {
    this.#count();
    const ended = this.#current;
    this.#current = undefined;
    if (ended !== undefined) this.#observer?.stage(ended, "done");
  }

  /**
   * Shares out what several stages took together, by what each took in shards that ran side by side. Bytes that were no
   * shard's stay with the first of them.
   */
  divide(ofShards: readonly (readonly StageTiming[])[]): void {
    this.#count();
    const shares = new Map<Phase, Cost>();
    for (const share of ofShards.flat())
      shares.set(share.name, totalOf([shares.get(share.name) ?? noCost(), share]));
    const whole = totalOf([...shares.keys()].map((name) => this.#costs.get(name) ?? noCost()));
    const ofAll = totalOf([...shares.values()]);
    let sentBeside = whole.bytesSent - ofAll.bytesSent;
    let receivedBeside = whole.bytesReceived - ofAll.bytesReceived;
    for (const [name, share] of shares) {
      const part = ofAll.seconds === 0 ? 1 / shares.size : share.seconds / ofAll.seconds;
      this.#costs.set(name, {
        seconds: whole.seconds * part,
        cpuSeconds: whole.cpuSeconds * part,
        bytesSent: share.bytesSent + sentBeside,
        bytesReceived: share.bytesReceived + receivedBeside,
      });
      sentBeside = receivedBeside = 0;
    }
  }

  #count(): void {
    const at = now(this.#traffic);
    if (this.#current !== undefined) {
      const cost = this.#costs.get(this.#current)!;
      for (const member of COSTS) cost[member] += at[member] - this.#since[member];
    }
    this.#since = at;
  }
}

function noCost(): Cost {
  return { seconds: 0, cpuSeconds: 0, bytesSent: 0, bytesReceived: 0 };
}

function totalOf(costs: readonly Cost[]): Cost {
  const total = noCost();
  for (const cost of costs) for (const member of COSTS) total[member] += cost[member];
  return total;
}

function now({ bytesSent, bytesReceived }: Traffic): Cost {
  const { user, system } = process.cpuUsage();
  return { seconds: performance.now() / 1000, cpuSeconds: (user + system) / 1e6, bytesSent, bytesReceived };
}
