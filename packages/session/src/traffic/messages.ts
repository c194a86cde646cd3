// The byte model: what a session moves by kind of message, from its public sizes alone, since lengths depend on nothing else. It follows
// protocol-spec.md, section 3.1, with the sizes of the packages whose messages they are. Left out are frames, what depends on words (the talk,
// labels, receipts) and what is sent of single numbers (bases); of what opens it is the most.
import { leafWork } from "@halfroom/aggregate";
import type { Role } from "@halfroom/mpc";
import type { MessageType } from "@halfroom/wire";
import { batchesOf } from "@halfroom/match";
import { POINT_BYTES } from "@halfroom/crypto";
import { enrolmentSize, enrolmentStep } from "../pseudonymise/enrolment.ts";
import { groupContexts } from "../shards/shard.ts";
import { shardSizes } from "../shards/sizes.ts";
import { layoutOf } from "../table/layout.ts";
import type { TableSizes } from "../table/open-table.ts";
import { itemsPerPerson } from "../terms/bounds.ts";
import type { Terms } from "../terms/terms.ts";
import { fixed, fixedBoth, moved, times, type Moved } from "./moved.ts";
import { releaseMoves } from "./release.ts";
import {
  aggregateMoves,
  matchMoves,
  preparedMoves,
  setupMoves,
  sizedShard,
  type SizedShard,
} from "./shard.ts";

type Stage = "pseudonymise" | "match" | "aggregate" | "release";

export interface MessageBytes {
  readonly stage: Stage;
  readonly from: Role;
  readonly type: MessageType;
  readonly bytes: number;
}

/** `newItems`: identifiers of the receiver's dataset that have no pseudonym under the epoch's key yet. Errors: `refused`, as `layoutOf`. */
export function messagesOf(terms: Terms, sizes: TableSizes, newItems: number): MessageBytes[] {
  const shard = shardOf(terms, sizes);
  const evaluations = enrolmentSize(newItems, enrolmentStep(sizes.receiver.people * itemsPerPerson(terms)));
  const ofStage = (stage: Stage, rows: readonly Moved[]) => rows.map((row) => ({ stage, ...row }));
  return [
    ...ofStage("pseudonymise", pseudonymMoves(evaluations)),
    ...ofStage("match", setupMoves(terms.otK)),
    ...ofStage("match", times(shard.shards, [...preparedMoves(shard), ...matchMoves(shard)])),
    ...ofStage("aggregate", times(shard.shards, aggregateMoves(shard))),
    ...ofStage("aggregate", shard.shards === 1 ? [] : fixedBoth("laneTranscripts")),
    ...ofStage("release", releaseMoves(terms, sizes)),
  ];
}

/** The expansions of each shard, where transfers are silent. Errors: `refused`, as `layoutOf`. */
export function expansionsOfShard(terms: Terms, sizes: TableSizes): SizedShard["expansions"] {
  return shardOf(terms, sizes).expansions;
}

/** Transfers that the expansions of all shards make, of both directions; 0 where there are none. Errors: `refused`, as `layoutOf`. */
export function expandedTransfers(terms: Terms, sizes: TableSizes): number {
  const { shards, expansions } = shardOf(terms, sizes);
  const made = Object.values(expansions ?? {}).map(({ count, transfers }) => count * transfers);
  return shards * made.reduce((sum, transfers) => sum + transfers, 0);
}

/** What a session's groupings take of either side, of all shards together. */
export interface GroupingWork {
  /** Leaves of trees and slots: one for each bin and cell. */
  readonly leaves: number;
  /** Gates of networks. */
  readonly gates: number;
}

/** Errors: `refused`, as `layoutOf`. */
export function groupingWork(terms: Terms, sizes: TableSizes): GroupingWork {
  const shard = shardOf(terms, sizes);
  const work = leafWork(shard.bins, groupContexts(shard, shard.expansions !== undefined));
  return { leaves: shard.shards * work.leaves, gates: shard.shards * work.gates };
}

/** All shards are alike. */
function shardOf(terms: Terms, { sender, receiver }: TableSizes): SizedShard {
  const each = itemsPerPerson(terms);
  const layout = layoutOf(terms, { categories: sender.categories, cells: receiver.cells });
  const sizes = shardSizes(sender.people * each, receiver.people * each, terms.shardPeople);
  return sizedShard(terms, { ...sizes, layout });
}

/** Section 9. */
function pseudonymMoves(evaluations: number): Moved[] {
  return [
    moved("receiver", "blinded", evaluations * POINT_BYTES),
    moved("sender", "evaluated", evaluations * POINT_BYTES),
    // The proof of each batch.
    fixed("sender", "evaluated", batchesOf(evaluations).length),
  ];
}
