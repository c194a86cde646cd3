import type { HalfEvent } from "../half.types.ts";
import type { Answer } from "../talk/talk.types.ts";
import type { SessionReport } from "../session/session.types.ts";

/** What a program that serves within itself is told, beside the log that an operator reads. */
export type ServeEvent =
  | HalfEvent
  | { readonly type: "answered"; readonly id: string; readonly decision: Answer["decision"] }
  | { readonly type: "done"; readonly report: SessionReport }
  /** A connection ended before its time; the partner was told a code. */
  | { readonly type: "failed"; readonly error: unknown };
