// A replay of one half, as far as it follows from itself, or of both.
import {
  keyFingerprint,
  PROTOCOL,
  replayOwnHalf,
  replaySession,
  type ReplaySides,
  type ReplayVerdict,
} from "@halfroom/session";
import type { GroupPool } from "@halfroom/crypto";
import { quoted } from "@halfroom/wire/words";
import { OperatorError } from "../errors.ts";
import { digested, type Bundle } from "./bundle.ts";

/** Errors: `no-replay` for halves of two sessions or twice the same role; `damaged`, for another identity than the agreement's. */
export async function replayHalves(
  own: Bundle,
  partner: Bundle | undefined,
  pool: GroupPool,
): Promise<ReplayVerdict> {
  assertIdentity(own);
  assertVersion(own);
  const ownSide = await digested(own);
  if (partner === undefined) return await replayOwnHalf(own.agreement, own.role, ownSide, pool);
  assertIdentity(partner);
  if (own.role === partner.role || Buffer.compare(own.agreement.bytes, partner.agreement.bytes) !== 0)
    throw new OperatorError("no-replay", "The two bundles are not the two halves of one session.");
  const sides = { [own.role]: ownSide, [partner.role]: await digested(partner) } as unknown as ReplaySides;
  return await replaySession(own.agreement, sides, pool);
}

/** Another version computes other messages of the same data. */
function assertVersion({ agreement }: Bundle): void {
  const { protocol } = agreement.content.terms;
  if (protocol === PROTOCOL) return;
  const words = `The session spoke ${quoted(protocol)}, which this version of Halfroom does not compute: replay it with the version that ran it.`;
  throw new OperatorError("no-replay", words);
}

function assertIdentity({ agreement, role, side }: Bundle): void {
  if (Buffer.compare(keyFingerprint(side.signingKey), agreement.content[role].fingerprint) === 0) return;
  throw new OperatorError("damaged", "The bundle names another key than the agreement.");
}
