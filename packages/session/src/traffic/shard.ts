// What the transfers of a session and one of its shards move (protocol-spec.md, sections 10 to 12).
import { creditBytes, leafBytes, type CreditBytes } from "@halfroom/aggregate";
import { binCount, masksBytes, matrixBytes, membershipDraws, storeBytes } from "@halfroom/match";
import {
  correctionBytes,
  expansionBytes,
  expansionsFor,
  openingBytes,
  otherRole,
  productBytes,
  ROLES,
  setupBytes,
  VECTOR_BYTES,
  type OtK,
  type Role,
} from "@halfroom/mpc";
import type { ShardNumbers } from "../shards/runner.ts";
import { drawsOf, groupContexts } from "../shards/shard.ts";
import type { Terms } from "../terms/terms.ts";
import { corrections, fixed, fixedBoth, moved, movedBoth, type Moved } from "./moved.ts";

type Sizes = Pick<ShardNumbers, "senderPeople" | "receiverPeople" | "shards" | "layout">;

export interface SizedShard extends Omit<ShardNumbers, "role"> {
  readonly bins: number;
  readonly otK: OtK;
  /** Of both directions, where transfers are silent. */
  readonly expansions: ReturnType<typeof expansionsFor> | undefined;
}

export function sizedShard({ transfers, otK }: Pick<Terms, "transfers" | "otK">, sizes: Sizes): SizedShard {
  // Neither changes a length.
  const numbers = { ...sizes, session: new Uint8Array(0), shard: 0 };
  const expansions = transfers === undefined ? undefined : expansionsFor(drawsOf(numbers));
  return { ...numbers, bins: binCount(sizes.receiverPeople), otK, expansions };
}

/** Sections 10.1, 10.2 and 11.1. */
export function setupMoves(otK: OtK): Moved[] {
  const { choices, trees } = setupBytes(otK);
  return [
    ...fixedBoth("baseOtKey"),
    ...movedBoth("baseOtChoices", choices),
    ...movedBoth("treeCorrections", trees),
    fixed("receiver", "seedCommitment"),
    fixed("sender", "seedShare"),
    fixed("receiver", "seedOpening"),
  ];
}

/** Sections 10.9 and 10.10. */
export function preparedMoves({ expansions, otK }: SizedShard): Moved[] {
  if (expansions === undefined) return [];
  const grown = (grower: Role, { masks, trees, proofs }: typeof VECTOR_BYTES) => [
    moved(otherRole(grower), "silentMask", masks),
    moved(grower, "treeCorrections", trees),
    moved(grower, "silentProof", proofs),
  ];
  const ofExpansions = ROLES.flatMap((grower) => {
    const bytes = expansionBytes(expansions[grower], otK);
    return [corrections(grower, bytes.seeds), ...grown(grower, bytes)];
  });
  return [...ofExpansions, ...grown("sender", VECTOR_BYTES)];
}

/** Section 11. */
export function matchMoves(shard: SizedShard): Moved[] {
  const { bins, layout } = shard;
  const measures = layout.payloads;
  const context = { ...shard, measures };
  const draws = membershipDraws(context);
  const equality = draws.sender.find(({ purpose }) => purpose === "match/equality")!.transfers / 32;
  // The sender's bits with the receiver's numbers; the receiver's bits with the sender's.
  const ofReceiver = productBytes(bins, 1 + measures);
  const ofSender = productBytes(measures > 0 ? bins : 0, measures);
  return [
    ...keysOfBinsMoves(shard),
    ...ROLES.flatMap((direction) =>
      drawn(
        shard,
        direction,
        draws[direction].filter(({ kind }) => kind !== "vector").map(({ transfers }) => transfers),
      ),
    ),
    moved("sender", "store", storeBytes(context)),
    ...movedBoth("gateOpening", openingBytes(equality)),
    moved("sender", "productFlips", ofReceiver.flips),
    moved("receiver", "productCorrections", ofReceiver.corrections),
    moved("receiver", "productFlips", ofSender.flips),
    moved("sender", "productCorrections", ofSender.corrections),
  ];
}

/** Section 11.3. */
function keysOfBinsMoves({ bins, otK, expansions }: SizedShard): Moved[] {
  if (expansions !== undefined) return [moved("receiver", "binMasks", masksBytes(bins))];
  const { columns, bytes, pieces } = matrixBytes(bins);
  return [
    corrections("receiver", correctionBytes(otK, columns)),
    moved("receiver", "binMatrix", bytes),
    fixed("receiver", "binCheck", pieces),
  ];
}

/** Sections 12 and 12.1. */
export function aggregateMoves(shard: SizedShard): Moved[] {
  const { bins, layout, expansions } = shard;
  const groupings = groupContexts(shard, expansions !== undefined).flatMap((context) => {
    const leaves = leafBytes(bins, context);
    return [
      ...drawn(shard, "sender", leaves.drawn),
      moved("receiver", "treeFlips", leaves.flips),
      moved("sender", "treeCorrections", leaves.trees),
      moved("sender", "leafCorrections", leaves.corrections),
    ];
  });
  return layout.credit === undefined
    ? groupings
    : [...groupings, ...creditMoves(shard, creditBytes(bins, layout.credit))];
}

function creditMoves(shard: SizedShard, credit: CreditBytes): Moved[] {
  return [
    ...ROLES.flatMap((direction) => drawn(shard, direction, credit.drawn[direction])),
    moved("sender", "lookupFlips", credit.lookupFlips),
    moved("receiver", "lookupTables", credit.lookupTables),
    ...movedBoth("gateOpening", credit.openings),
    ...movedBoth("productFlips", credit.productFlips),
    ...movedBoth("productCorrections", credit.productCorrections),
  ];
}

/** What transfers cost that are drawn so many at a time; those that were prepared cost nothing more. */
function drawn({ expansions, otK }: SizedShard, direction: Role, counts: readonly number[]): Moved[] {
  if (expansions !== undefined) return [];
  return counts.map((count) => corrections(direction, correctionBytes(otK, count)));
}
