// How a session ends well: a fresh report is kept with its receipt, or a stored one is served again.
import type { RowCounts } from "@halfroom/prepare";
import { reportDocument, type ReleasedReport } from "@halfroom/report";
import { toHex, type Receipt, type StageMeter } from "@halfroom/session";
import { ProtocolError } from "@halfroom/wire";
import { ownerOf } from "../partners/partners.ts";
import type { SessionJob, SessionReport } from "./session-job.ts";

export interface FreshReport {
  /** Undefined on a side that gets no result. */
  readonly report: ReleasedReport | undefined;
  /** Why the report is empty, and the session counts as failed here though not for the partner. */
  readonly impossible: string | undefined;
  /** Of this side's data, in hex. */
  readonly digest: string;
  readonly receipt: Receipt;
  readonly reportNonce: Uint8Array | undefined;
  readonly meter: StageMeter;
  readonly counts: RowCounts;
}

/** Keeps report and receipt and closes the session, all or nothing. Errors: `agreement`, if the receipt does not hold. */
export function settleFresh({ node, row, partner }: SessionJob, fresh: FreshReport): SessionReport {
  const { report, impossible, digest, receipt, reportNonce, meter, counts } = fresh;
  const session = toHex(receipt.agreement.session);
  const now = node.clock.now();
  const { sender, receiver } = receipt.agreement.content;
  const details = {
    session,
    partner: partner.name,
    role: row.role,
    senderPeople: sender.people,
    receiverPeople: receiver.people,
    dropped: counts.dropped,
    stages: meter.stages,
    seconds: meter.seconds,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    // With it whoever is given the document can open the commitment in the receipt.
    ...(reportNonce && { nonce: toHex(reportNonce) }),
    ...(impossible !== undefined && { impossible }),
  };
  const json = report === undefined ? resultlessJson(details) : reportDocument(report, details);
  node.store.transaction(() => {
    const { name } = partner;
    const kept = { session, request: row.asked, data: digest, json, createdAt: now };
    node.reports.add({ ...kept, partner: name, partnerKey: ownerOf(partner).key });
    node.receipts.add(receipt);
    node.ledger.settle(session);
    const facts = { id: row.id, partner: name, session, report: toHex(receipt.report) };
    if (impossible === undefined) {
      node.sessions.finish(row.id, now);
      node.audit.append("released", facts, now);
    } else {
      node.sessions.fail(row.id, IMPOSSIBLE, now);
      node.audit.append("failed", { ...facts, stage: "release", code: IMPOSSIBLE }, now);
    }
  });
  return { session, json, fresh: { report, stages: meter.stages }, impossible };
}

/**
 * A side that alone receives the result ends like this: it keeps that it got no numbers, and serves that again, so that the partner
 * sees in no later session either what it altered.
 */
const IMPOSSIBLE = "impossible";

/** What a side without a result keeps. */
function resultlessJson(details: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({ result: "the partner alone", ...details }, undefined, 2)}\n`;
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
  const { details } = JSON.parse(report.json) as { details?: { impossible?: string } };
  return { session, json: report.json, fresh: undefined, impossible: details?.impossible };
}
