// Receipts: what both signed is verified in all its parts, and comes back from its text.
import { memoryFrames, testIdentity, testStatements, TERMS } from "@halfroom/testkit";
import type { Role } from "@halfroom/mpc";
import type { ReleasedCell, ReleasedReport } from "@halfroom/report";
import { openChannel, ProtocolError } from "@halfroom/wire";
import { describe, expect, test } from "vitest";
import { composeAgreement, signAgreement } from "../src/agreement/agreement.ts";
import { publicKeyOf } from "../src/agreement/keys.ts";
import { reportDigest } from "../src/receipt/digest.ts";
import {
  decodeReceipt,
  encodeReceipt,
  exchangeReceipts,
  signReceipt,
  verifyReceipt,
  type Receipt,
} from "../src/receipt/receipt.ts";
import kept from "./kept-1.json" with { type: "json" };
import { siteOf } from "./sites.ts";

const [alice, bob, mallory] = [testIdentity("sender"), testIdentity("receiver"), testIdentity("mallory")];
const der = ({ signingKey }: typeof alice) =>
  new Uint8Array(publicKeyOf(signingKey).export({ format: "der", type: "spki" }));
const agreement = composeAgreement(TERMS, ...testStatements());
const signatures = {
  sender: signAgreement(agreement, "sender", alice.privateKey),
  receiver: signAgreement(agreement, "receiver", bob.privateKey),
};
const CELL = {
  labels: ["spring", "18-24"],
  people: { value: 120n, variance: 0 },
  sums: [{ value: 450_099n, variance: 0 }],
};
const REPORT: ReleasedReport = withCells([CELL]);
const report = reportDigest(REPORT, agreement.session);
const RECEIPT: Receipt = {
  agreement,
  signatures,
  report,
  receiptSignatures: {
    sender: signReceipt(agreement, report, "sender", alice.privateKey),
    receiver: signReceipt(agreement, report, "receiver", bob.privateKey),
  },
  publicKeys: { sender: der(alice), receiver: der(bob) },
};

const textOf = (receipt: Receipt) => Buffer.from(encodeReceipt(receipt)).toString();

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

describe("both sides of the exchange", () => {
  /** What each side has in the end: the text of its receipt, or the code of its error. */
  async function exchange(ofSender?: Uint8Array, ofReceiver?: Uint8Array, senderKey = alice.privateKey) {
    const [left, right] = memoryFrames({ idleMs: 20_000 });
    const one = async (role: Role, ours: Uint8Array | undefined, frames: typeof left) => {
      const ch = openChannel(frames, role);
      const site = siteOf(role, role === "sender" ? { privateKey: senderKey } : {});
      try {
        return textOf(await exchangeReceipts(ch, { agreement, signatures }, role, site, ours));
      } catch (error) {
        await ch.abort(error);
        if (!(error instanceof ProtocolError)) throw error;
        return error.code;
      }
    };
    return await Promise.all([one("sender", ofSender, left), one("receiver", ofReceiver, right)]);
  }

  test("end with the same receipt, which holds", async () => {
    expect(await exchange(report, report)).toEqual([textOf(RECEIPT), textOf(RECEIPT)]);
  });

  test("sign what they are told where they get no result themselves", async () => {
    expect(await exchange(report, undefined)).toEqual([textOf(RECEIPT), textOf(RECEIPT)]);
    expect(await exchange(undefined, report)).toEqual([textOf(RECEIPT), textOf(RECEIPT)]);
  });

  test("refuse another report, and a signature of somebody else", async () => {
    const other = reportDigest(withCells([]), agreement.session);
    expect(await exchange(report, other)).toEqual(["agreement", "agreement"]);
    const [, receiver] = await exchange(report, report, mallory.privateKey);
    expect(receiver).toBe("agreement");
  });
});

test("a receipt comes back from its text, byte for byte", () => {
  const text = encodeReceipt(RECEIPT);
  const read = decodeReceipt(text);
  expect(read.agreement.content).toEqual(agreement.content);
  expect(Buffer.compare(encodeReceipt(read), text)).toBe(0);
  expect(() => verifyReceipt(read)).not.toThrow();
});

test("a receipt of the version before is read, holds and is written as it was", () => {
  const bytes = Buffer.from(kept.receipt, "utf8");
  const read = decodeReceipt(bytes);
  expect(() => verifyReceipt(read)).not.toThrow();
  expect(Buffer.compare(encodeReceipt(read), bytes)).toBe(0);
});

describe("no part of a receipt can be replaced", () => {
  const swap = <T>({ sender, receiver }: Record<Role, T>) => ({ sender: receiver, receiver: sender });
  const forged = signReceipt(agreement, report, "sender", mallory.privateKey);
  test.each<[string, Partial<Receipt>]>([
    ["the agreement", { agreement: composeAgreement({ ...TERMS, threshold: 11 }, ...testStatements()) }],
    ["whose signature on the agreement it is", { signatures: swap(signatures) }],
    ["the report", { report: reportDigest(withCells([]), agreement.session) }],
    ["whose signature on the report it is", { receiptSignatures: swap(RECEIPT.receiptSignatures) }],
    ["a signature", { receiptSignatures: { ...RECEIPT.receiptSignatures, sender: forged } }],
    ["whose key it is", { publicKeys: swap(RECEIPT.publicKeys) }],
    ["a key that is none", { publicKeys: { ...RECEIPT.publicKeys, sender: new Uint8Array(44) } }],
    ["a signature of the agreement for one of the report", { signatures: RECEIPT.receiptSignatures }],
    [
      "key and all signatures of one side",
      {
        publicKeys: { ...RECEIPT.publicKeys, sender: der(mallory) },
        signatures: { ...signatures, sender: signAgreement(agreement, "sender", mallory.privateKey) },
        receiptSignatures: { ...RECEIPT.receiptSignatures, sender: forged },
      },
    ],
  ])("%s", (_, change) => {
    expect(() => verifyReceipt({ ...RECEIPT, ...change })).toThrow(
      expect.objectContaining({ code: "agreement" }) as Error,
    );
  });
});

test("damaged text is no receipt", () => {
  const text = Buffer.from(encodeReceipt(RECEIPT)).toString();
  const edits = [`${text} `, text.replace('"report":"', '"report":"0'), "{}", "", "null"];
  const inAgreement = [text.replace('\\"people\\":20000', '\\"people\\":-1'), text.replace('"{\\"', '"')];
  for (const edit of [...edits, ...inAgreement]) {
    expect(edit).not.toBe(text);
    expect(() => decodeReceipt(Buffer.from(edit)), edit).toThrow(
      expect.objectContaining({ code: "malformed" }) as Error,
    );
  }
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
