// One open node as its own code sees it: keys, settings and the stores of each room. Users of a node get a handle (api/node.ts).
import { dirname } from "node:path";
import { Audit } from "./audit/audit.ts";
import { Answered } from "./console/answered.ts";
import { Jobs } from "./console/jobs.ts";
import { ApiTokens } from "./console/tokens.ts";
import { OperatorError } from "./errors.ts";
import { Events } from "./events/events.ts";
import { loadSettings } from "./config/load.ts";
import type { Settings } from "./config/schema.ts";
import { Epochs, SEALED_KEYS } from "./epochs/epochs.ts";
import { PseudonymCaches, SEALED_CACHES } from "./epochs/pseudonym-cache.ts";
import { assertNode, type NodeFolder } from "./store/folder.ts";
import { loadIdentity } from "./identity/identity.ts";
import { liveIdentity, type LiveIdentity } from "./identity/live-identity.ts";
import { OwnIdentities, SEALED_IDENTITIES } from "./identity/own-identities.ts";
import { compareWhenDue } from "./ledger/against-log.ts";
import { Clock, type ClockChange } from "./ledger/clock.ts";
import { Ledger, SEALED_NOISE } from "./ledger/ledger.ts";
import { Missed } from "./ledger/missed.ts";
import { Rates } from "./ledger/rates.ts";
import { Reserved } from "./ledger/reserved.ts";
import { Invitations } from "./partners/invitations.ts";
import { Partners } from "./partners/partners.ts";
import { Successions } from "./partners/successions.ts";
import type { Actor } from "./people/actor.ts";
import { Links } from "./people/links.ts";
import { SignIns } from "./people/sign-ins.ts";
import { SEALED_CODES, Users } from "./people/users.ts";
import { KeptOpenings, SEALED_OPENINGS } from "./receipts/openings.ts";
import { KeptSessions } from "./replay/kept-sessions.ts";
import { Receipts } from "./receipts/receipts.ts";
import { Reports } from "./reports/reports.ts";
import { Unsettled } from "./reports/unsettled.ts";
import { Approvals } from "./sessions/approvals.ts";
import { Agreements } from "./sessions/agreements.ts";
import { WORKS, type Works } from "./run/works.ts";
import { closePassedRuns } from "./series/close-passed.ts";
import { SEALED_SEEN, SeenPeople } from "./series/seen-people.ts";
import { SeriesStore } from "./series/series-store.ts";
import { TemplateStore } from "./templates/template-store.ts";
import { AskedSinks } from "./sinks/asked.ts";
import { Sessions } from "./sessions/sessions.ts";
import { type Scratch, scratchOf } from "./store/scratch.ts";
import { adoptRows } from "./store/adopt-rows.ts";
import { Store } from "./store/store.ts";
import { removeAbandoned } from "./store/whole-file.ts";
import { SuppressList } from "./datasets/suppress-list.ts";
import { DAY_MS } from "./time.ts";
import { NodeVault } from "./vault/node-vault.ts";
import type { SealedColumn } from "./vault/reseal.ts";

const MIB = 2 ** 20;

export interface NodeState {
  readonly folder: NodeFolder;
  readonly identity: LiveIdentity;
  /** All that the node has been and is to be. */
  readonly own: OwnIdentities;
  readonly vault: NodeVault;
  /** As they were when the node was opened. */
  readonly settings: Settings;
  readonly store: Store;
  readonly works: Works;
  readonly scratch: Scratch;
  readonly partners: Partners;
  readonly successions: Successions;
  readonly invitations: Invitations;
  readonly sessions: Sessions;
  readonly approvals: Approvals;
  /** In whose hands it is; undefined for the process itself, which acts for partners too. */
  readonly actor?: Actor;
  readonly agreements: Agreements;
  readonly ledger: Ledger;
  /** What series may still spend. */
  readonly reserved: Reserved;
  readonly series: SeriesStore;
  /** Published here, and by partners. */
  readonly templates: TemplateStore;
  /** Who was in earlier runs of series that count new people alone. */
  readonly seen: SeenPeople;
  readonly rates: Rates;
  readonly missed: Missed;
  readonly reports: Reports;
  /** Reports that lack the partner's receipt. */
  readonly unsettled: Unsettled;
  readonly receipts: Receipts;
  readonly openings: KeptOpenings;
  /** Sessions that an auditor can replay. */
  readonly kept: KeptSessions;
  readonly audit: Audit;
  /** Entries that the audit log had when the node was opened: what opening found comes after them. */
  readonly entriesBefore: number;
  /** What others are told of. */
  readonly events: Events;
  /** Which reports their requests send where. */
  readonly askedSinks: AskedSinks;
  readonly clock: Clock;
  /** A jump of the clock that was found when the node was opened. */
  readonly jumped: ClockChange | undefined;
  readonly epochs: Epochs;
  readonly caches: PseudonymCaches;
  /** People who opted out. */
  readonly suppressed: SuppressList;
  readonly tokens: ApiTokens;
  readonly users: Users;
  readonly signIns: SignIns;
  /** Who is one person under several ways in. */
  readonly links: Links;
  readonly answered: Answered;
  readonly jobs: Jobs;
  /** The settings as the file has them now: datasets and policies change while a node serves. */
  rules(): Promise<Settings>;
  close(): void;
}

/**
 * Opens the node in the folder and closes what an earlier process left unfinished; on a read-only file system all stays as it is. `system`: the clock, in milliseconds since 1970. Errors: `no-node`, `settings`, `folder`,
 * `open-to-others`, `damaged`, `other-store`, `newer-store`, `store-busy`.
 */
