// Messages between a rehearsal and the process of each side. Each side is only told about its own data.
import type { OperatorErrorCode, RunEvent, ServeEvent } from "@halfroom/node";

export interface SideBrief {
  readonly type: "begin";
  /** An empty folder for this side's node, removed when the side ends. */
  readonly home: string;
  /** What this side calls the other one. */
  readonly partner: string;
  readonly dataset: { readonly name: string; readonly definition: Readonly<Record<string, unknown>> };
  /** The folder of the node that declares the dataset, whose suppress list applies; undefined for other data. */
  readonly owner: string | undefined;
  /** An entry of `policies:` for this partner and dataset. */
  readonly policy: Readonly<Record<string, unknown>>;
  /** The text of the request that this side proposes; a side without one serves. */
  readonly request: string | undefined;
  readonly threads: number;
  /** How long the other side may stay silent. */
  readonly timeoutSeconds: number;
}

/** The token is passed on by whoever starts the nodes, as it would be between two companies. */
export type Instruction = SideBrief | { readonly type: "join"; readonly token: string };

/** What the process of a side reports: what its user would see, and its error code if it fails. */
export type SideMessage = SideEvent | { readonly type: "failed"; readonly code: OperatorErrorCode };

export type SideEvent =
  | { readonly type: "made"; readonly fingerprint: string }
  | { readonly type: "serving"; readonly address: string; readonly token: string }
  | { readonly type: "joined"; readonly address: string }
  | Exclude<ServeEvent, { type: "done" | "failed" }>
  | RunEvent
  /** The report as the side's node stores it. It is the last event. */
  | { readonly type: "report"; readonly json: string };
