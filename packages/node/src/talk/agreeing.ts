// From accepted terms to a signed agreement:
//
//     sender                                          receiver
//     statement, stored report to serve or none  ->   counts the evaluations that it needs under the sender's key
//                                                <-   statement, the same stored report or none
//     signature                                 <->   signature
//
// Both compose the agreement from the same terms and both statements; a signature on anything else does not verify.
import { ProtocolError, type Channel } from "@halfroom/wire";
import { signAgreement, verifyAgreement } from "../agreement/agreement.ts";
import type {
  AgreementText,
  ReceiverStatement,
  SenderStatement,
  Signatures,
} from "../agreement/agreement.types.ts";
import { decodeStatement, encodeStatement } from "../agreement/statement.ts";
import { otherRole } from "../agreement/terms.ts";
import type { Role } from "../half.types.ts";
import { keyFingerprint, publicKeyOf } from "../identity/fingerprint.ts";
import type { Identity } from "../identity/identity.ts";

const NOTHING_STORED = new Uint8Array(0);

type StatementChannel = Channel<"statement", "statement">;

export interface StatementExchange {
  /** The partner's Ed25519 key as it is pinned, 32 bytes. */
  readonly partnerKey: Uint8Array;
  /** Ids in hex of sessions whose report this side could serve, the best first. */
  readonly stored: readonly string[];
}

export interface Exchanged {
  readonly sender: SenderStatement;
  readonly receiver: ReceiverStatement;
  /** The session in hex whose report both sides have, if the sender named one. */
  readonly stored: string | undefined;
}

/** The sender's side. Errors: `malformed`, `agreement` for another role or identity than the pinned one. */
export async function stateAsSender(
  ch: StatementChannel,
  sender: SenderStatement,
  { partnerKey, stored }: StatementExchange,
): Promise<Exchanged> {
  const [named] = stored;
  await ch.send({
    type: "statement",
    statement: encodeStatement(sender),
    stored: named === undefined ? NOTHING_STORED : fromHex(named),
  });
  const answer = await ch.recv("statement");
  const receiver = decodeStatement(answer.statement, "receiver", keyFingerprint(partnerKey));
  const both = toSessionHex(answer.stored);
  if (both !== undefined && both !== named) throw new ProtocolError("agreement");
  return { sender, receiver, stored: both };
}

/** The receiver's side; `state` makes its statement from the sender's. Errors as `stateAsSender`. */
export async function stateAsReceiver(
  ch: StatementChannel,
  state: (sender: SenderStatement) => Promise<ReceiverStatement>,
  { partnerKey, stored }: StatementExchange,
): Promise<Exchanged> {
  const asked = await ch.recv("statement");
  const sender = decodeStatement(asked.statement, "sender", keyFingerprint(partnerKey));
  const named = toSessionHex(asked.stored);
  const both = named !== undefined && stored.includes(named) ? named : undefined;
  const receiver = await state(sender);
  await ch.send({
    type: "statement",
    statement: encodeStatement(receiver),
    stored: both === undefined ? NOTHING_STORED : asked.stored,
  });
  return { sender, receiver, stored: both };
}

export interface SignedAgreement {
  readonly text: AgreementText;
  readonly signatures: Signatures;
}

/** Errors: `agreement` unless the partner signed this very agreement under its pinned key. */
export async function exchangeSignatures(
  ch: Channel<"signature", "signature">,
  text: AgreementText,
  ours: Role,
  identity: Identity,
  partnerKey: Uint8Array,
): Promise<SignedAgreement> {
  const signature = signAgreement(text, ours, identity.privateKey);
  await ch.send({ type: "signature", signature });
  const theirs = await ch.recv("signature");
  verifyAgreement(text, otherRole(ours), theirs.signature, publicKeyOf(partnerKey));
  const signatures = { [ours]: signature, [otherRole(ours)]: theirs.signature } as Record<Role, Uint8Array>;
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
