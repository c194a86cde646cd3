// A session between two nodes that have agreed on terms: prepare, run, keep the result. Both sides run this; every step is in the
// store before the next message depends on it.
import { ScratchError, systemRng, type RecordStore } from "@halfroom/crypto";
import { InputError } from "@halfroom/prepare";
import {
  requestDigest,
  runOf,
  SessionLink,
  StageMeter,
  toHex,
  type Observer,
  type PseudonymKeys,
  type SessionData,
  type TellNewPeople,
} from "@halfroom/session";
import { detached, ignored, ProtocolError } from "@halfroom/wire";
import { quoted } from "@halfroom/wire/words";
import type { SessionRunners } from "../cluster/cluster.ts";
import type { PreparedDataset } from "../datasets/prepare-dataset.ts";
import { reachedWords } from "../ledger/rates.ts";
import { tooSmallToOpen } from "../policy/own-cells.ts";
import { tooFewPeople } from "../policy/sizes.ts";
import { SILENT_MS } from "../sessions/sessions.ts";
import { ownerOf } from "../partners/partners.ts";
import { proxyFor } from "../partners/proxy.ts";
import { SessionStreams } from "../streams/session-streams.ts";
import { nodeSite } from "./node-site.ts";
import type { HashRows } from "../epochs/tags.ts";
import { assertDataFits } from "./data-fit.ts";
import type { SessionJob, SessionReport } from "./session-job.ts";
import { keepUnsigned, settleFresh, settleStored } from "./settle.ts";
import { StageLimit } from "./stage-limit.ts";
import { every } from "../every.ts";
import { recordsIn } from "../store/records.ts";
import type { SessionSpan } from "../telemetry/telemetry.ts";
import { OperatorError, safeWords } from "../errors.ts";

/**
 * Runs the session and closes the connection. Rejects with ProtocolError, with InputError for this side's data, or with
 * OperatorError; by then the session is closed in the store under its code, and the partner has been told the code.
 */
export async function runSession(job: SessionJob): Promise<SessionReport> {
  const { row, partner, telemetry } = job;
  const { id, role, initiatedBy } = row;
  const span = telemetry?.begin({ partner: partner.name, role, initiatedBy, id });
  const onEvent: SessionJob["onEvent"] = (event) => {
    span?.hear(event);
    job.onEvent(event);
  };
  let code = "internal";
  try {
    const report = await runToItsEnd({ ...job, onEvent, span });
    assertPossible(report);
    code = "done";
    return report;
  } catch (error) {
    code = codeOfFailure(error);
    throw error;
  } finally {
    await orWarn(job, () => span?.end(job.node.sessions.get(id).session, code));
    await orWarn(job, () => keepLine(job));
  }
}

/** Errors: `impossible`. */
function assertPossible({ impossible }: SessionReport): void {
  if (impossible === undefined) return;
  const error = new ProtocolError("impossible", impossible);
  error.phase = "release";
  throw error;
}

interface Followed extends SessionJob {
  readonly span: SessionSpan | undefined;
}

async function runToItsEnd(job: Followed): Promise<SessionReport> {
  const { node, row } = job;
  const link = new SessionLink(job.frames, job.talk);
  let isBegun = false;
  try {
    node.sessions.prepare(row.id, node.clock.now());
    isBegun = true;
    const report = await prepareAndRun(job, link);
    await link.close();
    await orWarn(job, () => keepRecord(job, link));
    return report;
  } catch (error) {
    // Where the store has closed the session already, or cannot, the partner must not wait for ever, and what went wrong first is
    // what is told.
    if (isBegun || !isAnotherRuns(error)) await orWarn(job, () => closeFailed(job, error));
    await link.abort(partnersView(error));
    await orWarn(job, () => keepRecord(job, link));
    let told = error;
    await orWarn(job, () => {
      told = withCost(job, error);
    });
    throw told;
  }
}

/** Whether another run of the same proposal has taken the session up: then it is not for this one to close. */
function isAnotherRuns(error: unknown): boolean {
  return error instanceof OperatorError && error.code === "session-state";
}

/** What the failure costs this side, and what is left to do about it. */
function withCost({ node, row }: SessionJob, error: unknown): unknown {
  const { session } = node.sessions.get(row.id);
  if (!(error instanceof ProtocolError) || session === undefined) return error;
  const isLost = error.code === "closed" || error.code === "timeout";
  if (isLost && node.unsettled.get(session) !== undefined)
    return said(error, `halfroom complete ${row.id} ${LAST_WORDS}`);
  return node.ledger.isTaken(session) ? said(error, SPENT) : error;
}

const SPENT = "what this session takes from the budget here was taken before and stays spent";
const LAST_WORDS =
  "asks the partner for the receipt that this side's report lacks; what it took from the budget stays spent, and no more is taken";

