// What the examples of protocol-spec.md quote: the bytes of the vectors in test/vectors/node, which the code makes.
import { agreementVector } from "../vectors/node/agreement.ts";
import { firstContactVector } from "../vectors/node/first-contact.ts";
import { receiptVector } from "../vectors/node/receipt.ts";
import { reportVector } from "../vectors/node/report.ts";
import { termsVector } from "../vectors/node/terms.ts";

const agreement = agreementVector();
const report = reportVector();
const receipt = receiptVector();
const { token, contact } = firstContactVector();
const { terms } = termsVector().exact;

/** Texts; their line breaks are only for reading. */
export const TEXTS: Readonly<Record<string, string>> = {
  token,
  terms,
  "sender statement": agreement.statements.sender,
  "receiver statement": agreement.statements.receiver,
  agreement: agreement.agreement,
  report: report.report,
};

/** Bytes in hex with a note after each piece; ".." stands for the text given here. */
export const BYTES: Readonly<Record<string, readonly [bytes: string, elided?: string]>> = {
  refusal: [agreement.refusal, terms],
  "token bytes": [Buffer.from(token.replace("halfroom1_", ""), "base64url").toString("hex")],
  contact: [contact.joiner],
  "hashed agreement": [agreement.hashed, agreement.agreement],
  "signed receipt": [receipt.signed.sender],
  receipt: [receipt.frames.sender],
};

const count = (bytes: number) => bytes.toLocaleString("en-US");

/** Sentences with a number or a digest of an example in them: before it, the value, after it. */
export const SENTENCES: readonly (readonly [before: string, value: string, after: string])[] = [
  ["The terms of an exact report, ", count(Buffer.byteLength(terms)), " bytes"],
  ["What is hashed for the example, ", count(agreement.hashed.length / 2), " bytes"],
  ["so that session = `", agreement.session, "`"],
  ["which for the example and the nonce `", report.nonce, "`"],
  ["` is\n`", report.commitment, "`"],
];
