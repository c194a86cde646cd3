// The receipt of a session (protocol-spec.md, section 14.3): the agreement with both signatures, and both sides' signatures on
// a commitment to what was released. Whoever has it can check it without either node.
//
//     committing side                              partner
//     transcript                            <->    transcript
//     commitment, nonce, signature           ->    opens it, if it has the report; the nonce is sent to no other
//                                            <-    the same commitment, signature
import { createHash, createPublicKey, verify, type KeyObject } from "node:crypto";
import { encodeParts, hash256, type Rng } from "@halfroom/crypto";
import { otherRole, ROLES, type Role } from "@halfroom/mpc";
import type { ReleasedReport } from "@halfroom/report";
import { ProtocolError, type Channel } from "@halfroom/wire";
import { z } from "zod";
import {
  readAgreement,
  verifyAgreement,
  type Agreement,
  type SignedAgreement,
  type Signatures,
} from "../agreement/agreement.ts";
import { decodeAs, encodeAs } from "../agreement/canonical.ts";
import { publicKeyOf, type Signer } from "../agreement/keys.ts";
import type { Site } from "../site.ts";
import { gets } from "../table/labels.ts";
import { hexField } from "../terms/fields.ts";
import type { Terms } from "../terms/terms.ts";
import { commitToReport, REPORT_NONCE_BYTES } from "./commitment.ts";

/** Both sides hold the same content. */
export interface Receipt {
  readonly agreement: Agreement;
  /** On the agreement. */
  readonly signatures: Signatures;
  /** Commitment to the released table, 32 bytes. */
  readonly report: Uint8Array;
  /** Of all messages before the receipts (protocol-spec.md, section 2.3); undefined in a receipt of version 1. */
  readonly transcript?: Uint8Array | undefined;
  /** On session id, commitment and transcript. */
  readonly receiptSignatures: Signatures;
  /** Ed25519 public keys, SPKI in DER. */
  readonly publicKeys: Signatures;
}

/** A receipt, and on a side that has the report the nonce that opens its commitment. */
export interface Receipted {
  readonly receipt: Receipt;
  readonly nonce: Uint8Array | undefined;
}

const NO_NONCE = new Uint8Array(0);

interface Exchange {
  readonly ch: Channel<"done" | "receipt", "done" | "receipt">;
  readonly signed: SignedAgreement;
  readonly us: Role;
  readonly site: Pick<Site, "sign" | "signingKey" | "partnerKey">;
  /** Undefined on a side that gets no result. */
  readonly report: ReleasedReport | undefined;
  /** Of all messages before, 32 bytes. */
  readonly transcript: Uint8Array;
  /** On the side that commits: 32 random bytes, as `receiptNonce` drew them. */
  readonly nonce: Uint8Array | undefined;
  /** Called once both signatures hold, on the side that answers before its own leaves: the partner may never get it, and asks for it again. */
  readonly settle: (receipted: Receipted) => void;
}

/** The nonce of the side that commits; undefined on the other. */
export function receiptNonce(terms: Pick<Terms, "resultTo">, us: Role, rng: Rng): Uint8Array | undefined {
  return committing(terms) === us ? rng.fork("receipt/nonce").bytes(REPORT_NONCE_BYTES) : undefined;
}

/**
 * Both sides tell their transcripts and sign one commitment to the report. A side that gets no result takes the other's word for it,
 * and signs that it was told so; it never sees the nonce. Errors: `transcript`, if the
 * partner saw other messages; `agreement`, if it commits to another report or does not sign; `malformed`, for a nonce where none is due
 * and for none where one is.
 */
export async function exchangeReceipts(exchange: Exchange): Promise<Receipted> {
  const { ch, signed, us, transcript } = exchange;
  await ch.send({ type: "done", digest: transcript });
  if (committing(signed.agreement.content.terms) === us) return await commit(exchange);
  return await confirm(exchange);
}

/** For a partner that lost the answer: the side that answered sends it again, if it is asked with the same bytes. Errors: `transcript`, `agreement`. */
export async function confirmAgain(
  ch: Exchange["ch"],
  { report, transcript, receiptSignatures }: Receipt,
  us: Role,
): Promise<void> {
  if (transcript === undefined) throw new ProtocolError("incomplete");
  await ch.send({ type: "done", digest: transcript });
  await confirmed({ ch, transcript });
  const told = await ch.recv("receipt");
  const isSame =
    Buffer.compare(told.report, report) === 0 &&
    Buffer.compare(told.signature, receiptSignatures[otherRole(us)]) === 0;
  if (!isSame) throw otherReport();
  await ch.send({ type: "receipt", report, nonce: NO_NONCE, signature: receiptSignatures[us] });
}

/** The side that commits: of two that have the report, the receiver. */
function committing({ resultTo }: Pick<Terms, "resultTo">): Role {
  return resultTo === "both" ? "receiver" : resultTo;
}

async function commit(exchange: Exchange): Promise<Receipted> {
  const { ch, us, site, report: own, nonce } = exchange;
  const { agreement } = exchange.signed;
  if (own === undefined || nonce === undefined)
    throw new RangeError("the side that commits has the report and a nonce");
  const report = commitToReport(own, agreement.session, nonce);
  const signature = signReceipt(agreement, { report, transcript: exchange.transcript }, us, site.sign);
  const shared = gets(agreement.content.terms, otherRole(us));
  await ch.send({ type: "receipt", report, nonce: shared ? nonce : NO_NONCE, signature });
  await confirmed(exchange);
  const answer = await ch.recv("receipt");
  assertNonce(answer.nonce, false);
  if (Buffer.compare(answer.report, report) !== 0) throw otherReport();
  const receipted = { receipt: receiptOf(exchange, report, signature, answer.signature), nonce };
  exchange.settle(receipted);
  return receipted;
}

