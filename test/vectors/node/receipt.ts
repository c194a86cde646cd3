// The receipt of the agreement's session: what both sides sign, send and keep (protocol-spec.md, section 14.3).
import { encodeParts, hash256 } from "@halfroom/crypto";
import { signerOf } from "@halfroom/session";
import { encodeReceipt, signReceipt } from "../../../packages/session/src/receipt/receipt.ts";
import { AGREEMENT, SIGNATURES } from "./agreement.ts";
import { fixedBytes, IDENTITIES } from "./identities.ts";
import { REPORT_COMMITMENT, REPORT_NONCE } from "./report.ts";
import { frame, hex, text } from "./text.ts";

const { sender, receiver } = IDENTITIES;
const TRANSCRIPT = fixedBytes("transcript");
const CONTENT = { report: REPORT_COMMITMENT, transcript: TRANSCRIPT };
const RECEIPT_SIGNATURES = {
  sender: signReceipt(AGREEMENT, CONTENT, "sender", signerOf(sender.privateKey)),
  receiver: signReceipt(AGREEMENT, CONTENT, "receiver", signerOf(receiver.privateKey)),
};

/** How many frames each side sends before its last one, in the session of section 3.1. */
const SEQUENCE = { sender: 39, receiver: 41 };

export function receiptVector() {
  const receipt = {
    agreement: AGREEMENT,
    signatures: SIGNATURES,
    ...CONTENT,
    receiptSignatures: RECEIPT_SIGNATURES,
    publicKeys: { sender: sender.spki, receiver: receiver.spki },
  };
  const content = hash256("receipt/content", AGREEMENT.session, REPORT_COMMITMENT, TRANSCRIPT);
  const signed = (role: "sender" | "receiver") =>
    hex(encodeParts("receipt/signature", AGREEMENT.session, [role, content]));
  const sent = (role: "sender" | "receiver", nonce: Uint8Array) =>
    frame(SEQUENCE[role], {
      type: "receipt",
      report: REPORT_COMMITMENT,
      nonce,
      signature: RECEIPT_SIGNATURES[role],
    });
  return {
    transcript: hex(TRANSCRIPT),
    content: hex(content),
    signed: { sender: signed("sender"), receiver: signed("receiver") },
    signatures: { sender: hex(RECEIPT_SIGNATURES.sender), receiver: hex(RECEIPT_SIGNATURES.receiver) },
    frames: { receiver: sent("receiver", REPORT_NONCE), sender: sent("sender", new Uint8Array(0)) },
    receipt: text(encodeReceipt(receipt)),
  };
}
