// How long each stage took and how many bytes went each way in it.
import type { OpenChannel, Phase } from "@halfroom/wire";
import type { StageTiming } from "./half.types.ts";

type Traffic = Pick<OpenChannel, "bytesSent" | "bytesReceived">;
const NONE: Traffic = { bytesSent: 0, bytesReceived: 0 };

export class StageClock {
  readonly stages: StageTiming[] = [];
  readonly #begin = performance.now();
  #current: { name: Phase; at: number; sent: number; received: number } | undefined;

  start(name: Phase, traffic: Traffic): void {
    this.#current = { name, at: performance.now(), sent: traffic.bytesSent, received: traffic.bytesReceived };
  }

  stop(traffic: Traffic): void {
    const { name, at, sent, received } = this.#current!;
    this.stages.push({
      name,
      seconds: (performance.now() - at) / 1000,
      bytesSent: traffic.bytesSent - sent,
      bytesReceived: traffic.bytesReceived - received,
    });
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