/** Signs only what holds. */
async function confirm(exchange: Exchange): Promise<Receipted> {
  const { ch, us, site, report: own } = exchange;
  const { agreement } = exchange.signed;
  await confirmed(exchange);
  const told = await ch.recv("receipt");
  // Fields are views of their frame, and these are kept.
  const report = new Uint8Array(told.report);
  assertNonce(told.nonce, own !== undefined);
  if (own !== undefined) {
    const expected = commitToReport(own, agreement.session, told.nonce);
    if (Buffer.compare(report, expected) !== 0) throw otherReport();
  }
  const signature = signReceipt(agreement, { report, transcript: exchange.transcript }, us, site.sign);
  const receipt = receiptOf(exchange, report, signature, told.signature);
  const receipted = { receipt, nonce: own && new Uint8Array(told.nonce) };
  exchange.settle(receipted);
  // This side has all that it needs; a partner that does not get this asks for it again.
  await ch.send({ type: "receipt", report, nonce: NO_NONCE, signature }).catch(() => {});
  return receipted;
}

/** The report counts only if the partner saw the same messages. */
async function confirmed({ ch, transcript }: Pick<Exchange, "ch" | "transcript">): Promise<void> {
  if (Buffer.compare((await ch.recv("done")).digest, transcript) !== 0) throw new ProtocolError("transcript");
}

function assertNonce({ length }: Uint8Array, isDue: boolean): void {
  if (length !== (isDue ? REPORT_NONCE_BYTES : 0)) throw new ProtocolError("malformed");
}

function otherReport(): ProtocolError {
  return new ProtocolError("agreement", "the partner has another report; do not use this one");
}

/** Verified. Errors: `agreement`. */
function receiptOf(
  { signed: { agreement, signatures }, us, site, transcript }: Exchange,
  report: Uint8Array,
  own: Uint8Array,
  partner: Uint8Array,
): Receipt {
  const both = <T>(ours: T, theirs: T) => ({ [us]: ours, [otherRole(us)]: theirs }) as Record<Role, T>;
  const spki = (key: Uint8Array) => new Uint8Array(publicKeyOf(key).export({ format: "der", type: "spki" }));
  const receipt = {
    agreement,
    signatures,
    report,
    transcript,
    receiptSignatures: both(own, partner),
    publicKeys: both(spki(site.signingKey), spki(site.partnerKey)),
  };
  verifyReceipt(receipt);
  return receipt;
}

type Content = Pick<Receipt, "report" | "transcript">;

/** `role`'s Ed25519 signature on session, commitment and transcript, 64 bytes. */
export function signReceipt(agreement: Agreement, content: Content, role: Role, sign: Signer): Uint8Array {
  return sign(toSign(agreement, content, role));
}

/**
 * Checks all that a receipt says: both keys are those of the agreement, both signed the agreement, and both the report.
 * Errors: `agreement`.
 */
export function verifyReceipt(receipt: Receipt): void {
  const { agreement, signatures, receiptSignatures, publicKeys } = receipt;
  for (const role of ROLES) {
    const fingerprint = createHash("sha256").update(publicKeys[role]).digest();
    if (Buffer.compare(fingerprint, agreement.content[role].fingerprint) !== 0) {
      throw new ProtocolError("agreement", `the receipt holds another key of the ${role} than the agreement`);
    }
    const key = readPublicKey(publicKeys[role]);
    verifyAgreement(agreement, role, signatures[role], key);
    if (!verify(null, toSign(agreement, receipt, role), key, receiptSignatures[role])) {
      throw new ProtocolError(
        "agreement",
        `the ${role} signed another report or other messages, or did not sign`,
      );
    }
  }
}

function readPublicKey(der: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(der), format: "der", type: "spki" });
  } catch (error) {
    throw new ProtocolError("agreement", "the receipt holds no public key", { cause: error });
  }
}

function toSign({ session }: Agreement, { report, transcript }: Content, role: Role): Uint8Array {
  const content = transcript === undefined ? report : hash256("receipt/content", session, report, transcript);
  return encodeParts("receipt/signature", session, [role, content]);
}

const bothFields = (length: number) =>
  z.strictObject({ sender: hexField(length), receiver: hexField(length) });
const receiptSchema = z.strictObject({
  agreement: z.codec(z.string(), z.custom<Agreement>(), {
    decode: (text) => readAgreement(Buffer.from(text, "utf8")),
    encode: ({ bytes }) => Buffer.from(bytes).toString("utf8"),
  }),
  signatures: bothFields(64),
  report: hexField(32),
  transcript: hexField(32).optional(),
  receiptSignatures: bothFields(64),
  publicKeys: bothFields(44),
});

/** The receipt as canonical JSON, to keep or to hand to a third party. */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  return encodeAs(receiptSchema, receipt);
}

/** A receipt from its text; nothing in it is verified yet. Errors: `malformed`. */
export function decodeReceipt(bytes: Uint8Array): Receipt {
  return decodeAs(receiptSchema, bytes);
}
