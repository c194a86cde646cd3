// The byte model: what a session moves by kind of message, from its public sizes alone, since lengths depend on nothing else. It follows
// protocol-spec.md, section 3.1, with the sizes of the packages whose messages they are. Left out are frames, what depends on words (the talk,
// labels, receipts) and what is sent of single numbers (bases); of what opens it is the most.
import type { Role } from "@halfroom/mpc";
import type { MessageType } from "@halfroom/wire";
import { batchesOf } from "@halfroom/match";
import { POINT_BYTES } from "@halfroom/crypto";
import { enrolmentSize, enrolmentStep } from "../pseudonymise/enrolment.ts";
import { shardSizes } from "../shards/sizes.ts";
import { layoutOf } from "../table/layout.ts";
import type { TableSizes } from "../table/open-table.ts";
import { itemsPerPerson } from "../terms/bounds.ts";
import type { Terms } from "../terms/terms.ts";
import { fixed, fixedBoth, moved, times, type Moved } from "./moved.ts";
import { releaseMoves } from "./release.ts";
import { aggregateMoves, matchMoves, preparedMoves, setupMoves, sizedShard } from "./shard.ts";

type Stage = "pseudonymise" | "match" | "aggregate" | "release";

export interface MessageBytes {
  readonly stage: Stage;
  readonly from: Role;
  readonly type: MessageType;
  readonly bytes: number;
}

/** `newItems`: identifiers of the receiver's dataset that have no pseudonym under the epoch's key yet. Errors: `refused`, as `layoutOf`. */
export function messagesOf(terms: Terms, sizes: TableSizes, newItems: number): MessageBytes[] {
  const { sender, receiver } = sizes;
  const each = itemsPerPerson(terms);
  const layout = layoutOf(terms, { categories: sender.categories, cells: receiver.cells });
  const { shards, ...people } = shardSizes(sender.people * each, receiver.people * each, terms.shardPeople);
  const shard = sizedShard(terms, { ...people, shards, layout });
  const ofStage = (stage: Stage, rows: readonly Moved[]) => rows.map((row) => ({ stage, ...row }));
  return [
    ...ofStage(
      "pseudonymise",
      pseudonymMoves(enrolmentSize(newItems, enrolmentStep(receiver.people * each))),
    ),
    ...ofStage("match", setupMoves(terms.otK)),
    ...ofStage("match", times(shards, [...preparedMoves(shard), ...matchMoves(shard)])),
    ...ofStage("aggregate", times(shards, aggregateMoves(shard))),
    ...ofStage("aggregate", shards === 1 ? [] : fixedBoth("laneTranscripts")),
    ...ofStage("release", releaseMoves(terms, sizes)),
  ];
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
