import type { Answer } from "@halfroom/session";
import type { SessionEvent } from "../run/session-job.ts";

/** What a user who waits for a report is told. */
export type RunEvent =
  | SessionEvent
  | { readonly type: "proposed"; readonly id: string; readonly resumed: boolean }
  | { readonly type: "held"; readonly id: string; readonly reasons: Answer["reasons"] }
  | { readonly type: "queued" };
