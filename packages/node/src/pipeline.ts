// The whole flow of a session, both roles: agree -> pseudonymise -> match -> aggregate -> release. Each stage is one call
// into the package that holds it; no package knows of another.
import { systemRng, type GroupPool, type Rng } from "@halfroom/crypto";
import { generateKey, oprfReceiver, oprfSender } from "@halfroom/match";
import { OtReceiverSeeds, OtSenderSeeds, otherRole, randomTriples, TriplePool } from "@halfroom/mpc";
import type { PreparedReceiver, PreparedSender } from "@halfroom/prepare";
import { recvLabels, release, releaseTripleWords, sendLabels } from "@halfroom/release";
import type { ReleasedTable, TableCell as ReleasedCell } from "@halfroom/report";
import { ProtocolError, type OpenChannel, type Phase } from "@halfroom/wire";
import { agree, type Agreement } from "./agreement.ts";
import type { Policy, ReportTerms, Role } from "./half.types.ts";
import type { Layout } from "./layout.ts";
import type { EnterStage } from "./shard.ts";
import { runShards, type ShardsContext } from "./shards/run.ts";
import type { People } from "./shards/split.ts";
import type { Costs } from "./stage-clock.ts";
import type { shardSizes } from "./shards/sizes.ts";
import type { ShardWorkers } from "./shards/workers.ts";
import { paddedCells } from "./terms.ts";

/** The release is one for all shards; its transfers are those of this number. */
const RELEASE = 0;

export interface SessionInput {
  readonly terms: ReportTerms;
  readonly policy: Policy;
  readonly pool: GroupPool;
  /** Threads for the shards of large sets; without them this thread runs them. */
  readonly shardWorkers?: ShardWorkers;
  /** Replaced only by tests, which have few people. */
  readonly shardSizesOf?: typeof shardSizes;
  readonly rng?: Rng;
  readonly observe?: Observer;
  /** What two nodes have signed; without it the two halves agree over the channel. */
  readonly agreement?: Agreement;
  /** Runs the OPRF where keys and pseudonyms outlive the session; without it everything is fresh. People x 64 bytes. */
  readonly pseudonymise?: (ch: OpenChannel, progress: Progress) => Promise<Uint8Array>;
  /** Called before the first message of the release, which follows only if it returns. */
  readonly beforeRelease?: () => void;
}

/** Told when a stage starts and ends, and how far it is. */
export interface Observer {
  stage(name: Phase, state: "started" | "done"): void;
  progress(name: Phase, done: number, total: number): void;
  /** Told what stages that ran at the same time cost, each by itself. */
  divide?(costs: Costs): void;
}

export interface SessionResult {
  readonly agreement: Agreement;
  readonly table: ReleasedTable;
}

export async function runSender(
  ch: OpenChannel,
  data: PreparedSender,
  input: SessionInput,
): Promise<SessionResult> {
  const { terms, policy, pool, rng = systemRng, observe } = input;
  const stage = stages(observe);
  const agreement =
    input.agreement ??
    (await stage("agree", () =>
      agree(ch, { role: "sender", terms, policy, people: data.people, cells: 0 }, rng.fork("agree")),
    ));
  const pseudonyms = await stage("pseudonymise", (progress) => {
    if (input.pseudonymise !== undefined) return input.pseudonymise(ch, progress);
    const key = generateKey(pool.kernel, rng.fork("oprf-key"));
    const total = agreement.receiverPeople + data.people;
    return oprfSender(ch, data.identifiers, agreement.receiverPeople, key, pool, (done) =>
      progress(done, total),
    );
  });
  const context = sessionContext("sender", agreement, input, rng);
  const { seeds, shares } = await stage("match", async (_, enter) => {
    const seeds = await establishTransfers(ch, context);
    const people = { pseudonyms, payloads: data.measures, cellsOf: [] };
    return { seeds, shares: await matchAndAggregate(ch, people, { ...context, ...seeds }, enter, observe) };
  });
  const cells = await stage("release", async () => {
    input.beforeRelease?.();
    const released = await releaseCells(ch, context, seeds, shares, terms);
    const labels = await recvLabels(ch, released.passing.length, terms.groupBy.length);
    await confirm(ch);
    return toCells(labels, released.values, context.columns);
  });
  return { agreement, table: tableOf(terms, cells, undefined) };
}

