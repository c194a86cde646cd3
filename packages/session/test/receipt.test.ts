// Receipts: what both signed is verified in all its parts, and comes back from its text.
import { memoryFrames, seededRng, testIdentity, testStatements, TERMS } from "@halfroom/testkit";
import type { Role } from "@halfroom/mpc";
import type { ReleasedCell, ReleasedReport } from "@halfroom/report";
import { openChannel, ProtocolError, type Message } from "@halfroom/wire";
import { describe, expect, test } from "vitest";
import { composeAgreement, signAgreement } from "../src/agreement/agreement.ts";
import { publicKeyOf, signerOf } from "../src/agreement/keys.ts";
import { commitToReport } from "../src/receipt/commitment.ts";
import {
  decodeReceipt,
  encodeReceipt,
  exchangeReceipts,
  receiptNonce,
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
  sender: signAgreement(agreement, "sender", signerOf(alice.privateKey)),
  receiver: signAgreement(agreement, "receiver", signerOf(bob.privateKey)),
};
const CELL = {
  labels: ["spring", "18-24"],
  people: { value: 120n, variance: 0 },
  sums: [{ value: 450_099n, variance: 0 }],
};
const REPORT: ReleasedReport = withCells([CELL]);
/** The committing side's randomness, from its beginning. */
const freshRng = () => seededRng("receipt");
const NONCE = freshRng().fork("receipt/nonce").bytes(32);
const report = commitToReport(REPORT, agreement.session, NONCE);
const otherReport = commitToReport(withCells([]), agreement.session, NONCE);
const transcript = new Uint8Array(32).fill(7);
const RECEIPT: Receipt = {
  agreement,
  signatures,
  report,
  transcript,
  receiptSignatures: {
    sender: signReceipt(agreement, { report, transcript }, "sender", signerOf(alice.privateKey)),
    receiver: signReceipt(agreement, { report, transcript }, "receiver", signerOf(bob.privateKey)),
  },
  publicKeys: { sender: der(alice), receiver: der(bob) },
};

const textOf = (receipt: Receipt) => Buffer.from(encodeReceipt(receipt)).toString();

test("both sides commit to a report alike, though only one knows what is hidden", () => {
  const { session } = agreement;
  const [partition] = REPORT.partitions;
  const base = [{ labels: ["spring", "18-24"], people: 500 }];
  const receivers = { ...partition!, hiddenCells: 3, cellsTotal: 4, base };
  const commit = (of: ReleasedReport) => commitToReport(of, session, NONCE);
  expect(commit({ ...REPORT, role: "receiver", partitions: [receivers] })).toEqual(report);
  expect(commit(withCells([{ ...CELL, people: { value: 121n, variance: 0 } }]))).not.toEqual(report);
  expect(commit(withCells([{ ...CELL, sums: [undefined] }]))).not.toEqual(report);
  const withTotal = (people: bigint) =>
    commit({
      ...REPORT,
      partitions: [
        { ...partition!, totals: [{ ...CELL, labels: [], people: { value: people, variance: 0 } }] },
      ],
    });
  expect(withTotal(120n)).not.toEqual(report);
  expect(withTotal(121n)).not.toEqual(withTotal(120n));
  expect(commitToReport(REPORT, new Uint8Array(32), NONCE)).not.toEqual(report);
  expect(commitToReport(REPORT, session, new Uint8Array(32))).not.toEqual(report);
  expect(() => commitToReport(REPORT, session, new Uint8Array(0))).toThrow(RangeError);
});

