// What a run tells whoever waits for it.
import type { Answer, Role } from "@halfroom/session";
import type { RunCost } from "../policy/cost.ts";
import type { RunTerms } from "../policy/run-terms.ts";
import type { SessionEvent } from "./session-job.ts";

/** What a user who is waiting for a report is told. */
export type RunEvent =
  | SessionEvent
  | { readonly type: "role"; readonly words: string }
  /** Where the transfers come from, and why, if this node chose. */
  | { readonly type: "transfers"; readonly words: string }
  | { readonly type: "proposed"; readonly id: string; readonly role: Role; readonly resumed: boolean }
  /** What both policies leave of the request, as the partner has answered, and what it costs here. */
  | ({ readonly type: "terms"; readonly cost: RunCost; readonly words: readonly string[] } & RunTerms)
  | { readonly type: "held"; readonly id: string; readonly reasons: Answer["reasons"] }
  /** People here have to approve it before it is proposed. */
  | { readonly type: "approval"; readonly id: string; readonly words: readonly string[] }
  | { readonly type: "queued" }
  /** Another run of the same report is under way here, of that session; this one goes on once it has ended. */
  | { readonly type: "elsewhere"; readonly id: string }
  /** An earlier session of the same report lacked the partner's last message, and has it now. */
  | { readonly type: "completed"; readonly id: string; readonly session: string }
  /** The partner's queue is full; it is asked again until then, in milliseconds since 1970. */
  | { readonly type: "busy"; readonly until: number };
