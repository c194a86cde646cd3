// A collector of OpenTelemetry, as far as it keeps what it is told.
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
}

interface Point {
  readonly attributes: readonly Attribute[];
  readonly count?: string | number;
  readonly bucketCounts?: readonly (string | number)[];
  readonly explicitBounds?: readonly number[];
  readonly asDouble?: number;
  readonly asInt?: string | number;
}

interface Metric {
  readonly name: string;
  readonly histogram?: { readonly dataPoints: readonly Point[] };
  readonly sum?: { readonly dataPoints: readonly Point[]; readonly isMonotonic: boolean };
  readonly gauge?: { readonly dataPoints: readonly Point[] };
}

/** A server that keeps what is sent to it, by path. */
export async function collector() {
  const bodies = new Map<string, string[]>();
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      headers.push(request.headers);
      bodies.set(request.url!, [...(bodies.get(request.url!) ?? []), body]);
      response.setHeader("content-type", "application/json").end("{}");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const all = (path: string) => bodies.get(path) ?? [];
  const spans = () =>
    all("/v1/traces").flatMap((body) =>
      (JSON.parse(body).resourceSpans as { scopeSpans: { spans: Span[] }[] }[]).flatMap(({ scopeSpans }) =>
        scopeSpans.flatMap((scope) => scope.spans),
      ),
    );
  const metrics = () =>
    all("/v1/metrics").flatMap((body) =>
      (JSON.parse(body).resourceMetrics as { scopeMetrics: { metrics: Metric[] }[] }[]).flatMap(
        ({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics),
      ),
    );
  return { url, headers, spans, metrics, bytes: () => [...bodies.values()].flat().join("\n") };
}

export const attribute = ({ attributes }: { attributes: readonly Attribute[] }, name: string) =>
  attributes.find(({ key }) => key === name)?.value.stringValue;