describe("both sides of the exchange", () => {
  interface Exchange {
    readonly resultTo?: "both" | Role;
    /** What the sender has for a report, where it has one. */
    readonly ofSender?: ReleasedReport;
    readonly senderKey?: typeof alice.privateKey;
    /** Alters what a side sends. */
    readonly alter?: (message: Message<"receipt">, role: Role) => Message<"receipt">;
  }

  /** What each side has in the end, its receipt as text and its nonce in hex, or the code of its error. */
  async function exchange({
    resultTo = "both",
    ofSender = REPORT,
    senderKey = alice.privateKey,
    alter = (message) => message,
  }: Exchange = {}): Promise<Record<Role, { readonly text: string; readonly nonce: string } | string>> {
    const [left, right] = memoryFrames({ idleMs: 20_000 });
    const signed = signedFor(resultTo);
    const one = async (us: Role, own: ReleasedReport, frames: typeof left) => {
      const ch = openChannel(frames, us);
      const site = siteOf(us, us === "sender" ? { sign: signerOf(senderKey) } : {});
      const altered = {
        send: (message: Message<"done" | "receipt">) =>
          ch.send(message.type === "receipt" ? alter(message, us) : message),
        recv: ch.recv.bind(ch),
      };
      const report = resultTo === "both" || resultTo === us ? own : undefined;
      try {
        const { receipt, nonce } = await exchangeReceipts({
          ch: altered,
          signed,
          us,
          site,
          report,
          transcript,
          nonce: receiptNonce({ resultTo }, us, freshRng()),
          settle: () => {},
        });
        return { text: textOf(receipt), nonce: Buffer.from(nonce ?? []).toString("hex") };
      } catch (error) {
        await ch.abort(error);
        if (!(error instanceof ProtocolError)) throw error;
        return error.code;
      }
    };
    const [sender, receiver] = await Promise.all([
      one("sender", ofSender, left),
      one("receiver", REPORT, right),
    ]);
    return { sender, receiver };
  }

  /** The agreement of a report for `resultTo`, as both sides signed it. */
  function signedFor(resultTo: "both" | Role) {
    const own = composeAgreement({ ...TERMS, resultTo }, ...testStatements());
    const by = (role: Role, key: typeof alice.privateKey) => signAgreement(own, role, signerOf(key));
    return {
      agreement: own,
      signatures: { sender: by("sender", alice.privateKey), receiver: by("receiver", bob.privateKey) },
    };
  }

  const opening = Buffer.from(NONCE).toString("hex");

  test("end with the same receipt, which holds, and with the nonce that opens it", async () => {
    const { sender, receiver } = await exchange();
    expect(sender).toEqual({ text: textOf(RECEIPT), nonce: opening });
    expect(receiver).toEqual(sender);
  });

  test.each(["sender", "receiver"] as const)(
    "sign what they are told where the %s alone gets the result, and keep its nonce from the other",
    async (resultTo) => {
      const sent: Message<"receipt">[] = [];
      const ended = await exchange({
        resultTo,
        alter: (message) => {
          sent.push(message);
          return message;
        },
      });
      const other = resultTo === "sender" ? "receiver" : "sender";
      const { text } = ended[resultTo] as { readonly text: string };
      expect(ended).toEqual({ [resultTo]: { text, nonce: opening }, [other]: { text, nonce: "" } });
      const { session } = signedFor(resultTo).agreement;
      const commitment = Buffer.from(commitToReport(REPORT, session, NONCE)).toString("hex");
      expect(JSON.parse(text).report).toBe(commitment);
      expect(sent.map(({ nonce }) => nonce.length)).toEqual([0, 0]);
    },
  );

  test("refuse another report, and a signature of somebody else", async () => {
    expect(await exchange({ ofSender: withCells([]) })).toEqual({
      sender: "agreement",
      receiver: "agreement",
    });
    expect((await exchange({ senderKey: mallory.privateKey })).receiver).toBe("agreement");
  });

  test("sign nothing under a signature that does not hold", async () => {
    const sent: Role[] = [];
    const ended = await exchange({
      alter: (message, role) => {
        sent.push(role);
        return { ...message, signature: message.signature.map((byte) => byte ^ 1) };
      },
    });
    expect(ended).toEqual({ sender: "agreement", receiver: "agreement" });
    expect(sent).toEqual(["receiver"]);
  });

  test.each([
    ["none where both have the report", "both", "receiver", 0],
    ["a short one", "both", "receiver", 31],
    ["one in the answer", "both", "sender", 32],
    ["one for a side that has no report", "sender", "sender", 32],
  ] as const)("refuse a nonce that is not due: %s", async (_, resultTo, from, length) => {
    const ended = await exchange({
      resultTo,
      alter: (message, role) => (role === from ? { ...message, nonce: new Uint8Array(length) } : message),
    });
    expect(ended[from === "sender" ? "receiver" : "sender"]).toBe("malformed");
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
  const forged = signReceipt(agreement, { report, transcript }, "sender", signerOf(mallory.privateKey));
  test.each<[string, Partial<Receipt>]>([
    ["the agreement", { agreement: composeAgreement({ ...TERMS, threshold: 11 }, ...testStatements()) }],
    ["whose signature on the agreement it is", { signatures: swap(signatures) }],
    ["the report", { report: otherReport }],
    ["the transcript", { transcript: new Uint8Array(32).fill(8) }],
    ["that there is a transcript", { transcript: undefined }],
    ["whose signature on the report it is", { receiptSignatures: swap(RECEIPT.receiptSignatures) }],
    ["a signature", { receiptSignatures: { ...RECEIPT.receiptSignatures, sender: forged } }],
    ["whose key it is", { publicKeys: swap(RECEIPT.publicKeys) }],
    ["a key that is none", { publicKeys: { ...RECEIPT.publicKeys, sender: new Uint8Array(44) } }],
    ["a signature of the agreement for one of the report", { signatures: RECEIPT.receiptSignatures }],
    [
      "key and all signatures of one side",
      {
        publicKeys: { ...RECEIPT.publicKeys, sender: der(mallory) },
        signatures: {
          ...signatures,
          sender: signAgreement(agreement, "sender", signerOf(mallory.privateKey)),
        },
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
    measures: [{ name: "amount", decimals: 2, squares: false, low: 0n, high: 50_000n }],
    threshold: 100,
    agreed: { datasets: { own: "crm", partner: "buyers" }, match: ["email"], entries: 1 },
    partitions: [{ groupBy: ["campaign", "age_band"], senderGroupBy: [], cells }],
    ownPeople: 20_000,
    partnerPeople: 30_000,
  };
}
