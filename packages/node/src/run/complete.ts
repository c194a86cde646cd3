// Completing a session whose last messages were lost (protocol-spec.md, section 14.4): both sides had the report, one has no receipt of
// it. The receipts are exchanged once more, of the same bytes; nothing is computed and no budget is taken.
import { parseReport } from "@halfroom/report";
import {
  confirmAgain,
  exchangeReceipts,
  keyFingerprint,
  otherRole,
  ROLES,
  sessionError,
  signerOf,
  type Agreement,
  type Role,
} from "@halfroom/session";
import { ProtocolError, type OpenChannel } from "@halfroom/wire";
import { OperatorError } from "../errors.ts";
import { reachedWords } from "../ledger/rates.ts";
import type { NodeState } from "../node-state.ts";
import { ownerOf, type Partner } from "../partners/partners.ts";
import type { SessionRow } from "../sessions/row.ts";
import { call } from "./call.ts";
import type { SessionReport } from "./session-job.ts";
import { settleLate } from "./settle.ts";

/** How long and whether at all the partner is waited for. */
export interface Patience {
  /** Milliseconds to reach it; the setting `connect_seconds` where nothing is said. */
  readonly waitMs?: number;
  /** Ends it at once. */
  readonly leaving?: AbortSignal;
}

/**
 * Asks the partner. Errors: `session-state`, if there is nothing to complete; `incomplete`, `agreement`, those of the connection;
 * `closed` once `leaving` is aborted.
 */
export async function askToComplete(
  node: NodeState,
  row: SessionRow,
  partner: Partner,
  { waitMs, leaving }: Patience = {},
): Promise<SessionReport> {
  const { session } = row;
  if (session === undefined || node.unsettled.get(session) === undefined)
    throw new OperatorError(
      "session-state",
      `Session ${row.id} is ${row.state}: there is nothing to complete.`,
    );
  const { talk, partner: answering } = await call(node, partner, waitMs);
  const leave = () => void talk.abort(new ProtocolError("closed", "this node is ending"));
  leaving?.addEventListener("abort", leave);
  if (leaving?.aborted === true) leave();
  try {
    await talk.send({ type: "complete", session: new Uint8Array(Buffer.from(session, "hex")) });
    const report = await exchange(node, row, answering, talk);
    await talk.close();
    return report;
  } catch (error) {
    await talk.abort(error);
    throw sessionError(error);
  } finally {
    leaving?.removeEventListener("abort", leave);
  }
}

/** After these there is nothing at the partner that could complete the session. */
const FINAL: readonly string[] = ["incomplete", "agreement", "transcript", "malformed"];

/** Whether asking again is of no use. */
export function isFinal(error: unknown): boolean {
  return error instanceof ProtocolError && FINAL.includes(error.code);
}

/**
 * Answers the partner's question for `session`, in hex. Errors: `incomplete`, for a session of somebody else too; `agreement`; `refused`,
 * if the partner has asked too often of late, whatever it asked for.
 */
export async function answerCompletion(
  node: NodeState,
  partner: Partner,
  session: string,
  talk: OpenChannel,
): Promise<void> {
  const { rates, settings, clock } = node;
  const limits = { perHour: settings.completions_per_hour, perDay: settings.completions_per_day };
  const reached = rates.take(ownerOf(partner).key, "completion", limits, clock.now());
  if (reached !== undefined) throw new ProtocolError("refused", reachedWords("completion", reached));
  const row = node.sessions.ofSession(session);
  if (row === undefined) throw new ProtocolError("incomplete");
  const receipt = node.receipts.get(session);
  if (receipt === undefined) await exchange(node, row, partner, talk);
  else await confirmAgain(talk, receipt, roleWith(node, partner, receipt.agreement));
  await talk.close();
}

async function exchange(
  node: NodeState,
  row: SessionRow,
  partner: Partner,
  talk: OpenChannel,
): Promise<SessionReport> {
  const session = row.session!;
  const agreement = node.agreements.get(session);
  const kept = node.unsettled.get(session);
  if (agreement === undefined || kept === undefined) throw new ProtocolError("incomplete");
  const us = roleWith(node, partner, agreement);
  const { content } = agreement;
  // The partner's key of then: it signed with it, and may have another one today.
  const partnerKey = keyWith(node.partners.keysOf(partner), content[otherRole(us)].fingerprint)!;
  // Nobody can sign for an identity that has given way.
  if (keyWith([node.identity.signingKey], content[us].fingerprint) === undefined)
    throw new ProtocolError("incomplete");
  const { resultTo } = agreement.content.terms;
  const hasResult = resultTo === "both" || resultTo === us;
  let settled: SessionReport | undefined;
  await exchangeReceipts({
    ch: talk,
    signed: { agreement, signatures: kept.signatures },
    us,
    site: {
      sign: signerOf(node.identity.privateKey),
      signingKey: node.identity.signingKey,
      partnerKey,
    },
    report: hasResult ? parseReport(kept.json).report : undefined,
    transcript: kept.transcript,
    nonce: kept.nonce,
    settle: (receipted) => (settled = settleLate({ node, row, partner }, receipted, kept)),
  });
  return settled!;
}

/** This side's role in a session with this very partner, under whichever of their keys. Errors: `incomplete`, if it was with another one. */
function roleWith({ own, partners }: NodeState, partner: Partner, { content }: Agreement): Role {
  const theirs = partners.keysOf(partner);
  const us = ROLES.find(
    (role) =>
      own.keyWith(content[role].fingerprint) !== undefined &&
      keyWith(theirs, content[otherRole(role)].fingerprint) !== undefined,
  );
  if (us === undefined) throw new ProtocolError("incomplete");
  return us;
}

function keyWith(keys: readonly Uint8Array[], fingerprint: Uint8Array): Uint8Array | undefined {
  return keys.find((key) => Buffer.compare(keyFingerprint(key), fingerprint) === 0);
}
