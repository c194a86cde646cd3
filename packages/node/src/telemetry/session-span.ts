// The spans of a session. Both companies give them the trace id that follows from the session's id, so that whoever sees both sides' spans
// sees one trace; neither needs a message for it.
import { randomBytes } from "node:crypto";
import {
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type Tracer,
} from "@opentelemetry/api";
import type { IdGenerator } from "@opentelemetry/sdk-trace-base";
import { hash256 } from "@halfroom/crypto";
import { toHex } from "@halfroom/session";
import type { SessionEvent } from "../run/session-job.ts";
import { SPAN_BYTES, TRACE_BYTES, type AboutSession, type SessionSpan, type SpanPlace } from "./telemetry.ts";

/** Random ids (W3C Trace Context, Level 1), but for the next span if it is to have others. */
export class SpanIds implements IdGenerator {
  next: SpanPlace | undefined;

  generateTraceId(): string {
    return this.next?.trace ?? randomBytes(TRACE_BYTES).toString("hex");
  }

  generateSpanId(): string {
    return this.next?.span ?? randomBytes(SPAN_BYTES).toString("hex");
  }
}

interface Stage {
  readonly name: string;
  readonly startedMs: number;
  endedMs?: number;
}

/** Spans are made when it ends: before both have signed, a session has no id. */
export class FollowedSession implements SessionSpan {
  readonly #tracer: Tracer;
  readonly #ids: SpanIds;
  readonly #about: AboutSession;
  readonly #startedMs = Date.now();
  /** Of the side that answers. */
  readonly #span = randomBytes(SPAN_BYTES).toString("hex");
  readonly #stages: Stage[] = [];

  constructor(tracer: Tracer, ids: SpanIds, about: AboutSession) {
    this.#tracer = tracer;
    this.#ids = ids;
    this.#about = about;
  }

  hear(event: SessionEvent): void {
    if (event.type !== "stage") return;
    if (event.state === "started") this.#stages.push({ name: event.name, startedMs: Date.now() });
    else {
      const stage = this.#stages.findLast(({ name }) => name === event.name);
      if (stage !== undefined) stage.endedMs = Date.now();
    }
  }

  placeIn(session: string): SpanPlace {
    const first = traceOf(session);
    return this.#about.initiatedBy === "us" ? first : { trace: first.trace, span: this.#span };
  }

  end(session: string | undefined, code: string): void {
    const endedMs = Date.now();
    const { partner, role, initiatedBy, id } = this.#about;
    const isFirst = initiatedBy === "us";
    const parent = session === undefined || isFirst ? ROOT_CONTEXT : below(traceOf(session));
    if (session !== undefined) this.#ids.next = this.placeIn(session);
    const attributes = {
      "halfroom.partner": partner,
      "halfroom.role": role,
      "halfroom.initiated_by": initiatedBy,
      "halfroom.id": id,
      "halfroom.code": code,
    };
    const whole = this.#tracer.startSpan("session", { startTime: this.#startedMs, attributes }, parent);
    this.#ids.next = undefined;
    const within = trace.setSpan(ROOT_CONTEXT, whole);
    for (const { name, startedMs, endedMs: stageEndedMs = endedMs } of this.#stages)
      this.#tracer.startSpan(name, { startTime: startedMs }, within).end(stageEndedMs);
    if (code !== "done") whole.setStatus({ code: SpanStatusCode.ERROR, message: code });
    whole.end(endedMs);
  }
}

/** What stands below a span that somebody else has made. */
export function below({ trace: traceId, span: spanId }: SpanPlace): Context {
  const place = { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
  return trace.setSpanContext(ROOT_CONTEXT, place);
}

/**
 * The place of the span of the side that proposed. It follows from what both companies know and nobody else can compute, so that no other
 * trace has it, and tells nothing of the session's id.
 */
function traceOf(session: string): SpanPlace {
  const digest = hash256("telemetry/trace", Buffer.from(session, "hex"));
  return {
    trace: toHex(digest.subarray(0, TRACE_BYTES)),
    span: toHex(digest.subarray(TRACE_BYTES, TRACE_BYTES + SPAN_BYTES)),
  };
}
