// A serving node: it answers its partners.
import {
  listenTls,
  splitAddress,
  StreamNames,
  StreamPort,
  type TlsListener,
  type ListenTlsOptions,
  type TlsConnection,
  type TurnedAway,
} from "@halfroom/transport";
import { detached, guarded, ignored, ProtocolError } from "@halfroom/wire";
import type { X509Certificate } from "node:crypto";
import { setMaxListeners } from "node:events";
import { availableParallelism } from "node:os";
import type { Logger } from "pino";
import { assertBooksHold } from "../ledger/against-log.ts";
import { jumpWords, type ClockChange } from "../ledger/clock.ts";
import { tidyIfFree, type NodeState } from "../node-state.ts";
import { doorLimits, inFront, patience, turnLimits } from "../config/schema.ts";
import { codeOf, OperatorError, safeWords, toOperatorError } from "../errors.ts";
import { openDelivering } from "./delivering.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { openCluster } from "../cluster/open.ts";
import { every } from "../every.ts";
import type { StreamFront } from "../streams/session-streams.ts";
import { HOUR_MS } from "../time.ts";
import { hostGuest } from "../partners/join.ts";
import { standingOf } from "../partners/met.ts";
import { closeThreads, openThreads } from "@halfroom/session";
import { DueRuns } from "../series/due-runs.ts";
import { seriesMetrics } from "../series/series-metrics.ts";
import { openAdmin, type Admin } from "./admin.ts";
import { clusterMetrics } from "./cluster-metrics.ts";
import { CompleteLost } from "./complete-lost.ts";
import { endTalks } from "./end-talks.ts";
import { ExpiryLog, expiryMetrics } from "./tell-expiries.ts";
import { RotationLog, rotationMetrics } from "./tell-rotation.ts";
import { Metrics } from "./metrics.ts";
import { openTelemetry } from "../telemetry/telemetry.ts";
import { QuietLog } from "./quiet-log.ts";
import { servePartner, type ServeEvent, type Service } from "./serve-partner.ts";
import { Turns } from "./turns.ts";
import { waitingMetrics } from "./waiting-metrics.ts";

const TIDY_MS = 60_000;
const EXPIRIES_MS = HOUR_MS;
/** How often it is looked for runs of series that are due. */
const SERIES_MS = 10_000;
/** How soon a certificate that a command has put in place is shown to partners. */
const RENEW_MS = 2000;
/** Strangers that the operator's own network may have sent. */
const IN_FRONT: Readonly<Partial<Record<TurnedAway, string>>> = {
  "not-tls": "it does not begin with TLS",
  "not-tls-http":
    "not TLS but HTTP: if a proxy or load balancer in front of this node sent it, it must pass TLS through unchanged",
  "not-tls-proxy":
    "not TLS but a header of the PROXY protocol: name what is in front of this node in `gateways`, or turn the header off there",
  "no-caller":
    "a machine in `gateways` sent no header of the PROXY protocol, versions 1 or 2: turn that on there, or take it out of `gateways`",
  "other-protocol":
    "TLS without Halfroom's protocol: if a proxy or load balancer in front of this node ends TLS, it must pass it through unchanged",
};

export interface Serving {
  /** HOST:PORT for partners. */
  readonly address: string;
  readonly admin: string;
  /**
   * Ends at once whatever has not begun, takes no new connections, and resolves when running sessions have ended, at the latest
   * after the setting `drain_seconds`; connections that were lost may come back meanwhile. `signal` is what asked for it, for
   * the log.
   */
  close(signal?: string): Promise<void>;
}

/**
 * Errors: `listen`, if an address cannot be listened on; `cluster`, if Redis or share cannot be used; `audit`, `clock`, `ledger`, if
 * store, log, head and clock do not agree.
 */
