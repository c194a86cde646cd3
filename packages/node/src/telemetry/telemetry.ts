// What a collector of OpenTelemetry is told, where the setting `otlp` names one: a span for each session and each of its stages, and the
// metrics that Prometheus reads. Names of partners, stages and stable codes, never anything from the data.
import type { Registry } from "prom-client";
import type { SessionEvent } from "../run/session-job.ts";
import type { NodeState } from "../node-state.ts";

/** What a session's span says from its start. */
export interface AboutSession {
  readonly partner: string;
  readonly role: string;
  /** Whose proposal it is; its span is the partner's parent. */
  readonly initiatedBy: "us" | "partner";
  /** The number of the proposal on this node. */
  readonly id: string;
}

export const TRACE_BYTES = 16;
export const SPAN_BYTES = 8;

/** A span's place, in hex: the trace's id and its own (W3C Trace Context: 16 and 8 bytes). */
export interface SpanPlace {
  readonly trace: string;
  readonly span: string;
}

/** As it goes to workers: 24 bytes. */
export function bytesOfPlace({ trace, span }: SpanPlace): Uint8Array {
  return new Uint8Array(Buffer.from(trace + span, "hex"));
}

/** Undefined for what is none. */
export function placeOfBytes(bytes: unknown): SpanPlace | undefined {
  if (!(bytes instanceof Uint8Array) || bytes.length !== TRACE_BYTES + SPAN_BYTES) return undefined;
  const hex = Buffer.from(bytes).toString("hex");
  return { trace: hex.slice(0, 2 * TRACE_BYTES), span: hex.slice(2 * TRACE_BYTES) };
}

export interface SessionSpan {
  hear(event: SessionEvent): void;
  /** Where the session's span will stand, for what others do within it; `session` as in `end`. */
  placeIn(session: string): SpanPlace;
  /** `session`: its id in hex, from which both companies derive the trace's; undefined if it ended before both had signed. */
  end(session: string | undefined, code: string): void;
}

/** A block or a shard that a worker has computed, or could not. */
export interface WorkDone {
  /** The session's span, as the leader has told it. */
  readonly within: SpanPlace;
  readonly kind: string;
  /** The worker's name. */
  readonly worker: string;
  /** From 1: which start of the job it was. */
  readonly attempt: number;
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  readonly endedMs: number;
  readonly isDone: boolean;
}

export interface Telemetry {
  begin(about: AboutSession): SessionSpan;
  addWork(work: WorkDone): void;
  /** Sends what is left, for a few seconds at most. */
  close(): Promise<void>;
}

/**
 * Undefined unless the setting `otlp` names a collector. `onTrouble` hears that it was not reached. `registry`: metrics to send each
 * minute, of a node that serves.
 */
export async function openTelemetry(
  { settings, identity }: Pick<NodeState, "settings" | "identity">,
  onTrouble: (words: string) => void,
  registry?: Registry,
): Promise<Telemetry | undefined> {
  return await telemetryAt(settings.otlp, identity.fingerprint, onTrouble, registry);
}

/** The same for whoever has no node, such as a worker; `instance`: which one it is. */
export async function telemetryAt(
  url: string,
  instance: string,
  onTrouble: (words: string) => void,
  registry?: Registry,
): Promise<Telemetry | undefined> {
  if (url === "") return undefined;
  // Others need not load it.
  const { Collector } = await import("./collector.ts");
  return new Collector(url, instance, onTrouble, registry);
}
