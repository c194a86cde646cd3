// What a session between two nodes needs and gives.
import type { ReleasedReport } from "@halfroom/report";
import type { Frames, OpenChannel } from "@halfroom/wire";
import type { Settings } from "../config/schema.ts";
import type { HalfEvent, StageTiming } from "../half.types.ts";
import type { Judgement } from "../node/judge.ts";
import type { HalfroomNode } from "../node/open-node.ts";
import type { Partner } from "../partners/partners.ts";
import type { SessionRow } from "../sessions/sessions.types.ts";
import type { Threads } from "../threads.ts";

export interface SessionJob extends Threads {
  readonly node: HalfroomNode;
  /** As they were read for this session. */
  readonly rules: Settings;
  readonly partner: Partner;
  /** In state `approved`, under the terms that both policies accept. */
  readonly row: SessionRow;
  readonly judgement: Judgement;
  readonly frames: Frames;
  /** The channel over `frames` on which the two nodes came to terms. */
  readonly talk: OpenChannel;
  readonly onEvent: (event: HalfEvent) => void;
}

export interface SessionReport {
  /** Session id in hex. */
  readonly session: string;
  /** The report as it is stored, `reportJson`. */
  readonly json: string;
  /** Undefined if the report is a stored one. */
  readonly fresh:
    { readonly report: ReleasedReport | undefined; readonly stages: readonly StageTiming[] } | undefined;
}