export async function serve(
  node: NodeState,
  log: Logger,
  onEvent: (event: ServeEvent) => void = () => {},
): Promise<Serving> {
  node.store.assertWritable();
  assertBooksHold(node);
  const { settings, invitations, identity, clock } = node;
  const turns = new Turns(turnLimits(settings));
  const metrics = new Metrics(turns);
  expiryMetrics(metrics.registry, node);
  waitingMetrics(metrics.registry, node);
  seriesMetrics(metrics.registry, node);
  rotationMetrics(metrics.registry, node);
  const quiet = new QuietLog(log);
  const onTrouble = (words: string) => quiet.warn(words, {}, words);
  let cluster: Cluster | undefined;
  const watch = settings.redis === "" ? undefined : clusterMetrics(metrics.registry, () => cluster);
  cluster = await openCluster(node, onTrouble, watch);
  const telemetry = await openTelemetry(node, onTrouble, metrics.registry);
  const threads = await openThreads(settings.threads || availableParallelism());
  const front: StreamFront = { names: new StreamNames(), port: new StreamPort() };
  const [ending, cutting] = [new AbortController(), new AbortController()];
  // One listener for each connection.
  setMaxListeners(0, ending.signal, cutting.signal);
  const signals = { ending: ending.signal, cutting: cutting.signal };
  const service: Service = {
    node,
    log,
    quiet,
    turns,
    metrics,
    threads,
    cluster,
    front,
    telemetry,
    ...signals,
    onEvent,
  };
  const onFault = (words: string) => (error: Error) =>
    quiet.warn(words, { code: codeOf(error), words: safeWords(error) }, words);
  let ready = false;
  const talks = new Set<Promise<void>>();
  const listenOptions: ListenTlsOptions = {
    ...splitAddress(settings.listen),
    ...patience(settings),
    identity: identity.tls,
    door: doorLimits(settings),
    isInFront: inFront(settings),
    streams: front.names,
    admit: (_fingerprint, purpose, certificate) =>
      purpose === "join"
        ? !ending.signal.aborted && invitations.anyOpen(clock.now())
        : isLetIn(service, certificate),
    meet: (connection) => {
      const talk = meet(service, connection).finally(() => talks.delete(talk));
      talks.add(talk);
    },
    onTurnedAway: (why, fingerprint) => {
      metrics.strangers.inc({ why });
      quiet.warn(`refused ${why}`, { why, fingerprint, words: IN_FRONT[why] }, "connection refused");
    },
    onFault: onFault("a connection could not be accepted"),
  };
  let admin: Admin | undefined;
  let listener: TlsListener | undefined;
  /** Why a partner that calls now is not answered. */
  const unready = () => {
    if (!ready || listener === undefined) return "it does not answer partners";
    return listener.isFull ? "all connections are taken" : undefined;
  };
  try {
    admin = await openAdmin({
      address: settings.admin,
      hosts: settings.admin_hosts,
      registry: metrics.registry,
      unready,
      onFault: onFault("the operator's port could not answer"),
    });
    listener = await listen(listenOptions, settings.listen);
  } catch (error) {
    admin?.close();
    await closeThreads(threads);
    await telemetry?.close();
    await cluster?.close();
    throw error;
  }
  const tidyUp = () => {
    const { jumped, putOff } = tidyIfFree(node);
    if (putOff !== undefined) log.warn({ words: putOff.message }, "tidying put off");
    warnOfJump(log, jumped);
  };
  const stopTidying = every(TIDY_MS, tidyUp, (error) =>
    log.error({ words: safeWords(error) }, "tidying failed"),
  );
  const lost = new CompleteLost(service);
  const completeLost = () => detached(() => lost.work(), ignored);
  completeLost();
  const stopCompleting = every(TIDY_MS, completeLost, ignored);
  const due = new DueRuns(service);
  const failed = (error: unknown) => log.error({ words: safeWords(error) }, "series failed");
  const makeDue = guarded(() => due.work(), failed);
  makeDue();
  const stopSeries = every(SERIES_MS, makeDue, failed);
  const expiries = new ExpiryLog(node, (words, fields) => log.warn({ ...fields, words }, "expires"));
  const rotation = new RotationLog(node, (words, fields) => log.warn({ ...fields, words }, "rotation"));
  const look = async () => {
    rotation.look();
    await expiries.look();
  };
  const lookAtExpiries = () => detached(look, ignored);
  lookAtExpiries();
  const stopLooking = every(EXPIRIES_MS, lookAtExpiries, ignored);
  const { renew } = listener;
  const stopRenewing = identity.onChange(() => {
    renew(identity.tls);
    log.info({ fingerprint: identity.fingerprint }, "certificate replaced");
  });
  const unread = onFault("the node's new certificate could not be read");
  const stopLookingForKeys = every(RENEW_MS, () => detached(() => identity.refresh(), unread), ignored);
  const delivering = openDelivering(node, quiet, metrics.registry);
  ready = true;
  warnOfJump(log, node.jumped);
  log.info({ listen: listener.address, admin: admin.address, fingerprint: identity.fingerprint }, "ready");
  const { address } = listener;
  const end = async (signal?: string) => {
    log.info({ signal }, "ending once running sessions are over");
    ready = false;
    stopTidying();
    stopLookingForKeys();
    stopRenewing();
    stopCompleting();
    stopLooking();
    stopSeries();
    await endTalks(listener, { turns, due, talks, log, ending, cutting }, settings.drain_seconds * 1000);
    await due.end();
    await lost.work();
    await delivering.close();
    quiet.end();
    admin.close();
    await closeThreads(threads);
    await telemetry?.close();
    await cluster?.close();
    log.info("ended");
  };
  let ended: Promise<void> | undefined;
  return { address, admin: admin.address, close: (signal) => (ended ??= end(signal)) };
}