function said(error: ProtocolError, cost: string): ProtocolError {
  const { code, message, fromPartner, phase } = error;
  const whole = new ProtocolError(code, `${message}; ${cost}`, { fromPartner, cause: error.cause ?? error });
  whole.phase = phase;
  return whole;
}

/** What fails after a session, such as a store that is busy, is told and changes nothing of how it ended. */
async function orWarn(job: SessionJob, work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    warn(job, error);
  }
}

function warn({ onEvent }: SessionJob, error: unknown): void {
  onEvent({ type: "warning", words: safeWords(error) });
}

/** How fast the line was. Where shards had connections of their own, too little else went over it in too many pauses to say. */
function keepLine({ node, partner, row, line: { bytesPerSecond } }: SessionJob): void {
  if (bytesPerSecond === undefined || row.terms.streams !== undefined) return;
  node.partners.measureLine(partner.name, { bytesPerSecond, measuredAt: node.clock.now() });
}

/** What went over the connection is told and, of a session that an auditor can replay, kept. */
async function keepRecord({ node, row, onMessages }: SessionJob, link: SessionLink): Promise<void> {
  const record = link.record();
  // A lane whose machine was lost may end late, and whoever is told of messages must not keep the session from its end.
  if (onMessages !== undefined) detached(() => record.then(onMessages), ignored);
  const { session } = node.sessions.get(row.id);
  if (session !== undefined && row.terms.replay) node.kept.record(session, await record);
}

async function prepareAndRun(job: Followed, link: SessionLink): Promise<SessionReport> {
  const { node, row, shardWorkers, onEvent } = job;
  const begunAt = node.clock.now();
  countStatement(job);
  const limit = new StageLimit(node.settings.stage_seconds, (error) =>
    detached(() => link.abort(error), ignored),
  );
  const meter = new StageMeter(observer(job, limit));
  const touch = () => node.store.inPassing(() => node.sessions.touch(row.id, node.clock.now()));
  const stopTouching = every(SILENT_MS / 2, touch, (error) => warn(job, error));
  let runners: SessionRunners | undefined;
  const scratch = recordsIn(node.scratch);
  try {
    meter.enter("prepare");
    const { data, own: ownData, everybody, takeIdentifiers } = await prepare(job, scratch);
    const { counts } = data;
    if (job.anyway !== true) assertDataFits(ownData, job.rules, row.initiatedBy === "us");
    assertCanOpen(job, data);
    onEvent({ type: "prepared", rows: counts.rows, people: counts.people });
    const digest = toHex(data.digest);
    const own = { digest, meter, data: ownData };
    assertEnoughPeople(job, data);
    let report: SessionReport | undefined;
    const keys = pseudonymKeys(job);
    const streams = streamsOf(job);
    runners = await runnersOf(job, keys, streams);
    const outcome = await node.works.runSession(link, {
      terms: row.terms,
      data,
      roundPeopleTo: job.judgement.policy.roundPeopleTo,
      takeIdentifiers,
      keys,
      scratch,
      newPeople: newPeopleOf(job, data),
      site: {
        ...nodeSite(job, { digest, people: counts.people, everybody, begunAt }),
        keepUnsigned: (unsigned) => keepUnsigned(job, unsigned, own),
        settle: (settled) => (report = settleFresh(job, settled, own)),
      },
      pool: runners?.blocks ?? job.pool,
      runner: runners?.shards ?? streams?.runner(shardWorkers) ?? shardWorkers,
      rng: systemRng,
      meter,
    });
    return outcome.stored === undefined ? report! : settleStored(job, outcome.stored);
  } finally {
    meter.end();
    limit.stop();
    stopTouching();
    await orWarn(job, async () => await runners?.close());
    await orWarn(job, () => scratch.close());
  }
}

/** What runs the work if this side has other machines: they do too. The sender's elliptic-curve work needs the key of its epoch. */
async function runnersOf(
  { cluster, pool, shardWorkers, node, row, span: own }: Followed,
  keys: PseudonymKeys,
  streams: SessionStreams | undefined,
): Promise<SessionRunners | undefined> {
  const secrets = keys.role === "sender" ? { secretKey: keys.epoch.secretKey } : {};
  const span = () => {
    const { session } = node.sessions.get(row.id);
    return session === undefined ? undefined : own?.placeIn(session);
  };
  return await cluster?.session({ pool, shardWorkers }, { secrets, span, streams });
}

/** Streams of shards' own, if both sides agreed on them: the side that proposed the session dials. Errors: `settings`, for the proxy. */
function streamsOf(job: SessionJob): SessionStreams | undefined {
  const { node, row, partner, front } = job;
  if (row.terms.streams === undefined) return undefined;
  const onTrouble = (words: string) => warn(job, new OperatorError("cluster", words));
  if (row.initiatedBy === "partner") return new SessionStreams({ front: front! }, onTrouble);
  const { address } = node.partners.named(partner.name);
  return new SessionStreams({ way: { address, proxy: proxyFor(node.settings, address) } }, onTrouble);
}

