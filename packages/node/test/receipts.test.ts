import { createHash, verify } from "node:crypto";
import type { ReleasedCell, ReleasedReport } from "@halfroom/report";
import { expect, test } from "vitest";
import { composeAgreement, readAgreement, type Receipt, reportDigest, signAgreement } from "@halfroom/session";
import { printReceipt } from "../src/receipts/print.ts";
import {
  decodeReceipt,
  encodeReceipt,
  Receipts,
  signReceipt,
  verifyReceipt,
} from "../src/receipts/receipts.ts";
import { identity, NOW, scratchStore, statements, TERMS } from "./fixtures.ts";

const [alice, bob, mallory] = [identity(), identity(), identity()];
const agreement = composeAgreement(TERMS, ...statements(alice, bob));
const CELL = {
  labels: ["spring", "18-24"],
  people: { value: 120n, variance: 0 },
  sums: [{ value: 450_099n, variance: 0 }],
};
const REPORT: ReleasedReport = withCells([CELL]);
const report = reportDigest(REPORT, agreement.session);
const RECEIPT: Receipt = {
  agreement,
  signatures: {
    sender: signAgreement(agreement, "sender", alice.privateKey),
    receiver: signAgreement(agreement, "receiver", bob.privateKey),
  },
  report,
  receiptSignatures: {
    sender: signReceipt(agreement, report, "sender", alice.privateKey),
    receiver: signReceipt(agreement, report, "receiver", bob.privateKey),
  },
  publicKeys: { sender: new Uint8Array(alice.der), receiver: new Uint8Array(bob.der) },
};

test("both sides digest a report alike, though only one knows what is hidden", () => {
  const { session } = agreement;
  const [partition] = REPORT.partitions;
  const base = [{ labels: ["spring", "18-24"], people: 500 }];
  const receivers = { ...partition!, hiddenCells: 3, cellsTotal: 4, base };
  expect(reportDigest({ ...REPORT, role: "receiver", partitions: [receivers] }, session)).toEqual(report);
  const more = withCells([{ ...CELL, people: { value: 121n, variance: 0 } }]);
  expect(reportDigest(more, session)).not.toEqual(report);
  expect(reportDigest(withCells([{ ...CELL, sums: [undefined] }]), session)).not.toEqual(report);
  expect(reportDigest(REPORT, new Uint8Array(32))).not.toEqual(report);
});

test("a receipt that both signed holds, is kept and comes back byte for byte", () => {
  const receipts = new Receipts(scratchStore());
  receipts.add(RECEIPT);
  const kept = receipts.get(Buffer.from(agreement.session).toString("hex"))!;
  expect(encodeReceipt(kept)).toEqual(encodeReceipt(RECEIPT));
  expect(() => verifyReceipt(kept)).not.toThrow();
  expect(kept.agreement.content).toEqual(agreement.content);
  expect(receipts.get("nowhere")).toBeUndefined();
});

test("no part of a receipt can be replaced", () => {
  const swap = <T>({ sender, receiver }: Record<"sender" | "receiver", T>) => ({
    sender: receiver,
    receiver: sender,
  });
  const other = composeAgreement({ ...TERMS, threshold: 11 }, ...statements(alice, bob));
  const forged = signReceipt(agreement, report, "sender", mallory.privateKey);
  const damaged: Partial<Receipt>[] = [
    { agreement: other },
    { signatures: swap(RECEIPT.signatures) },
    { report: reportDigest(withCells([]), agreement.session) },
    { receiptSignatures: swap(RECEIPT.receiptSignatures) },
    { receiptSignatures: { ...RECEIPT.receiptSignatures, sender: forged } },
    { publicKeys: swap(RECEIPT.publicKeys) },
    {
      publicKeys: { ...RECEIPT.publicKeys, sender: mallory.der },
      receiptSignatures: { ...RECEIPT.receiptSignatures, sender: forged },
    },
    { signatures: RECEIPT.receiptSignatures },
  ];
  for (const change of damaged) {
    expect(() => verifyReceipt({ ...RECEIPT, ...change }), Object.keys(change).join()).toThrow();
    expect(() => new Receipts(scratchStore()).add({ ...RECEIPT, ...change })).toThrow();
  }
});

test("a receipt that somebody else signed throughout, under a key of their own, is none", () => {
  const forged: Receipt = {
    ...RECEIPT,
    signatures: { ...RECEIPT.signatures, sender: signAgreement(agreement, "sender", mallory.privateKey) },
    receiptSignatures: {
      ...RECEIPT.receiptSignatures,
      sender: signReceipt(agreement, report, "sender", mallory.privateKey),
    },
    publicKeys: { ...RECEIPT.publicKeys, sender: mallory.der },
  };
  expect(() => verifyReceipt(forged)).toThrow(/another key of the sender/);
});

test("damaged text is no receipt", () => {
  const text = Buffer.from(encodeReceipt(RECEIPT)).toString();
  for (const edit of [`${text} `, text.replace('"report":"', '"report":"0'), "{}", "", "null"]) {
    expect(() => decodeReceipt(Buffer.from(edit))).toThrow(/canonical/);
  }
  const agreed = Buffer.from(agreement.bytes).toString();
  for (const edit of [`${agreed} `, "null", "[]", "{}", agreed.replace("{", '{"x":1,')]) {
    expect(() => readAgreement(Buffer.from(edit)), edit).toThrow(/canonical/);
  }
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
  expect(verify(null, signed, bob.publicKey, Buffer.from(bobs!, "hex"))).toBe(true);
  expect(text).toContain("fewer than 100 people is hidden");
  expect(text).toContain("The sender (advertiser)");
  expect(text).toContain("Both sides receive the result.");
});

function withCells(cells: readonly ReleasedCell[]): ReleasedReport {
  return {
    kind: "sums",
    role: "sender",
    measures: [{ name: "amount", decimals: 2, squares: false }],
    threshold: 100,
    partitions: [{ groupBy: ["campaign", "age_band"], senderGroupBy: [], cells }],
    ownPeople: 20_000,
    partnerPeople: 30_000,
  };
}
