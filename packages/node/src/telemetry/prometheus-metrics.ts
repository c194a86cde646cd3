// Prometheus' metrics as OpenTelemetry has them: one set of metrics, two ways to read it.
import type { Resource } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  DataPointType,
  type CollectionResult,
  type MetricData,
  type MetricProducer,
} from "@opentelemetry/sdk-metrics";
import type { MetricObjectWithValues, MetricValue, Registry } from "prom-client";

type Time = [seconds: number, nanoseconds: number];
type Metric = MetricObjectWithValues<MetricValue<string>> & {
  readonly values: readonly (MetricValue<string> & { readonly metricName?: string })[];
};

/** One second of a Unix time is 1,000 ms, and the rest in nanoseconds. */
const timeOf = (ms: number): Time => [Math.floor(ms / 1000), (ms % 1000) * 1e6];

export class PrometheusMetrics implements MetricProducer {
  readonly #registry: Registry;
  readonly #resource: Resource;
  readonly #startTime = timeOf(Date.now());

  constructor(registry: Registry, resource: Resource) {
    this.#registry = registry;
    this.#resource = resource;
  }

  async collect(): Promise<CollectionResult> {
    const found = (await this.#registry.getMetricsAsJSON()) as unknown as Metric[];
    const times = { startTime: this.#startTime, endTime: timeOf(Date.now()) };
    const metrics = found.map((metric) => converted(metric, times));
    return {
      resourceMetrics: { resource: this.#resource, scopeMetrics: [{ scope: { name: "halfroom" }, metrics }] },
      errors: [],
    };
  }
}

interface Times {
  readonly startTime: Time;
  readonly endTime: Time;
}

function converted(metric: Metric, times: Times): MetricData {
  const { name, help, type } = metric;
  const descriptor = {
    name,
    description: help,
    unit: name.endsWith("_seconds") ? "s" : "",
    valueType: 1,
    advice: {},
  };
  const aggregationTemporality = AggregationTemporality.CUMULATIVE;
  // prom-client's own types of `type` are numbers, and what it says are words.
  const kind = String(type);
  if (kind === "histogram") {
    const dataPoints = histogramsOf(metric, times);
    return { descriptor, aggregationTemporality, dataPointType: DataPointType.HISTOGRAM, dataPoints };
  }
  const dataPoints = metric.values.map(({ labels, value }) => ({
    ...times,
    attributes: attributesOf(labels),
    value,
  }));
  if (kind === "counter") {
    const dataPointType = DataPointType.SUM;
    return { descriptor, aggregationTemporality, dataPointType, dataPoints, isMonotonic: true };
  }
  return { descriptor, aggregationTemporality, dataPointType: DataPointType.GAUGE, dataPoints };
}

interface Buckets {
  readonly attributes: Record<string, string>;
  readonly boundaries: number[];
  /** Up to each boundary and, at last, all. */
  readonly upTo: number[];
  sum: number;
}

/** Prometheus counts up to each boundary, OpenTelemetry between two. */
function histogramsOf({ name, values }: Metric, times: Times) {
  const byLabels = new Map<string, Buckets>();
  for (const { labels, value, metricName } of values) {
    const { le, ...rest } = labels as Record<string, string | number>;
    const key = JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
    const empty = () => ({ attributes: attributesOf(rest), boundaries: [], upTo: [], sum: 0 });
    const found: Buckets = byLabels.get(key) ?? empty();
    byLabels.set(key, found);
    if (metricName === `${name}_bucket`) {
      if (le !== "+Inf") found.boundaries.push(Number(le));
      found.upTo.push(value);
    } else if (metricName === `${name}_sum`) found.sum = value;
  }
  return [...byLabels.values()].map(({ attributes, boundaries, upTo, sum }) => ({
    ...times,
    attributes,
    value: {
      buckets: { boundaries, counts: upTo.map((count, i) => count - (upTo[i - 1] ?? 0)) },
      sum,
      count: upTo.at(-1) ?? 0,
    },
  }));
}

const attributesOf = (labels: object) =>
  Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]));