export async function runReceiver(
  ch: OpenChannel,
  data: PreparedReceiver,
  input: SessionInput,
): Promise<SessionResult> {
  const { terms, policy, pool, rng = systemRng, observe } = input;
  const stage = stages(observe);
  const { cells: cellOf, labels: labelsOf } = data.partitions[0]!;
  const agreement =
    input.agreement ??
    (await stage("agree", () => {
      const cells = paddedCells(labelsOf.length);
      return agree(ch, { role: "receiver", terms, policy, people: data.people, cells }, rng.fork("agree"));
    }));
  const pseudonyms = await stage("pseudonymise", (progress) => {
    if (input.pseudonymise !== undefined) return input.pseudonymise(ch, progress);
    return oprfReceiver(ch, data.identifiers, pool, rng.fork("oprf-blinds"), (done) =>
      progress(done, data.people),
    );
  });
  const context = sessionContext("receiver", agreement, input, rng);
  const secretOrder = permutation(agreement.cells, rng.fork("cell-order"));
  const cellsOf = [Uint32Array.from(cellOf, (cell) => secretOrder[cell]!)];
  const { seeds, shares } = await stage("match", async (_, enter) => {
    const seeds = await establishTransfers(ch, context);
    const people = { pseudonyms, payloads: [], cellsOf };
    return { seeds, shares: await matchAndAggregate(ch, people, { ...context, ...seeds }, enter, observe) };
  });
  const cells = await stage("release", async () => {
    input.beforeRelease?.();
    const released = await releaseCells(ch, context, seeds, shares, terms);
    const labelOf: (readonly string[])[] = [];
    labelsOf.forEach((label, cell) => (labelOf[secretOrder[cell]!] = label));
    const labels = released.passing.map((cell) => labelOf[cell]!);
    await sendLabels(ch, labels);
    await confirm(ch);
    return toCells(labels, released.values, context.columns);
  });
  return { agreement, table: tableOf(terms, cells, labelsOf.length) };
}

/** What the stages after the agreement share. */
function sessionContext(
  role: Role,
  agreement: Agreement,
  { terms, pool, shardWorkers, shardSizesOf }: SessionInput,
  rng: Rng,
) {
  return {
    ...agreement,
    role,
    workers: shardWorkers,
    sizesOf: shardSizesOf,
    k: terms.otK,
    kernel: pool.kernel,
    rng,
    layout: layoutOf(agreement, terms),
    columns: 1 + terms.measures.length,
  };
}
type SessionContext = ReturnType<typeof sessionContext>;

function layoutOf({ cells }: Agreement, { measures }: ReportTerms): Layout {
  const payloads = measures.length;
  const groupings = [{ partition: 0, cells, firstCell: 0 }];
  return { columns: payloads + 1, payloads, countsMembers: true, groupings, cells };
}

async function matchAndAggregate(
  ch: OpenChannel,
  people: People,
  context: ShardsContext,
  enter: EnterStage,
  observe: Observer | undefined,
): Promise<Uint32Array> {
  const { table, costs } = await runShards(ch, people, context, enter);
  if (costs !== undefined) observe?.divide?.(costs);
  return table;
}

interface Transfers {
  readonly sending: OtSenderSeeds;
  readonly receiving: OtReceiverSeeds;
}

/** Base transfers of both directions, the protocol's sender sending in the first. */
async function establishTransfers(ch: OpenChannel, context: SessionContext): Promise<Transfers> {
  const { role, rng } = context;
  const asSender = () =>
    OtSenderSeeds.establish(ch, { ...context, direction: role, rng: rng.fork("transfers/sending") });
  const asReceiver = () =>
    OtReceiverSeeds.establish(ch, {
      ...context,
      direction: otherRole(role),
      rng: rng.fork("transfers/receiving"),
    });
  if (role === "sender") {
    const sending = await asSender();
    return { sending, receiving: await asReceiver() };
  }
  const receiving = await asReceiver();
  return { sending: await asSender(), receiving };
}

