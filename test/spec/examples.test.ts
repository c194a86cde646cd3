// The examples of protocol-spec.md are the bytes of the vectors in test/vectors/node, which the code makes.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { agreementVector } from "../vectors/node/agreement.ts";
import { firstContactVector } from "../vectors/node/first-contact.ts";
import { receiptVector } from "../vectors/node/receipt.ts";
import { reportVector } from "../vectors/node/report.ts";
import { termsVector } from "../vectors/node/terms.ts";
import { specExample, specExamples, specQuotes } from "./tables.ts";

const agreement = agreementVector();
const report = reportVector();
const receipt = receiptVector();
const { token, contact } = firstContactVector();
const { terms } = termsVector().exact;

/** Texts; their line breaks are only for reading. */
const TEXTS: Readonly<Record<string, string>> = {
  token,
  terms,
  "sender statement": agreement.statements.sender,
  "receiver statement": agreement.statements.receiver,
  agreement: agreement.agreement,
  report: report.report,
};

/** Bytes in hex with a note after each piece; ".." stands for the text given here. */
const BYTES: Readonly<Record<string, readonly [bytes: string, elided?: string]>> = {
  refusal: [agreement.refusal, terms],
  "token bytes": [Buffer.from(token.replace("halfroom1_", ""), "base64url").toString("hex")],
  contact: [contact.joiner],
  "hashed agreement": [agreement.hashed, agreement.agreement],
  "signed receipt": [receipt.signed.sender],
  receipt: [receipt.frames.sender],
};

test.each(Object.entries(TEXTS))("%s", (name, text) => {
  expect(specExample(name).join("")).toBe(text);
});

test.each(Object.entries(BYTES))("%s", (name, [bytes, elided = ""]) => {
  const written = specExample(name).map((line) => line.split(";")[0]!.trim());
  expect(written.join("").replace("..", Buffer.from(elided, "utf8").toString("hex"))).toBe(bytes);
});

test("lengths and digests in the text", () => {
  const spec = readFileSync(new URL("../../protocol-spec.md", import.meta.url), "utf8").replaceAll(
    /\s+/g,
    " ",
  );
  const bytes = (text: string) => Buffer.byteLength(text).toLocaleString("en-US");
  expect(spec).toContain(`The terms of an exact report, ${bytes(terms)} bytes`);
  expect(spec).toContain(
    `What is hashed for the example, ${(agreement.hashed.length / 2).toLocaleString("en-US")} bytes`,
  );
  expect(specQuotes(agreement.session) || specQuotes(`session = ${agreement.session}`)).toBe(true);
  expect(specQuotes(report.digest)).toBe(true);
});

test("there is no other example", () => {
  expect(specExamples().toSorted()).toEqual([...Object.keys(TEXTS), ...Object.keys(BYTES)].toSorted());
});
