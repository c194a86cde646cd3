// What a session between two nodes takes and gives back.
import type { Observer, StageTiming, StreamRecord, Threads } from "@halfroom/session";
import type { ReleasedReport } from "@halfroom/report";
import type { LinkFrames } from "@halfroom/transport";
import type { Frames, OpenChannel, Phase } from "@halfroom/wire";
import type { Cluster } from "../cluster/cluster.ts";
import type { Settings } from "../config/schema.ts";
import type { NodeState } from "../node-state.ts";
import type { Partner } from "../partners/partners.ts";
import type { Judgement } from "../policy/judge.ts";
import type { StreamFront } from "../streams/session-streams.ts";
import type { SessionRow } from "../sessions/row.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

export interface SessionJob extends Threads {
  readonly node: NodeState;
  /** Other machines of this side that compute for it, if there are any. */
  readonly cluster: Cluster | undefined;
  /** Where streams of shards' own arrive that a partner dials; undefined in a process that serves nobody. */
  readonly front: StreamFront | undefined;
  /** A collector that is told of it, if there is one. */
  readonly telemetry: Telemetry | undefined;
  /** The settings as they were read for this session. */
  readonly rules: Settings;
  readonly partner: Partner;
  /** In state `approved` when it begins, under the terms that both policies accept. */
  readonly row: SessionRow;
  readonly judgement: Judgement;
  /** Whether to go on although more of this side's data does not fit than the settings allow. */
  readonly anyway?: boolean | undefined;
  /** Fewest people of either side under the partner's policy, as far as it has said so. */
  readonly partnersPeopleMin: number;
  readonly frames: Frames;
  /** What carries `frames` to the partner. */
  readonly line: Pick<LinkFrames, "bytesPerSecond">;
  /** The channel over `frames` on which the two nodes agreed on terms. */
  readonly talk: OpenChannel;
  readonly onEvent: (event: SessionEvent) => void;
  /** Hears once what went over the connection, when the session has ended, however it did. */
  readonly onMessages?: (record: readonly StreamRecord[]) => void;
}

/** What a session tells whoever is waiting for it. */
export type SessionEvent =
  | { readonly type: "prepared"; readonly rows: number; readonly people: number }
  | { readonly type: "stage"; readonly name: Phase; readonly state: Parameters<Observer["stage"]>[1] }
  | { readonly type: "progress"; readonly name: Phase; readonly done: number; readonly total: number }
  /** Something beside the session failed; it goes on, or has ended as is told apart from this. */
  | { readonly type: "warning"; readonly words: string };

export interface SessionReport {
  /** Session id in hex. */
  readonly session: string;
  /** The report as it is stored, JSON. */
  readonly json: string;
  /** Undefined if the report is a stored one. */
  readonly fresh:
    { readonly report: ReleasedReport | undefined; readonly stages: readonly StageTiming[] } | undefined;
  /** Why there are no numbers, and the session has failed here although the partner was not told. */
  readonly impossible: string | undefined;
}
