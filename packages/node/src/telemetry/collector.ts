// A collector that speaks OTLP over HTTP, in JSON (https://opentelemetry.io/docs/specs/otlp/).
import { SpanStatusCode } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { guarded, ignored } from "@halfroom/wire";
import type { Registry } from "prom-client";
import { buildFacts } from "../build.ts";
import { PrometheusMetrics } from "./prometheus-metrics.ts";
import { below, FollowedSession, SpanIds } from "./session-span.ts";
import type { AboutSession, SessionSpan, Telemetry, WorkDone } from "./telemetry.ts";

/** A collector that does not answer must not keep a command from ending. */
const TIMEOUT_MS = 3000;
const METRICS_MS = 60_000;

export class Collector implements Telemetry {
  readonly #ids = new SpanIds();
  readonly #traces: BasicTracerProvider;
  readonly #metrics: MeterProvider | undefined;

  /** `url`: its base, before `/v1/traces` and `/v1/metrics`. */
  constructor(url: string, instance: string, onTrouble: (words: string) => void, registry?: Registry) {
    const resource = resourceFromAttributes({
      "service.name": "halfroom",
      "service.version": buildFacts().version,
      "service.instance.id": instance,
    });
    const at = (signal: string) => ({
      url: `${url.replace(/\/$/, "")}/v1/${signal}`,
      timeoutMillis: TIMEOUT_MS,
    });
    const spans = watched(new OTLPTraceExporter(at("traces")), onTrouble);
    this.#traces = new BasicTracerProvider({
      resource,
      idGenerator: this.#ids,
      spanProcessors: [new BatchSpanProcessor(spans, { exportTimeoutMillis: TIMEOUT_MS })],
    });
    if (registry === undefined) return;
    const reader = new PeriodicExportingMetricReader({
      exporter: watched(new OTLPMetricExporter(at("metrics")), onTrouble),
      exportIntervalMillis: METRICS_MS,
      exportTimeoutMillis: TIMEOUT_MS,
      metricProducers: [new PrometheusMetrics(registry, resource)],
    });
    this.#metrics = new MeterProvider({ resource, readers: [reader] });
  }

  begin(about: AboutSession): SessionSpan {
    return new FollowedSession(this.#traces.getTracer("halfroom"), this.#ids, about);
  }

  addWork({ within, kind, worker, attempt, startedMs, endedMs, isDone }: WorkDone): void {
    const attributes = { "halfroom.worker": worker, "halfroom.attempt": attempt };
    const span = this.#traces
      .getTracer("halfroom")
      .startSpan(kind, { startTime: startedMs, attributes }, below(within));
    if (!isDone) span.setStatus({ code: SpanStatusCode.ERROR, message: "failed" });
    span.end(endedMs);
  }

  async close(): Promise<void> {
    // What could not be sent has been told.
    await Promise.allSettled([this.#traces.shutdown(), this.#metrics?.shutdown()]);
  }
}

interface Exporter<Batch, Result extends { readonly code: number }> {
  export(batch: Batch, done: (result: Result) => void): void;
}

const SUCCESS = 0;

/** The same exporter, whose failures somebody hears. */
function watched<Batch, Result extends { readonly code: number }, Kind extends Exporter<Batch, Result>>(
  exporter: Kind & Exporter<Batch, Result>,
  onTrouble: (words: string) => void,
): Kind {
  const send = exporter.export.bind(exporter);
  exporter.export = (batch: Batch, done: (result: Result) => void) =>
    send(
      batch,
      guarded((result: Result) => {
        if (result.code !== SUCCESS) onTrouble("the collector in `otlp` could not be told");
        done(result);
      }, ignored),
    );
  return exporter;
}
