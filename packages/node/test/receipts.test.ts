import { createHash, sign, verify, type KeyObject } from "node:crypto";
import { encodeParts } from "@halfroom/crypto";
import {
  composeAgreement,
  encodeReceipt,
  publicKeyOf,
  signAgreement,
  signerOf,
  verifyReceipt,
  type Receipt,
  type Role,
} from "@halfroom/session";
import { testIdentity, testStatements, TERMS } from "@halfroom/testkit";
import { expect, test } from "vitest";
import { printReceipt } from "../src/receipts/print.ts";
import { Receipts } from "../src/receipts/receipts.ts";
import { NOW, scratchStore } from "./fixtures.ts";

const [alice, bob] = [testIdentity("sender"), testIdentity("receiver")];
const der = ({ signingKey }: typeof alice) =>
  new Uint8Array(publicKeyOf(signingKey).export({ format: "der", type: "spki" }));
const agreement = composeAgreement(TERMS, ...testStatements());
const report = new Uint8Array(32).fill(6);
const transcript = new Uint8Array(32).fill(7);
/** As protocol-spec.md says it. */
const content = createHash("sha256")
  .update(encodeParts("receipt/content", agreement.session, [report, transcript]))
  .digest();
const signReport = (role: Role, key: KeyObject) =>
  new Uint8Array(sign(null, encodeParts("receipt/signature", agreement.session, [role, content]), key));
const RECEIPT: Receipt = {
  agreement,
  signatures: {
    sender: signAgreement(agreement, "sender", signerOf(alice.privateKey)),
    receiver: signAgreement(agreement, "receiver", signerOf(bob.privateKey)),
  },
  report,
  transcript,
  receiptSignatures: {
    sender: signReport("sender", alice.privateKey),
    receiver: signReport("receiver", bob.privateKey),
  },
  publicKeys: { sender: der(alice), receiver: der(bob) },
};

test("a receipt that both signed holds, is kept and comes back byte for byte", () => {
  const receipts = new Receipts(scratchStore());
  receipts.add(RECEIPT);
  const kept = receipts.get(Buffer.from(agreement.session).toString("hex"))!;
  expect(encodeReceipt(kept)).toEqual(encodeReceipt(RECEIPT));
  expect(() => verifyReceipt(kept)).not.toThrow();
  expect(kept.agreement.content).toEqual(agreement.content);
  expect(receipts.get("nowhere")).toBeUndefined();
});

test("a receipt that does not hold is not kept", () => {
  const receipts = new Receipts(scratchStore());
  const { sender: receiver, receiver: sender } = RECEIPT.receiptSignatures;
  expect(() => receipts.add({ ...RECEIPT, receiptSignatures: { sender, receiver } })).toThrow(
    expect.objectContaining({ code: "agreement" }) as Error,
  );
  expect(receipts.get(Buffer.from(agreement.session).toString("hex"))).toBeUndefined();
});

test("the printed receipt can be checked with its own figures and says what was agreed in words", () => {
  const text = printReceipt(RECEIPT, { sender: "advertiser", receiver: "us", agreedAt: NOW });
  const agreed = text.slice(text.indexOf('{"terms"')).trimEnd();
  // The session id, by the documented encoding alone: label, no session, text, each behind its 4-byte length.
  const part = (bytes: Uint8Array) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const parts = [Buffer.from("halfroom/v1/agreement"), Buffer.alloc(0), Buffer.from(agreed)];
  const session = createHash("sha256")
    .update(Buffer.concat(parts.map(part)))
    .digest();
  expect(text).toContain(`Receipt of session ${session.toString("hex")}`);
  const label = Buffer.from("halfroom/v1/agreement/signature");
  const signed = Buffer.concat([label, session, Buffer.from("receiver"), Buffer.from(agreed)].map(part));
  const [, bobs] = [...text.matchAll(/on the agreement: ([0-9a-f]{128})/g)].map(([, hex]) => hex!);
  expect(verify(null, signed, publicKeyOf(bob.signingKey), Buffer.from(bobs!, "hex"))).toBe(true);
  expect(text).toContain("only if its people, noise included, are at least 100");
  expect(text).toContain("The sender (advertiser)");
  expect(text).toContain("Both sides receive the result.");
});

test("a receipt of version 1, in which both signed the report alone, still holds", () => {
  const { transcript: _, ...rest } = RECEIPT;
  const signed = (role: Role, { privateKey }: typeof alice) =>
    new Uint8Array(
      sign(null, encodeParts("receipt/signature", agreement.session, [role, report]), privateKey),
    );
  const old = {
    ...rest,
    receiptSignatures: { sender: signed("sender", alice), receiver: signed("receiver", bob) },
  };
  const receipts = new Receipts(scratchStore());
  receipts.add(old);
  const kept = receipts.get(Buffer.from(agreement.session).toString("hex"))!;
  expect(kept.transcript).toBeUndefined();
  expect(() => verifyReceipt(kept)).not.toThrow();
  expect(() => verifyReceipt({ ...kept, transcript })).toThrow();
});
