import type { Answer } from "../talk/talk.types.ts";
import type { HalfEvent } from "../half.types.ts";

/** What a user who waits for a report is told. */
export type RunEvent =
  | HalfEvent
  | { readonly type: "proposed"; readonly id: string; readonly resumed: boolean }
  | { readonly type: "held"; readonly id: string; readonly reasons: Answer["reasons"] }
  | { readonly type: "queued" };