export async function openState(
  folder: NodeFolder,
  env: NodeJS.ProcessEnv = process.env,
  system: () => number = Date.now,
  works: Works = WORKS,
): Promise<NodeState> {
  await assertNode(folder);
  const settings = await loadSettings(folder, env);
  const scratch = scratchOf(folder.path, settings.scratch, settings.records_mib * MIB);
  await scratch.sweep();
  const store = Store.open(folder.path, works.openSqlite);
  try {
    const rules = () => loadSettings(folder, env);
    const vault = await openVault(folder, store, system());
    const own = new OwnIdentities(folder, store, vault);
    own.finishSwitch();
    const identity = liveIdentity(folder, own, await loadIdentity(folder));
    const node = stateOf({ folder, identity, own, vault, settings, scratch, store, works, rules }, system);
    if (store.isReadOnly) return node;
    own.begin(identity, node.clock.now());
    for (const place of [folder.path, dirname(folder.signingKeyFile)]) removeAbandoned(place, Date.now());
    for (const { signingKey, owner } of node.partners.list()) adoptRows(store, signingKey, owner);
    return { ...node, jumped: tidyIfFree(node).jumped };
  } catch (error) {
    store.close();
    throw error;
  }
}

/** All that is sealed under the root of the node's vault. */
export const SEALED: readonly SealedColumn[] = [
  SEALED_KEYS,
  SEALED_CACHES,
  SEALED_NOISE,
  SEALED_OPENINGS,
  SEALED_CODES,
  SEALED_IDENTITIES,
  SEALED_SEEN,
];

/** Errors: `damaged`, `folder`, `open-to-others`. */
export async function openVault(folder: NodeFolder, store: Store, now: number): Promise<NodeVault> {
  // In earlier versions the keys came from the signing key.
  const former = async () => (await loadIdentity(folder)).privateKey.export({ format: "der", type: "pkcs8" });
  return await NodeVault.open(folder, store, SEALED, { former, now });
}

type Opened = Pick<
  NodeState,
  "folder" | "identity" | "own" | "vault" | "settings" | "scratch" | "store" | "works" | "rules"
>;

function stateOf(opened: Opened, system: () => number): NodeState {
  const { vault, scratch, store } = opened;
  const audit = new Audit(store);
  const partners = new Partners(store);
  const caches = new PseudonymCaches(store, vault);
  const seen = new SeenPeople(store, vault);
  return {
    ...opened,
    partners,
    successions: new Successions(store, partners),
    invitations: new Invitations(store),
    sessions: new Sessions(store),
    approvals: new Approvals(store),
    agreements: new Agreements(store),
    ledger: new Ledger(store, vault),
    reserved: new Reserved(store),
    series: new SeriesStore(store),
    templates: new TemplateStore(store),
    seen,
    rates: new Rates(store),
    missed: new Missed(store),
    reports: new Reports(store),
    unsettled: new Unsettled(store),
    receipts: new Receipts(store),
    openings: new KeptOpenings(store, vault),
    kept: new KeptSessions(store),
    audit,
    entriesBefore: audit.length,
    events: new Events(store),
    askedSinks: new AskedSinks(store),
    clock: new Clock(audit, system),
    jumped: undefined,
    epochs: new Epochs(store, vault),
    caches,
    suppressed: new SuppressList(store, vault, caches, seen),
    tokens: new ApiTokens(store),
    users: new Users(store, vault),
    signIns: new SignIns(store),
    links: new Links(store),
    answered: new Answered(store),
    jobs: new Jobs(store),
    close() {
      scratch.close();
      store.close();
    },
  };
}

export interface Tidied {
  /** A jump of the clock since the log's last entry. */
  readonly jumped: ClockChange | undefined;
  /** What kept it from being done. */
  readonly putOff: OperatorError | undefined;
}

/**
 * As `tidy`, unless the store cannot be written to at the moment: whoever opens the node next does it, and one who only reads need
 * not wait. The log is told the time first.
 */
export function tidyIfFree(node: NodeState): Tidied {
  let jumped: ClockChange | undefined;
  try {
    node.store.inPassing(() => {
      jumped = node.clock.read();
      tidy(node, node.clock.now());
      compareWhenDue(node, node.clock.now());
    });
    return { jumped, putOff: undefined };
  } catch (error) {
    if (error instanceof OperatorError) return { jumped, putOff: error };
    throw error;
  }
}

/** Closes sessions that nobody works on any more and forgets what has expired. A serving node repeats it. */
export function tidy(node: NodeState, now: number): void {
  node.store.transaction(() => {
    closeSessions(node, now);
    closePassedRuns(node, now);
    node.sessions.prune(now, node.settings.refused_days * DAY_MS);
    node.approvals.prune();
    node.askedSinks.prune();
    node.templates.prune(now);
    node.reports.prune(now);
    node.unsettled.prune(now);
    node.kept.prune(now);
    node.invitations.forgetExpired(now);
    node.answered.prune(now);
    node.signIns.prune(now);
    node.jobs.tidy(now);
    node.events.prune(now, node.settings.events_days);
  });
  const ended = node.epochs.end(now);
  node.caches.end(now);
  node.seen.end(now);
  for (const { partner, number } of ended) node.audit.append("epoch-ended", { partner, epoch: number }, now);
  node.audit.seal();
}

function closeSessions({ sessions, audit, ledger }: NodeState, now: number): void {
  for (const { id, partner, session, stage } of sessions.closeHalfDone(now)) {
    const facts = { id, partner, session: session ?? "", stage: stage ?? "", code: "interrupted" };
    audit.append("failed", facts, now);
  }
  for (const { id, partner } of sessions.lapse(now)) {
    audit.append("refused", { id, partner, reasons: "lapsed" }, now);
  }
  const live = new Set(sessions.working());
  ledger.wipeNoise((session) => live.has(session));
}
