// The code produces exactly the bytes of the vectors, reads them back, and refuses any change to them.
import { readFileSync } from "node:fs";
import { decodeTemplate, templateDigest } from "@halfroom/session";
import { decodeFrame } from "@halfroom/wire";
import { describe, expect, test } from "vitest";
import { readAgreement } from "../../../packages/session/src/agreement/agreement.ts";
import { decodeStatement, encodeStatement } from "../../../packages/session/src/agreement/statement.ts";
import { decodeTerms, encodeTerms } from "../../../packages/session/src/terms/terms.ts";
import { verifySignature } from "../../../packages/session/src/agreement/keys.ts";
import { signingKeyOf } from "../../../packages/node/src/identity/fingerprint.ts";
import { decodeToken } from "../../../packages/node/src/partners/token.ts";
import {
  decodeReceipt,
  encodeReceipt,
  verifyReceipt,
} from "../../../packages/session/src/receipt/receipt.ts";
import { readSeries, verifySeries } from "../../../packages/session/src/series/agreement.ts";
import { streamNameIn } from "../../../packages/transport/src/front/stream-name.ts";
import { agreementVector } from "./agreement.ts";
import { firstContactVector, INVITATION } from "./first-contact.ts";
import { IDENTITIES } from "./identities.ts";
import { receiptVector } from "./receipt.ts";
import { seriesVector } from "./series.ts";
import { streamsVector } from "./streams.ts";
import { templateVector } from "./template.ts";
import { termsVector } from "./terms.ts";
import { fileText, NODE_VECTORS } from "./vectors.ts";

const bytes = (text: string) => Buffer.from(text, "utf8");

test.each(Object.entries(NODE_VECTORS))("%s", (name, make) => {
  expect(readFileSync(new URL(`${name}.json`, import.meta.url), "utf8")).toBe(fileText(make()));
});

describe("what is written is read", () => {
  test("certificates name the signing keys", () => {
    for (const { certificate, spki } of Object.values(IDENTITIES)) {
      expect(Buffer.from(signingKeyOf(certificate)!)).toEqual(Buffer.from(spki.subarray(-32)));
    }
  });

  test("the token, and no token with another letter", () => {
    const { token } = firstContactVector();
    expect(decodeToken(token)).toEqual(INVITATION);
    for (let at = 0; at < token.length; at++) {
      const letter = token[at] === "A" ? "B" : "A";
      expect(() => decodeToken(token.slice(0, at) + letter + token.slice(at + 1))).toThrow(/damaged/);
    }
  });

  test("the signatures of the first contact", () => {
    const { contact, frames } = firstContactVector();
    const verifies = (side: "joiner" | "inviter", frame: string, role: "sender" | "receiver") => {
      const { message } = decodeFrame(Buffer.from(frame, "hex"));
      if (message.type !== "join" && message.type !== "joined") throw new Error("another message");
      const key = IDENTITIES[role].spki.subarray(-32);
      return verifySignature(key, Buffer.from(contact[side], "hex"), message.signature);
    };
    expect(verifies("joiner", frames.join, "sender")).toBe(true);
    expect(verifies("inviter", frames.joined, "receiver")).toBe(true);
    expect(verifies("joiner", frames.joined, "receiver")).toBe(false);
  });

  test("terms, statements and agreement", () => {
    for (const { terms } of Object.values(termsVector())) {
      expect(encodeTerms(decodeTerms(bytes(terms)))).toEqual(bytes(terms));
    }
    const { statements, agreement, session } = agreementVector();
    for (const role of ["sender", "receiver"] as const) {
      const statement = decodeStatement(bytes(statements[role]), role, IDENTITIES[role].keyFingerprint);
      expect(encodeStatement(statement)).toEqual(bytes(statements[role]));
    }
    expect(Buffer.from(readAgreement(bytes(agreement)).session).toString("hex")).toBe(session);
  });

  test("the series, its signatures and a run's terms; with clocks that change, on days that a calendar has", () => {
    const { agreement, series, signatures, terms, run, runs } = seriesVector();
    const read = readSeries(bytes(agreement));
    expect(Buffer.from(read.id).toString("hex")).toBe(series);
    for (const role of ["sender", "receiver"] as const) {
      const key = IDENTITIES[role].spki.subarray(-32);
      verifySeries(read, role, Buffer.from(signatures[role], "hex"), key);
    }
    for (const each of [terms, run.terms]) expect(encodeTerms(decodeTerms(bytes(each)))).toEqual(bytes(each));
    // Berlin leaves out 02:30 on 28 March 2027 and shows it twice on 31 October; with `tell` a run may begin until the next.
    expect(runs.slice(1, 5).map(({ due, until }) => [due, until])).toEqual([
      ["2027-03-28T01:30:00.000Z", "2027-04-04T00:30:00.000Z"],
      ["2027-04-04T00:30:00.000Z", "2027-04-11T00:30:00.000Z"],
      ["2027-10-31T00:30:00.000Z", "2027-11-07T01:30:00.000Z"],
      ["2027-11-07T01:30:00.000Z", "2027-11-14T01:30:00.000Z"],
    ]);
  });

  test("terms with streams, for the request that is the same without; a stream's name, as whoever reads a hello finds it", () => {
    const { terms, request, name, serverNames } = streamsVector();
    expect(encodeTerms(decodeTerms(bytes(terms)))).toEqual(bytes(terms));
    expect(Object.values(termsVector()).map((each) => each.request)).toContain(request);
    for (const { serverName } of serverNames) {
      expect(streamNameIn(serverName)).toBe(name);
      expect(serverName.length).toBeLessThanOrEqual(253);
    }
    expect(streamNameIn(`a${name}.node.example`)).toBeUndefined();
  });

  test("the template, and none that was changed; what its terms compose to is terms", () => {
    const { file, text: written, digest, by, to, terms, filter } = templateVector();
    const read = decodeTemplate(bytes(file));
    expect([read.text, Buffer.from(read.by).toString("hex"), Buffer.from(read.to).toString("hex")]).toEqual([
      written,
      by,
      to,
    ]);
    expect(Buffer.from(templateDigest(read.text, read)).toString("hex")).toBe(digest);
    for (const [from, into] of [
      ["runs: 5", "runs: 9"],
      [by, to],
    ] as const)
      expect(() => decodeTemplate(bytes(file.replace(from, into)))).toThrow();
    expect(encodeTerms(decodeTerms(bytes(terms)))).toEqual(bytes(terms));
    expect(filter).toBe("seen_at >= (DATE '2027-03-01') AND brand = ('Ann''s') AND note <> 'it''s $5'");
  });

  test("the receipt, and none that says another thing", () => {
    const { receipt } = receiptVector();
    const read = decodeReceipt(bytes(receipt));
    verifyReceipt(read);
    expect(Buffer.from(encodeReceipt(read))).toEqual(bytes(receipt));
    const other = bytes(receipt.replace('\\"threshold\\":100', '\\"threshold\\":101'));
    expect(other).not.toEqual(bytes(receipt));
    expect(() => verifyReceipt(decodeReceipt(other))).toThrow(/signed another/);
  });
});
