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

export interface SessionSpan {
  hear(event: SessionEvent): void;
  /** `session`: its id in hex, from which both companies derive the trace's; undefined if it ended before both had signed. */
  end(session: string | undefined, code: string): void;
}

export interface Telemetry {
  begin(about: AboutSession): SessionSpan;
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
  if (settings.otlp === "") return undefined;
  // Other nodes need not load it.
  const { Collector } = await import("./collector.ts");
  return new Collector(settings.otlp, identity.fingerprint, onTrouble, registry);
}
