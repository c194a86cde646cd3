// What a handler has in its hands: the node as its caller's acts stand in the audit log, and what this process runs.
import type { HalfroomNode } from "@halfroom/node";
import type { Asked, Given } from "../contract/route.ts";
import type { RouteName, Routes } from "../contract/routes.ts";
import type { RunningJobs } from "../jobs/running-jobs.ts";
import type { Door } from "../server/door.ts";

export interface Hands {
  readonly node: HalfroomNode;
  /** As in the audit log. */
  readonly caller: string;
  /** Who signs in and out. */
  readonly door: Door;
  /** What passwords cost to guess. */
  readonly cost: { readonly logN: number };
  readonly jobs: RunningJobs;
  /** The event that whoever watches has seen last; 0 for none. */
  readonly lastEvent: number;
  /** Aborted when the caller has gone. */
  readonly gone: AbortSignal;
}

/** A handler for each of the endpoints. */
export type Handlers<Names extends RouteName = RouteName> = {
  readonly [Name in Names]: (
    hands: Hands,
    asked: Asked<Routes[Name]>,
  ) => Given<Routes[Name]> | Promise<Given<Routes[Name]>>;
};
