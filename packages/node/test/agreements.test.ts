// An agreement is one session's for good, whatever became of the process that signed it.
import { composeAgreement, toHex } from "@halfroom/session";
import { TERMS, testIdentity, testStatements } from "@halfroom/testkit";
import { expect, test } from "vitest";
import { Agreements } from "../src/sessions/agreements.ts";
import { Store } from "../src/store/store.ts";
import { NOW, scratchFolder, scratchStore } from "./fixtures.ts";

const [sender, receiver] = testStatements(testIdentity("sender"), testIdentity("receiver"));
const AGREEMENT = composeAgreement(TERMS, sender, receiver);
const OTHER = composeAgreement(TERMS, { ...sender, nonce: new Uint8Array(32).fill(9) }, receiver);

test("a session id is claimed once, after a restart too", () => {
  const folder = scratchFolder();
  const first = Store.open(folder);
  new Agreements(first).claim(AGREEMENT, "publisher", NOW);
  first.close();
  const agreements = new Agreements(scratchStore(folder));
  expect(() => agreements.claim(AGREEMENT, "publisher", NOW)).toThrow(/run before/);
  expect(() => agreements.claim(AGREEMENT, "somebody else", NOW)).toThrow(/run before/);
  agreements.claim(OTHER, "publisher", NOW);
});

test("what was signed is kept byte for byte", () => {
  const agreements = new Agreements(scratchStore());
  agreements.claim(AGREEMENT, "publisher", NOW);
  const kept = agreements.get(toHex(AGREEMENT.session))!;
  expect(Buffer.from(kept.bytes)).toEqual(Buffer.from(AGREEMENT.bytes));
  expect(toHex(kept.session)).toBe(toHex(AGREEMENT.session));
  expect(agreements.get(toHex(OTHER.session))).toBeUndefined();
});
