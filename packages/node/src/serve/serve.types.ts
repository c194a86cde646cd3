import type { Answer } from "@halfroom/session";
import type { SessionEvent, SessionReport } from "../run/session-job.ts";

/** What a program that serves within itself is told, beside the log that an operator reads. */
export type ServeEvent =
  | SessionEvent
  | { readonly type: "answered"; readonly id: string; readonly decision: Answer["decision"] }
  | { readonly type: "done"; readonly report: SessionReport }
  /** A connection ended before its time; the partner was told a code. */
  | { readonly type: "failed"; readonly error: unknown };
