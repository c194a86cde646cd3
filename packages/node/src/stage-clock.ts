// How long each stage took, how much processor time it cost and how many bytes went each way in it.
import type { OpenChannel, Phase } from "@halfroom/wire";
import type { StageTiming } from "./half.types.ts";

type Traffic = Pick<OpenChannel, "bytesSent" | "bytesReceived">;
const NONE: Traffic = { bytesSent: 0, bytesReceived: 0 };

/** What stages that ran at the same time cost, each by itself, as far as that was seen. */
export type Costs = Readonly<Partial<Record<Phase, Omit<StageTiming, "name" | "cpuSeconds">>>>;

export class StageClock {
  readonly #stages: StageTiming[] = [];
  readonly #begin = performance.now();
  #current: { name: Phase; at: number; cpu: number; sent: number; received: number } | undefined;
  #costs: Costs = {};

  get stages(): readonly StageTiming[] {
    return divided(this.#stages, this.#costs);
  }

  start(name: Phase, traffic: Traffic): void {
    const { bytesSent: sent, bytesReceived: received } = traffic;
    this.#current = { name, at: performance.now(), cpu: cpuSeconds(), sent, received };
  }

  stop(traffic: Traffic): void {
    const { name, at, cpu, sent, received } = this.#current!;
    this.#stages.push({
      name,
      seconds: (performance.now() - at) / 1000,
      cpuSeconds: cpuSeconds() - cpu,
      bytesSent: traffic.bytesSent - sent,
      bytesReceived: traffic.bytesReceived - received,
    });
  }

  /** Shares out what the stages named took together, in the proportion of `costs`. */
  divide(costs: Costs): void {
    this.#costs = costs;
  }

  /** Times a stage in which nothing goes over the wire. */
  async time<T>(name: Phase, run: () => Promise<T>): Promise<T> {
    this.start(name, NONE);
    const result = await run();
    this.stop(NONE);
    return result;
  }

  get seconds(): number {
    return (performance.now() - this.#begin) / 1000;
  }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function divided(stages: readonly StageTiming[], costs: Costs): StageTiming[] {
  const together = stages.filter(({ name }) => costs[name] !== undefined);
  const total = (member: keyof Omit<StageTiming, "name">) =>
    together.reduce((sum, stage) => sum + stage[member], 0);
  const weight = (member: "seconds" | "bytesSent" | "bytesReceived") =>
    together.reduce((sum, { name }) => sum + costs[name]![member], 0);
  return stages.map((stage) => {
    const own = costs[stage.name];
    if (own === undefined) return stage;
    const part = own.seconds / weight("seconds");
    // Bytes of the lanes are known exactly; what else went over the wire meanwhile stays with the first stage.
    const rest = (member: "bytesSent" | "bytesReceived") =>
      stage === together[0] ? total(member) - weight(member) : 0;
    return {
      name: stage.name,
      seconds: total("seconds") * part,
      cpuSeconds: total("cpuSeconds") * part,
      bytesSent: own.bytesSent + rest("bytesSent"),
      bytesReceived: own.bytesReceived + rest("bytesReceived"),
    };
  });
}
