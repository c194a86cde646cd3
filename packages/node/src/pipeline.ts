// The whole flow of a session, both roles: agree -> pseudonymise -> match -> aggregate -> release. Each stage is one call
// into the package that holds it; no package knows of another.
import { systemRng, type GroupPool, type Rng } from "@halfroom/crypto";
import { generateKey, oprfReceiver, oprfSender, WholeRows } from "@halfroom/match";
import { establishTransfers, OT_SOURCE, type OtTerms } from "@halfroom/mpc";
import type { PreparedReceiver, PreparedSender, ReceiverPeople, SenderPeople } from "@halfroom/prepare";
import type { ReleasedReport } from "@halfroom/report";
import { ProtocolError, type OpenChannel, type Phase } from "@halfroom/wire";
import { agree, type Agreement } from "./agreement.ts";
import type { Policy, ReportTerms, Role } from "./half.types.ts";
import { layoutOf } from "./layout.ts";
import { nameAsReceiver, nameAsSender } from "./naming.ts";
import { cellOrders, permutation, receiverCells } from "./orders.ts";
import { senderPayloads } from "./payloads.ts";
import { receiverReport, senderReport } from "./released.ts";
import { receiverBases, releaseTable, senderBases, type TakeBudget } from "./release-table.ts";
import type { EnterStage } from "./shard.ts";
import { runShards, type ShardsContext } from "./shards/run.ts";
import type { People } from "./shards/split.ts";
import type { Costs } from "./stage-clock.ts";
import type { shardSizes } from "./shards/sizes.ts";
import type { ShardWorkers } from "./shards/workers.ts";
import { itemsPerPerson, receiverShape, senderShape } from "./terms.ts";

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
  /**
   * Runs the OPRF where keys and pseudonyms outlive the session, and has the identifiers itself; without it everything is
   * fresh, from the identifiers of the data. People x 64 bytes.
   */
  readonly pseudonymise?: (ch: OpenChannel, progress: Progress) => Promise<Uint8Array>;
  /** Called with this side's noise before the first message of the release, which follows only if it returns. */
  readonly takeBudget?: TakeBudget;
}

/** Without identifiers where `pseudonymise` has them. */
export type SenderData = SenderPeople & Partial<Pick<PreparedSender, "identifiers">>;
export type ReceiverData = ReceiverPeople & Partial<Pick<PreparedReceiver, "identifiers">>;

/** Told when a stage starts and ends, and how far it is. */
export interface Observer {
  stage(name: Phase, state: "started" | "done"): void;
  progress(name: Phase, done: number, total: number): void;
  /** Told what stages that ran at the same time cost, each by itself. */
  divide?(costs: Costs): void;
}

export interface SessionResult {
  readonly agreement: Agreement;
  /** Undefined on a side that the agreement gives no result. */
  readonly report: ReleasedReport | undefined;
}

export async function runSender(
  ch: OpenChannel,
  data: SenderData,
  input: SessionInput,
): Promise<SessionResult> {
  const { terms, policy, pool, rng = systemRng, observe } = input;
  const stage = stages(observe);
  const agreement =
    input.agreement ??
    (await stage("agree", () => {
      const proposal = {
        role: "sender",
        terms,
        policy,
        people: data.people,
        shape: senderShape(data),
      } as const;
      return agree(ch, proposal, rng.fork("agree"));
    }));
  const items = itemsOf(terms, agreement);
  const pseudonyms = await stage("pseudonymise", async (progress) => {
    if (input.pseudonymise !== undefined) return await input.pseudonymise(ch, progress);
    const rows = new WholeRows(data.identifiers!);
    const key = generateKey(pool.kernel, rng.fork("oprf-key"));
    const total = items.receiver + items.sender;
    await oprfSender(ch, rows, items.receiver, key, pool, (done) => progress(done, total));
    return rows.pseudonyms;
  });
  const context = sessionContext("sender", agreement, input, rng);
  const categoryOrder = permutation(agreement.categories, rng.fork("category-order"));
  const { transfers, shares } = await stage("match", async (_, enter) => {
    const transfers = await establishTransfers(ch, { ...context, transfers: otTerms(terms) });
    const payloads = senderPayloads(data, context.layout, categoryOrder);
    const people = { pseudonyms, payloads, cellsOf: [], times: [] };
    return {
      transfers,
      shares: await matchAndAggregate(ch, people, { ...context, transfers }, enter, observe),
    };
  });
  return await stage("release", async () => {
    const bases = senderBases(data, categoryOrder);
    const opened = await releaseTable(ch, { ...context, transfers, shares, bases }, input.takeBudget);
    const named = await nameAsSender(ch, opened, { ...context, data, order: categoryOrder });
    await confirm(ch);
    return { agreement, report: senderReport(terms, data, agreement, named) };
  });
}

