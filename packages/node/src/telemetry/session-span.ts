// The spans of a session. Both companies give them the trace id that follows from the session's id, so that whoever sees both sides' spans
// sees one trace; neither needs a message for it.
import { randomBytes } from "node:crypto";
import { ROOT_CONTEXT, SpanStatusCode, trace, TraceFlags, type Tracer } from "@opentelemetry/api";
import type { IdGenerator } from "@opentelemetry/sdk-trace-base";
import { hash256 } from "@halfroom/crypto";
import { toHex } from "@halfroom/session";
import type { SessionEvent } from "../run/session-job.ts";
import type { AboutSession, SessionSpan } from "./telemetry.ts";

const TRACE_BYTES = 16;
const SPAN_BYTES = 8;

/** Random ids (W3C Trace Context, Level 1), but for the next span if it is to have others. */
export class SpanIds implements IdGenerator {
  next: { readonly trace: string; readonly span?: string | undefined } | undefined;

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

  end(session: string | undefined, code: string): void {
    const endedMs = Date.now();
    const { partner, role, initiatedBy, id } = this.#about;
    const common = session === undefined ? undefined : traceOf(session);
    const isFirst = initiatedBy === "us";
    const parent =
      common === undefined || isFirst
        ? ROOT_CONTEXT
        : trace.setSpanContext(ROOT_CONTEXT, {
            traceId: common.trace,
            spanId: common.span,
            traceFlags: TraceFlags.SAMPLED,
            isRemote: true,
          });
    if (common !== undefined)
      this.#ids.next = { trace: common.trace, span: isFirst ? common.span : undefined };
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

/** What both companies know and nobody else can compute, so that no other trace has it; it tells nothing of the session's id. */
function traceOf(session: string): { readonly trace: string; readonly span: string } {
  const digest = hash256("telemetry/trace", Buffer.from(session, "hex"));
  return {
    trace: toHex(digest.subarray(0, TRACE_BYTES)),
    span: toHex(digest.subarray(TRACE_BYTES, TRACE_BYTES + SPAN_BYTES)),
  };
}
