// The advertiser of two nodes: a program in a process of its own that runs one report after the other.
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { EPSILON, type TwoProcesses } from "../two-processes.ts";

const ADVERTISER = fileURLToPath(new URL("advertiser.js", import.meta.url));

export class Asking {
  readonly #process: ChildProcess;

  constructor({ advertiser }: TwoProcesses) {
    this.#process = fork(ADVERTISER, [advertiser.path], { execArgv: [] });
  }

  get pid(): number {
    return this.#process.pid!;
  }

  /** Asks for the report of that number, which is a new one. */
  async report(number: number): Promise<void> {
    const answered = new AbortController();
    const { signal } = answered;
    this.#process.send(requestOf(number));
    const events = ["message", "exit"].map(async (event) => await once(this.#process, event, { signal }));
    const [answer] = await Promise.race(events);
    answered.abort();
    if (answer?.isStored !== false) throw new Error(`report ${number} did not come, or was a stored one`);
  }

  async end(): Promise<void> {
    const { connected, exitCode, signalCode } = this.#process;
    if (connected) this.#process.disconnect();
    if (exitCode === null && signalCode === null) await once(this.#process, "exit");
  }
}

/** Differs from all others by its number; every second one is exact. */
function requestOf(number: number): string {
  return `partner: publisher
ours:
  dataset: data
  measures: { revenue: { low: 0, high: ${number + 1}, decimals: 2 } }
theirs: { dataset: data, group_by: [campaign] }
threshold: 20
${number % 2 === 0 ? "exact: true" : `epsilon: ${EPSILON}`}
`;
}