async function listen(options: ListenTlsOptions, address: string): Promise<TlsListener> {
  try {
    return await listenTls(options);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    const words = `Cannot listen on ${address} (${codeOf(cause.cause)}); choose another \`listen\`.`;
    throw new OperatorError("listen", words, { cause });
  }
}

/** Whether the certificate is a partner's; one that names a new identity is told of. */
function isLetIn({ node, quiet }: Service, certificate: X509Certificate): boolean {
  const found = standingOf(node, certificate);
  if (found?.isHeld === true) {
    const { name: partner, fingerprint } = found.partner;
    const words = "a partner names a new identity: a person here has to confirm it";
    quiet.warn(`held ${partner}`, { partner, fingerprint }, words);
  }
  return found?.isHeld === false;
}

/** One connection from its first message to its end; never rejects. */
async function meet(service: Service, connection: TlsConnection): Promise<void> {
  const { quiet } = service;
  try {
    if (connection.peer.purpose === "join") await host(service, connection);
    else await servePartner(service, connection);
  } catch (error) {
    const { code, phase } = error instanceof ProtocolError ? error : { code: "internal", phase: undefined };
    const partner = nameOf(service, connection);
    const fields = { partner, code, stage: phase, words: safeWords(error) };
    quiet.warn(`ended ${partner ?? "guest"} ${code}`, fields, "connection ended");
    const shown = toOperatorError(error);
    const known = shown instanceof OperatorError ? shown.toJSON() : undefined;
    service.onEvent({ type: "failed", ...(known ?? { code: "internal", words: safeWords(error) }) });
  }
}

function warnOfJump(log: Logger, jumped: ClockChange | undefined): void {
  if (jumped !== undefined) log.warn({ words: jumpWords(jumped) }, "clock");
}

/** Undefined for a partner that is gone, and where the store does not answer. */
function nameOf({ node }: Service, { peer }: TlsConnection): string | undefined {
  try {
    return node.successions.byFingerprint(peer.fingerprint, node.clock.now())?.name;
  } catch {
    return undefined;
  }
}

async function host({ node, log }: Service, connection: TlsConnection): Promise<void> {
  const { identity, invitations, audit, clock } = node;
  const partner = await hostGuest(connection, { identity, invitations, now: () => clock.now() });
  audit.append("partner-joined", { partner: partner.name, fingerprint: partner.fingerprint }, clock.now());
  log.info({ partner: partner.name, fingerprint: partner.fingerprint }, "partner joined");
}
