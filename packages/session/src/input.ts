// What one side puts into a session.
import type { JobRunner, RecordStore, Rng } from "@halfroom/crypto";
import type { EncodedItems } from "@halfroom/prepare";
import type { SessionData } from "./data.ts";
import type { StageMeter } from "./meter.ts";
import type { PseudonymKeys } from "./pseudonymise/keys.ts";
import type { TellNewPeople } from "./series/new-people.ts";
import type { ShardRunner } from "./shards/runner.ts";
import type { Site } from "./site.ts";
import type { Terms } from "./terms/terms.ts";

export interface SessionInput {
  /** As both sides' policies accepted them. */
  readonly terms: Terms;
  readonly data: SessionData;
  /** This side states its people rounded up to a multiple of this; 1 for their true number. */
  readonly roundPeopleTo: number;
  /**
   * Hands over the items of the whole dataset, once: they are large, and whoever pseudonymises them knows when nobody needs them any more.
   */
  readonly takeIdentifiers: () => EncodedItems;
  readonly keys: PseudonymKeys;
  /** Where what is held of everybody lies meanwhile; whoever made it closes it. */
  readonly scratch: RecordStore;
  /** The receiver's, under terms with `newPeople`. */
  readonly newPeople?: TellNewPeople | undefined;
  readonly site: Site;
  /** Where elliptic-curve work runs. */
  readonly pool: JobRunner;
  /** Where shards run, if there are several. */
  readonly runner: ShardRunner;
  /** Gives the seed, nonce and salts of the statement; the system's generator in production. All else follows from the seed. */
  readonly rng: Rng;
  readonly meter: StageMeter;
}
