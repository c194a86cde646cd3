// From accepted terms to a signed agreement:
//
//     initiator                                        answering node
//     statement, stored report to serve or none  ->
//                                                <-    statement, the same stored report or none
//     signature                                 <->    signature
//
// Both compose the agreement from the same terms and both statements; a signature on anything else does not verify.
import { ProtocolError, type Channel } from "@halfroom/wire";
import { composeAgreement, signAgreement, verifyAgreement } from "../agreement/agreement.ts";
import type { AgreementText, Signatures, Statement, Terms } from "../agreement/agreement.types.ts";
import { decodeStatement, encodeStatement } from "../agreement/statement.ts";
import { otherRole } from "../agreement/terms.ts";
import { keyFingerprint, publicKeyOf } from "../identity/fingerprint.ts";
import type { Identity } from "../identity/identity.ts";

const NOTHING_STORED = new Uint8Array(0);

type StatementChannel = Channel<"statement", "statement">;

export interface StatementExchange {
  readonly ours: Statement;
  /** The partner's Ed25519 key as it is pinned, 32 bytes. */
  readonly partnerKey: Uint8Array;
  readonly initiator: boolean;
  /** Ids in hex of sessions whose report this side could serve, the best first. */
  readonly stored: readonly string[];
}

export interface Exchanged {
  readonly theirs: Statement;
  /** The session in hex whose report both sides have, if the initiator named one. */
  readonly stored: string | undefined;
}

/** Errors: `malformed`, `agreement` for another role or identity than the pinned one. */
export async function exchangeStatements(
  ch: StatementChannel,
  exchange: StatementExchange,
): Promise<Exchanged> {
  const { ours, partnerKey, initiator, stored } = exchange;
  const statement = encodeStatement(ours);
  const read = (bytes: Uint8Array) =>
    decodeStatement(bytes, otherRole(ours.role), keyFingerprint(partnerKey));
  if (initiator) {
    const named = stored[0];
    await ch.send({
      type: "statement",
      statement,
      stored: named === undefined ? NOTHING_STORED : fromHex(named),
    });
    const answer = await ch.recv("statement");
    const agreed = toSessionHex(answer.stored);
    if (agreed !== undefined && agreed !== named) throw new ProtocolError("agreement");
    return { theirs: read(answer.statement), stored: agreed };
  }
  const asked = await ch.recv("statement");
  const theirs = read(asked.statement);
  const named = toSessionHex(asked.stored);
  const both = named !== undefined && stored.includes(named) ? named : undefined;
  await ch.send({ type: "statement", statement, stored: both === undefined ? NOTHING_STORED : asked.stored });
  return { theirs, stored: both };
}

export interface SignedAgreement {
  readonly text: AgreementText;
  readonly signatures: Signatures;
}

export function compose(terms: Terms, ours: Statement, theirs: Statement): AgreementText {
  if (ours.role === "sender" && theirs.role === "receiver") return composeAgreement(terms, ours, theirs);
  if (ours.role === "receiver" && theirs.role === "sender") return composeAgreement(terms, theirs, ours);
  throw new ProtocolError("agreement", "both sides want the same role");
}

/** Errors: `agreement` unless the partner signed this very agreement under its pinned key. */
export async function exchangeSignatures(
  ch: Channel<"signature", "signature">,
  text: AgreementText,
  ours: Statement["role"],
  identity: Identity,
  partnerKey: Uint8Array,
): Promise<SignedAgreement> {
  const signature = signAgreement(text, ours, identity.privateKey);
  await ch.send({ type: "signature", signature });
  const theirs = await ch.recv("signature");
  verifyAgreement(text, otherRole(ours), theirs.signature, publicKeyOf(partnerKey));
  const signatures = { [ours]: signature, [otherRole(ours)]: theirs.signature } as Record<
    Statement["role"],
    Uint8Array
  >;
  return { text, signatures };
}

function fromHex(session: string): Uint8Array {
  return new Uint8Array(Buffer.from(session, "hex"));
}

function toSessionHex(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return undefined;
  if (bytes.length !== 32) throw new ProtocolError("malformed");
  return Buffer.from(bytes).toString("hex");
}
