// From this side's share of the table to the numbers that were opened: the terms of the report as a plan of the release.
import type { GroupKernel, Rng } from "@halfroom/crypto";
import { randomTriples, TriplePool, type OtReceiverSeeds, type OtSenderSeeds } from "@halfroom/mpc";
import { release, releaseTripleWords } from "@halfroom/release";
import { ProtocolError, type OpenChannel } from "@halfroom/wire";
import type { ReportTerms, Role } from "./half.types.ts";
import type { Layout } from "./layout.ts";
import { peopleBound } from "./terms.ts";

/** The release is one for all shards; its transfers are those of this number. */
const RELEASE = 0;

/** Takes the budget for this side's noise; undefined for an exact report. */
export type TakeBudget = (noise: Uint8Array | undefined) => void;

export interface TableShare {
  readonly session: Uint8Array;
  readonly role: Role;
  readonly terms: ReportTerms;
  readonly layout: Layout;
  readonly kernel: GroupKernel;
  readonly k: 4 | 8;
  readonly rng: Rng;
  readonly sending: OtSenderSeeds;
  readonly receiving: OtReceiverSeeds;
  /** cells x columns numbers. */
  readonly shares: Uint32Array;
}

/** What was opened of one category in one cell. */
export interface OpenedBlock {
  /** Row in the table. */
  readonly cell: number;
  /** Place of the category in the table. */
  readonly category: number;
  /** One for each column of the block; undefined where it did not pass. */
  readonly numbers: readonly (bigint | undefined)[];
}

/** Tests and opens; the blocks that passed, by cell, then category. */
export async function releaseTable(
  ch: OpenChannel,
  share: TableShare,
  takeBudget: TakeBudget | undefined,
): Promise<OpenedBlock[]> {
  const { role, session, layout, terms, shares, rng } = share;
  takeBudget?.(undefined);
  const ends = {
    sending: share.sending.fork("release", RELEASE),
    receiving: share.receiving.fork("release", RELEASE),
  };
  const blocks = layout.cells * layout.categories;
  const triples = new TriplePool(await randomTriples(ch, role, ends, releaseTripleWords(blocks)));
  const { passed, values } = await release({
    ch,
    role,
    session,
    shares,
    cells: blocks,
    columns: layout.block.length,
    threshold: BigInt(peopleBound(terms)),
    triples,
    rng: rng.fork("release"),
    sameTranscript: () => compareTranscripts(ch),
  });
  const opened: OpenedBlock[] = [];
  passed.forEach((pass, block) => {
    if (pass !== 1) return;
    const start = opened.length * layout.block.length;
    opened.push({
      cell: Math.floor(block / layout.categories),
      category: block % layout.categories,
      numbers: Array.from(values.subarray(start, start + layout.block.length)),
    });
  });
  return opened;
}

async function compareTranscripts(ch: OpenChannel): Promise<void> {
  const digest = ch.transcript();
  await ch.send({ type: "transcript", digest });
  if (Buffer.compare((await ch.recv("transcript")).digest, digest) !== 0)
    throw new ProtocolError("transcript");
}