export async function runReceiver(
  ch: OpenChannel,
  data: ReceiverData,
  input: SessionInput,
): Promise<SessionResult> {
  const { terms, policy, pool, rng = systemRng, observe } = input;
  const stage = stages(observe);
  const agreement =
    input.agreement ??
    (await stage("agree", () => {
      const shape = receiverShape(data, terms);
      return agree(ch, { role: "receiver", terms, policy, people: data.people, shape }, rng.fork("agree"));
    }));
  const items = itemsOf(terms, agreement);
  const pseudonyms = await stage("pseudonymise", async (progress) => {
    if (input.pseudonymise !== undefined) return await input.pseudonymise(ch, progress);
    const rows = new WholeRows(data.identifiers!);
    await oprfReceiver(ch, rows, pool, rng.fork("oprf-blinds"), (done) => progress(done, items.receiver));
    return rows.pseudonyms;
  });
  const context = sessionContext("receiver", agreement, input, rng);
  const orders = cellOrders(agreement.cells, context.layout, rng.fork("cell-order"));
  const { transfers, shares } = await stage("match", async (_, enter) => {
    const transfers = await establishTransfers(ch, { ...context, transfers: otTerms(terms) });
    const cellsOf = receiverCells(data, context.layout, orders);
    const people = { pseudonyms, payloads: [], cellsOf, times: data.times ?? [] };
    return {
      transfers,
      shares: await matchAndAggregate(ch, people, { ...context, transfers }, enter, observe),
    };
  });
  return await stage("release", async () => {
    const bases = receiverBases(data, context.layout, orders);
    const opened = await releaseTable(ch, { ...context, transfers, shares, bases }, input.takeBudget);
    const named = await nameAsReceiver(ch, opened, { ...context, data, orders });
    await confirm(ch);
    return { agreement, report: receiverReport(terms, data, agreement, named) };
  });
}

/** What the stages after the agreement share. */
function sessionContext(
  role: Role,
  agreement: Agreement,
  { terms, pool, shardWorkers, shardSizesOf }: SessionInput,
  rng: Rng,
) {
  const items = itemsOf(terms, agreement);
  return {
    session: agreement.session,
    role,
    terms,
    layout: layoutOf(terms, agreement),
    senderPeople: items.sender,
    receiverPeople: items.receiver,
    workers: shardWorkers,
    sizesOf: shardSizesOf,
    kernel: pool.kernel,
    rng,
  };
}

function otTerms({ otK }: ReportTerms): OtTerms {
  return { source: OT_SOURCE, k: otK };
}

/** What each side brings to the match: the items of its people. */
function itemsOf(terms: ReportTerms, { senderPeople, receiverPeople }: Agreement) {
  const each = itemsPerPerson(terms);
  return { sender: senderPeople * each, receiver: receiverPeople * each };
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

/** The last word of both sides: the report counts only if the partner saw the same release. */
async function confirm(ch: OpenChannel): Promise<void> {
  const digest = ch.transcript();
  await ch.send({ type: "done", digest });
  if (Buffer.compare((await ch.recv("done")).digest, digest) !== 0) throw new ProtocolError("transcript");
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
