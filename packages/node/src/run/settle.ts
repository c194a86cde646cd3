// How a session ends well: a fresh report is kept with its receipt, or a stored one is served again. A report whose receipts are still
// to be exchanged is kept before this side's leaves, so that a connection lost just then costs neither side its report.
import { parseReport, reportDocument, resultlessDocument, type OwnData } from "@halfroom/report";
import {
  requestDigest,
  toHex,
  type Agreement,
  type Receipted,
  type Settled,
  type StageMeter,
  type Unsigned,
} from "@halfroom/session";
import { ProtocolError } from "@halfroom/wire";
import type { NodeState } from "../node-state.ts";
import { ownerOf, type Partner } from "../partners/partners.ts";
import { newSinceOf } from "../series/new-since.ts";
import type { UnsettledReport } from "../reports/unsettled.ts";
import type { SessionRow } from "../sessions/row.ts";
import type { SessionJob, SessionReport } from "./session-job.ts";

/** What only this side knows of the session. */
export interface OwnSide {
  /** Of this side's data, in hex. */
  readonly digest: string;
  readonly meter: StageMeter;
  readonly data: OwnData;
}

/** Before this side's receipt leaves. */
export function keepUnsigned({ node, row, partner }: SessionJob, unsigned: Unsigned, own: OwnSide): void {
  const { signed, transcript, nonce } = unsigned;
  const { agreement, signatures } = signed;
  node.unsettled.keep({
    session: toHex(agreement.session),
    signatures,
    json: documentOf({ node, row, partner, made: new Date(node.clock.now()) }, agreement, unsigned, own),
    data: own.digest,
    transcript,
    nonce,
    keptAt: node.clock.now(),
  });
}

/** Keeps report and receipt and closes the session, all or nothing. Errors: `agreement`, if the receipt does not hold. */
export function settleFresh(
  { node, row, partner }: SessionJob,
  settled: Settled,
  own: OwnSide,
): SessionReport {
  const { report, impossible, receipt, nonce } = settled;
  const about = { node, row, partner, made: new Date(node.clock.now()) };
  const json = documentOf(about, receipt.agreement, { report, impossible, nonce }, own);
  settle({ node, row, partner }, settled, { json, data: own.digest });
  const session = toHex(receipt.agreement.session);
  return { session, json, fresh: { report, stages: own.meter.stages }, impossible };
}

/** As `settleFresh`, for a session that had ended before its receipts were exchanged. Where both sides asked each other at once, the first exchange counts. */
export function settleLate(
  about: Pick<SessionJob, "node" | "row" | "partner">,
  receipted: Receipted,
  { json, data }: Pick<UnsettledReport, "json" | "data">,
): SessionReport {
  const { store, receipts } = about.node;
  const session = toHex(receipted.receipt.agreement.session);
  const whole = withNonce(json, receipted.nonce);
  store.transaction(() => {
    if (receipts.get(session) === undefined) settle(about, receipted, { json: whole, data });
  });
  return { session, json: whole, fresh: undefined, impossible: impossibleIn(json) };
}

function settle(
  { node, row, partner }: { node: NodeState; row: SessionRow; partner: Partner },
  { receipt }: Receipted,
  { json, data }: { json: string; data: string },
): void {
  const session = toHex(receipt.agreement.session);
  const now = node.clock.now();
  node.store.transaction(() => {
    const { name } = partner;
    const kept = { session, request: requestDigest(row.terms), data, json, createdAt: now };
    node.reports.add({ ...kept, partner: name, partnerKey: ownerOf(partner).key });
    node.receipts.add(receipt);
    node.ledger.settle(session);
    node.series.settle(session);
    node.unsettled.forget(session);
    const facts = { id: row.id, partner: name, session, report: toHex(receipt.report) };
    if (impossibleIn(json) === undefined) {
      node.sessions.complete(row.id, now);
      node.audit.append("released", facts, now);
    } else {
      node.sessions.complete(row.id, now, IMPOSSIBLE);
      node.audit.append("failed", { ...facts, stage: "release", code: IMPOSSIBLE }, now);
    }
  });
}

/**
 * A side that alone receives the result ends like this: it keeps that it got no numbers, and serves that again, so that the partner
 * sees in no later session either what it altered.
 */
const IMPOSSIBLE = "impossible";

function impossibleIn(json: string): string | undefined {
  const { details } = JSON.parse(json) as { details?: { impossible?: string } };
  return details?.impossible;
}

function documentOf(
  { node, row, partner, made }: { node: NodeState; row: SessionRow; partner: Partner; made: Date },
  { session, content: { sender, receiver } }: Agreement,
  { report, impossible, nonce }: Pick<Settled, "report" | "impossible" | "nonce">,
  { meter, data: own }: OwnSide,
): string {
  const newSince = newSinceOf(node, row.terms, sender);
  const origin = { session: toHex(session), partner: partner.name, made, ...(newSince && { newSince }) };
  const details = {
    role: row.role,
    senderPeople: sender.people,
    receiverPeople: receiver.people,
    stages: meter.stages,
    seconds: meter.seconds,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    // With it whoever is given the document can open the commitment in the receipt.
    ...(nonce && { nonce: toHex(nonce) }),
    ...(impossible !== undefined && { impossible }),
  };
  return report === undefined
    ? resultlessDocument({ origin, own }, details)
    : reportDocument({ ...report, origin, own }, details);
}

/** The document of a side that has just been told the nonce. */
function withNonce(json: string, nonce: Uint8Array | undefined): string {
  if (nonce === undefined) return json;
  const { report, details } = parseReport(json);
  return reportDocument(report, { ...details, nonce: toHex(nonce) });
}

/** An identical request over identical data: both sides have the report, and nothing is computed or paid. */
export function settleStored({ node, row, partner }: SessionJob, session: string): SessionReport {
  const report = node.reports.get(session);
  if (report === undefined)
    throw new ProtocolError("internal", "the stored report has been deleted in the meantime");
  const now = node.clock.now();
  node.store.transaction(() => {
    node.sessions.finish(row.id, now);
    node.audit.append("stored-report-served", { id: row.id, partner: partner.name, session }, now);
  });
  return { session, json: report.json, fresh: undefined, impossible: impossibleIn(report.json) };
}