/**
 * Whoever proposed it stops before a statement, at no cost. The other side goes on: that it stopped would say that all its cells are
 * small. Errors: `nothing-opens`.
 */
function assertCanOpen({ row }: SessionJob, data: SessionData): void {
  const complaint = row.initiatedBy === "us" ? tooSmallToOpen(data, row.terms) : undefined;
  if (complaint !== undefined) throw new OperatorError("nothing-opens", complaint);
}

/**
 * Whether this side has people enough for both policies, before it tells its size. A stored report has been paid for. Errors: `refused`.
 */
function assertEnoughPeople(
  { node, row, partner, judgement, partnersPeopleMin }: SessionJob,
  data: SessionData,
): void {
  const { terms, role } = row;
  if (node.reports.find(ownerOf(partner).key, requestDigest(terms), toHex(data.digest)).length > 0) return;
  const peopleMin = Math.max(judgement.policy.peopleMin, partnersPeopleMin);
  const [tooFew] = tooFewPeople(role, data.counts.people, peopleMin);
  if (tooFew === undefined) return;
  throw new ProtocolError("refused", `${tooFew.words}, and nothing was told or spent`);
}

/** Before this side's sizes can be told. Errors: `refused`. */
function countStatement({ node, partner, judgement }: SessionJob): void {
  const { statements } = judgement.policy;
  const reached = node.rates.take(ownerOf(partner).key, "statement", statements, node.clock.now());
  if (reached !== undefined) throw new ProtocolError("refused", reachedWords("statement", reached));
}

async function prepare({ node, rules, row }: SessionJob, records: RecordStore): Promise<PreparedDataset> {
  const { role, terms, where, createdAt: askedAt } = row;
  const dataset = rules.datasets[terms.datasets[role]];
  if (dataset === undefined)
    throw new OperatorError("no-dataset", `The dataset ${quoted(terms.datasets[role])} is no longer there.`);
  return await node.works.prepare({ node, dataset, role, terms, where, askedAt, records });
}

/** The sender's current epoch for the partner, and the pseudonyms that this node keeps. */
function pseudonymKeys({ node, row, partner, pool }: SessionJob): PseudonymKeys {
  const open = (publicKey: Uint8Array, endsAt: number) =>
    node.caches.open(ownerOf(partner), publicKey, endsAt, node.clock.now(), (prefix, rows, suffix) =>
      pool.kernel.hashRows(prefix, rows, suffix),
    );
  if (row.role === "receiver") return { role: "receiver", open };
  const rng = systemRng.fork("oprf-key");
  const epoch = node.epochs.current(ownerOf(partner), pool.kernel, rng, node.clock.now());
  return { role: "sender", epoch, store: open(epoch.publicKey, epoch.endsAt) };
}

/** How the receiver of a run that counts new people alone finds them. */
function newPeopleOf({ node, row, pool }: SessionJob, data: SessionData): TellNewPeople | undefined {
  const run = runOf(row.terms);
  if (run === undefined || row.terms.newPeople === undefined || data.role === "sender") return undefined;
  return async ({ epochKey, epochEndsAt: endsAt }, items) => {
    const hashRows: HashRows = (prefix, rows, suffix) => pool.kernel.hashRows(prefix, rows, suffix);
    const by = { series: toHex(run.id), attempt: row.id, epochKey, endsAt, now: node.clock.now(), hashRows };
    return await node.seen.tell(by, items, data.people.people, 2 ** row.terms.match.length - 1);
  };
}

/** Until both have signed, the session is `preparing` in the store and has no stage. */
function observer({ node, row, onEvent }: SessionJob, limit: StageLimit): Observer {
  return {
    stage(name, state) {
      if (state === "started" && name !== "prepare" && name !== "agree") {
        limit.start(name);
        node.sessions.enter(row.id, name, node.clock.now());
      }
      onEvent({ type: "stage", name, state });
    },
    progress: (name, done, total) => onEvent({ type: "progress", name, done, total }),
  };
}

/** About this side's data and settings the partner learns only that something is wrong with them. */
function partnersView(error: unknown): unknown {
  return error instanceof InputError || error instanceof OperatorError
    ? new ProtocolError("internal")
    : error;
}

export function codeOfFailure(error: unknown): string {
  if (error instanceof ProtocolError) return error.code;
  if (error instanceof InputError) return "data";
  return error instanceof OperatorError || error instanceof ScratchError ? "setup" : "internal";
}

function closeFailed({ node, row, partner }: SessionJob, error: unknown): void {
  const now = node.clock.now();
  const code = codeOfFailure(error);
  const phase = error instanceof ProtocolError ? (error.phase ?? "agree") : "prepare";
  node.store.transaction(() => {
    node.sessions.fail(row.id, code, now);
    const { session } = node.sessions.get(row.id);
    if (session !== undefined) node.ledger.wipe(session);
    node.audit.append("failed", { id: row.id, partner: partner.name, stage: phase, code }, now);
  });
}