/** Opens the passing cells; their numbers in the secret order and their values. */
async function releaseCells(
  ch: OpenChannel,
  context: SessionContext,
  { sending, receiving }: Transfers,
  shares: Uint32Array,
  terms: ReportTerms,
): Promise<{ passing: number[]; values: BigInt64Array }> {
  const { role, session, cells, columns, rng } = context;
  const ends = {
    sending: sending.fork("release", RELEASE),
    receiving: receiving.fork("release", RELEASE),
  };
  const triples = new TriplePool(await randomTriples(ch, role, ends, releaseTripleWords(cells)));
  const threshold = BigInt(terms.threshold);
  const { passed, values } = await release({
    ch,
    role,
    session,
    shares,
    cells,
    columns,
    threshold,
    triples,
    rng: rng.fork("release"),
    sameTranscript: () => compareTranscripts(ch),
  });
  const passing: number[] = [];
  passed.forEach((pass, cell) => {
    if (pass === 1) passing.push(cell);
  });
  return { passing, values };
}

async function compareTranscripts(ch: OpenChannel): Promise<void> {
  const digest = ch.transcript();
  await ch.send({ type: "transcript", digest });
  if (Buffer.compare((await ch.recv("transcript")).digest, digest) !== 0)
    throw new ProtocolError("transcript");
}

/** The last word of both sides: the report counts only if the partner saw the same release. */
async function confirm(ch: OpenChannel): Promise<void> {
  const digest = ch.transcript();
  await ch.send({ type: "done", digest });
  if (Buffer.compare((await ch.recv("done")).digest, digest) !== 0) throw new ProtocolError("transcript");
}

function toCells(
  labels: readonly (readonly string[])[],
  values: BigInt64Array,
  columns: number,
): ReleasedCell[] {
  const cells = labels.map((label, i) => {
    const [people, ...sums] = values.slice(i * columns, (i + 1) * columns);
    return { labels: label, people: people!, sums };
  });
  return cells.sort((a, b) => compareLabels(a.labels, b.labels));
}

function compareLabels(a: readonly string[], b: readonly string[]): number {
  const i = a.findIndex((label, at) => label !== b[at]);
  if (i === -1) return 0;
  return a[i]! < b[i]! ? -1 : 1;
}

function tableOf(
  { groupBy, measures, threshold }: ReportTerms,
  cells: ReleasedCell[],
  cellsTotal: number | undefined,
): ReleasedTable {
  const suppressed = cellsTotal === undefined ? undefined : cellsTotal - cells.length;
  return { groupBy, measures, threshold, cells, suppressed, cellsTotal };
}

/** A uniform permutation of 0 .. count - 1 (Fisher and Yates), from 48 bits a step: bias below 2^-31. */
function permutation(count: number, rng: Rng): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const random = Buffer.from(rng.bytes(count * 6).buffer);
  for (let i = count - 1; i > 0; i--) {
    const j = random.readUIntLE(i * 6, 6) % (i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

type Progress = (done: number, total: number) => void;

/** Runs a stage under its name: tells the observer, and marks an error with the stage it arose in. */
function stages(observe: Observer | undefined) {
  return async <T>(first: Phase, run: (progress: Progress, enter: EnterStage) => Promise<T>): Promise<T> => {
    let name = first;
    const enter = (next: Phase) => {
      if (next === name) return;
      observe?.stage(name, "done");
      name = next;
      observe?.stage(name, "started");
    };
    observe?.stage(name, "started");
    try {
      const result = await run((done, total) => observe?.progress(name, done, total), enter);
      observe?.stage(name, "done");
      return result;
    } catch (error) {
      if (error instanceof ProtocolError) error.phase ??= name;
      throw error;
    }
  };
}
