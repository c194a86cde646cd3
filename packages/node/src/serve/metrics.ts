// What an operator watches. Labels are names of partners, stages and stable codes, never anything from the data.
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { StreamRecord } from "@halfroom/session";
import type { Turns } from "./turns.ts";

const STAGE_SECONDS = [0.1, 0.5, 1, 5, 15, 60, 300, 1200, 3600];

export class Metrics {
  readonly registry = new Registry();
  readonly proposals = this.#counter("proposals_total", "Proposals, by what they were first answered.", [
    "partner",
    "decision",
  ]);
  readonly sessions = this.#counter("sessions_total", "Sessions ended, by code: done, or why not.", [
    "partner",
    "code",
  ]);
  readonly strangers = this.#counter(
    "connections_refused_total",
    "Connections dropped before a partner was known behind them, or because too many were, by reason.",
    ["why"],
  );
  readonly messageBytes = this.#counter("message_bytes_total", "Bytes of sessions, by the type of message.", [
    "type",
    "direction",
  ]);
  readonly stageSeconds = new Histogram({
    name: "halfroom_stage_seconds",
    help: "Duration of a stage in seconds.",
    labelNames: ["stage"] as const,
    buckets: STAGE_SECONDS,
    registers: [this.registry],
  });

  constructor(turns: Turns) {
    this.#gauge("sessions_running", "Sessions computing now.", () => turns.running);
    this.#gauge("sessions_waiting", "Sessions waiting for their turn.", () => turns.waiting);
  }

  /** What a session has moved, once it has ended. */
  countMessages(record: readonly StreamRecord[]): void {
    for (const { messages } of record)
      for (const { type, direction, length } of messages) this.messageBytes.inc({ type, direction }, length);
  }

  #counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name: `halfroom_${name}`, help, labelNames, registers: [this.registry] });
  }

  #gauge(name: string, help: string, value: () => number): void {
    new Gauge({
      name: `halfroom_${name}`,
      help,
      registers: [this.registry],
      collect() {
        this.set(value());
      },
    });
  }
}
