import fc from "fast-check";
import { expect, test } from "vitest";
import {
  claimSession,
  composeAgreement,
  signAgreement,
  verifyAgreement,
} from "../src/agreement/agreement.ts";
import type { AgreementText, Terms } from "../src/agreement/agreement.types.ts";
import { commitTo, decodeStatement, encodeStatement } from "../src/agreement/statement.ts";
import { assertOnlyStricter, decodeTerms, encodeTerms, requestDigest, termsOf } from "../src/terms/terms.ts";
import { parseRequest } from "../../node/src/request/request.ts";
import {
  identity,
  noiseOf,
  NOW,
  scratchFolder,
  scratchStore,
  statements,
  TERMS,
} from "../../node/test/fixtures.ts";
import { Store } from "../../node/src/store/store.ts";

const [alice, bob] = [identity(), identity()];
const [sender, receiver] = statements(alice, bob);
/** No report that anyone could ask for, but every field is there to be altered. */
const EVERY_FIELD: Terms = {
  ...TERMS,
  events: { perPerson: 2, windowSeconds: 86_400 },
  arms: { column: "group", test: "test", control: "control" },
};
const AGREEMENT = composeAgreement(EVERY_FIELD, sender, receiver);
const signature = signAgreement(AGREEMENT, "sender", alice.privateKey);
const accepts = (agreement: AgreementText) =>
  verifyAgreement(agreement, "sender", signature, alice.publicKey);

/** Every leaf of a record and a copy of the record in which that leaf is another valid-looking value. */
function* tampered(value: unknown): Generator<{ path: string; copy: unknown }> {
  if (value instanceof Uint8Array) {
    yield { path: "", copy: value.map((byte, i) => (i === 0 ? byte ^ 1 : byte)) };
  } else if (typeof value === "object" && value !== null) {
    for (const [key, child] of Object.entries(value)) {
      for (const { path, copy } of tampered(child)) {
        const whole = Array.isArray(value) ? [...value] : { ...value };
        yield { path: `.${key}${path}`, copy: Object.assign(whole, { [key]: copy }) };
      }
    }
    if (Array.isArray(value)) yield { path: ".length", copy: value.slice(1) };
  } else if (value === "noise") yield { path: "", copy: "exact" };
  else if (typeof value === "string") yield { path: "", copy: `${value}x` };
  else if (typeof value === "number") yield { path: "", copy: value + 1 };
  else if (typeof value === "bigint") yield { path: "", copy: value + 1n };
  else if (typeof value === "boolean") yield { path: "", copy: !value };
}

test("a signature holds for the very agreement and for no change of any field", () => {
  expect(() => accepts(AGREEMENT)).not.toThrow();
  const paths: string[] = [];
  for (const { path, copy } of tampered(AGREEMENT.content)) {
    // A statement's role gives it its fields; that it is the right one is tested with the decoder.
    if (path === ".sender.role" || path === ".receiver.role") continue;
    // Cells and partitions go together.
    if (path === ".terms.partitions.length" || path === ".receiver.cells.length") continue;
    const { terms, sender: from, receiver: to } = copy as AgreementText["content"];
    const other = composeAgreement(terms, from, to);
    paths.push(path);
    expect(other.session, path).not.toEqual(AGREEMENT.session);
    expect(() => accepts(other), path).toThrow(/signed another agreement/);
  }
  // Every field that the types name was among them.
  const named = Object.keys(TERMS).map((key) => `.terms.${key}`);
  for (const side of ["sender", "receiver"] as const) {
    const fields = Object.keys(AGREEMENT.content[side]).filter((key) => key !== "role");
    named.push(...fields.map((key) => `.${side}.${key}`));
  }
  for (const field of named)
    expect(
      paths.some((path) => path.startsWith(field)),
      field,
    ).toBe(true);
});

test("another key, the other role and a damaged signature are refused", () => {
  expect(() => verifyAgreement(AGREEMENT, "sender", signature, bob.publicKey)).toThrow(/signed another/);
  expect(() => verifyAgreement(AGREEMENT, "receiver", signature, alice.publicKey)).toThrow(/signed another/);
  const damaged = signature.map((byte, i) => (i === 40 ? byte ^ 1 : byte));
  expect(() => verifyAgreement(AGREEMENT, "sender", damaged, alice.publicKey)).toThrow(/signed another/);
  const short = signature.subarray(0, 63);
  expect(() => verifyAgreement(AGREEMENT, "sender", short, alice.publicKey)).toThrow(/signed another/);
});

test("cells of more or fewer partitions than the terms have are no agreement", () => {
  for (const cells of [[], [64, 64]]) {
    expect(() => composeAgreement(EVERY_FIELD, sender, { ...receiver, cells })).toThrow(/other partitions/);
  }
});

test("a session id is taken once, also after a restart", () => {
  const folder = scratchFolder();
  const first = Store.open(folder);
  claimSession(first, AGREEMENT, "publisher", NOW);
  expect(() => claimSession(first, AGREEMENT, "publisher", NOW)).toThrow(/run before/);
  first.close();
  expect(() => claimSession(scratchStore(folder), AGREEMENT, "another name", NOW)).toThrow(/run before/);
});

test("terms and statements come back from their bytes, and from no other bytes", () => {
  const lift: Terms = { ...EVERY_FIELD, report: "lift", senderGroupBy: [] };
  const bytes = encodeTerms(TERMS);
  for (const terms of [TERMS, lift]) expect(decodeTerms(encodeTerms(terms))).toEqual(terms);
  for (const statement of [sender, receiver]) {
    const { role, fingerprint } = statement;
    expect(decodeStatement(encodeStatement(statement), role, fingerprint)).toEqual(statement);
  }
  const text = Buffer.from(bytes).toString();
  const edits = [
    ` ${text}`,
    `${text}\n`,
    `\ufeff${text}`,
    text.replace('"threshold":100', '"threshold":1e2'),
    text.replace('"threshold":100', '"threshold":100,"threshold":100'),
    text.replace('"low":"0"', '"low":"-0"'),
    text.replace('"low":"0"', '"low":"00"'),
    text.replace('"low":"0"', '"low":0'),
    text.replace('"campaign"', '"\\u0063ampaign"'),
    text.replace('{"protocol"', '{"extra":1,"protocol"'),
    text.replace(/,"otK":4/, ""),
    text.replace('"otK":4', '"otK":5'),
    text.replace('["campaign","age_band"]', '["campaign","campaign"]'),
    text.replace('[["campaign","age_band"]]', "[]"),
    text.replace('[["campaign","age_band"]]', '[["campaign"],["campaign"]]'),
    text.replace('"match":[{', '"match":[{"key":"email","label":"x"},{'),
    text.replace('"threshold":100', '"threshold":10'),
    text.replace('"high":"50000"', '"high":"9223372036854775808"'),
    text.replace('"high":"50000"', '"high":"-1"'),
    text.replace("1000000,", "0,"),
    // Events belong to the kinds that compare times, which have sums alone.
    text.replace('"report":"sums"', '"report":"attribution"'),
    ...[
      { ...lift, report: "sums" as const },
      { ...lift, senderGroupBy: ["segment"] },
      { ...lift, measures: lift.measures.map((measure) => ({ ...measure, squares: true })) },
    ].map((terms) => Buffer.from(encodeTerms(terms)).toString()),
  ];
  for (const edit of edits) {
    expect(edit).not.toBe(text);
    expect(() => decodeTerms(Buffer.from(edit)), edit).toThrow(/canonical/);
  }
});

test("no bytes whatever crash the decoders with anything but a refusal", () => {
  const good = [...encodeTerms(TERMS)];
  const mutated = fc
    .tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 }))
    .map(([at, byte]) => Uint8Array.from(good, (old, i) => (i === at ? byte : old)));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated), (bytes) => {
      try {
        expect(encodeTerms(decodeTerms(bytes))).toEqual(Buffer.from(bytes));
      } catch (error) {
        expect(["malformed", "version"]).toContain((error as { code?: string }).code);
      }
    }),
    { numRuns: 500 },
  );
});

test("a statement of the wrong role or of another identity is refused", () => {
  const bytes = encodeStatement(sender);
  expect(() => decodeStatement(bytes, "receiver", alice.fingerprint)).toThrow(/not the receiver/);
  expect(() => decodeStatement(bytes, "sender", bob.fingerprint)).toThrow(/another identity/);
  const odd = encodeStatement({ ...receiver, cells: [63] });
  expect(() => decodeStatement(odd, "receiver", bob.fingerprint)).toThrow(/canonical/);
});

test("a partner may answer with stricter terms and with nothing else", () => {
  const noise = (microEpsilon: number) => noiseOf(microEpsilon, TERMS.measures.length);
  const stricter: Terms = { ...TERMS, threshold: 200, release: noise(500_000) };
  expect(() => assertOnlyStricter(TERMS, TERMS)).not.toThrow();
  expect(() => assertOnlyStricter(TERMS, stricter)).not.toThrow();
  const looser: Terms[] = [
    { ...stricter, threshold: 199 },
    { ...stricter, release: noise(500_001) },
  ];
  for (const terms of looser) expect(() => assertOnlyStricter(stricter, terms)).toThrow(/another report/);
  for (const { path, copy } of tampered(EVERY_FIELD)) {
    if (path === ".threshold" || path === ".rules") continue;
    expect(() => assertOnlyStricter(EVERY_FIELD, copy as Terms), path).toThrow(/another report/);
  }
  expect(() => assertOnlyStricter(TERMS, { ...TERMS, release: { mode: "exact" } })).toThrow(/another report/);
  expect(() => assertOnlyStricter({ ...TERMS, release: { mode: "exact" } }, TERMS)).toThrow(/another report/);
});

test("requests are equal if they ask for the same, whoever asks", () => {
  const swapped: Terms = { ...TERMS, initiator: "receiver" };
  expect(requestDigest(swapped)).toBe(requestDigest(TERMS));
  const digests = [...tampered(EVERY_FIELD)].map(({ path, copy }) => [path, requestDigest(copy as Terms)]);
  for (const [path, digest] of digests) {
    if (path !== ".initiator") expect(digest, path).not.toBe(requestDigest(EVERY_FIELD));
  }
});

test("the terms of a request name both sides by role, and survive their encoding", () => {
  const request = parseRequest(
    "partner: p\nours: { dataset: a, group_by: [c] }\ntheirs: { dataset: b, measures: { m: { low: 0, high: 9 } } }\nexact: true\nresult: them\n",
    "r.yaml",
  );
  const match = [{ key: "email", label: "email/iab-1" }];
  const terms = termsOf(request, match);
  expect(terms).toMatchObject({
    initiator: "receiver",
    datasets: { sender: "b", receiver: "a" },
    match,
    measures: [{ name: "m", low: 0n, high: 9n, decimals: 0, squares: false }],
    partitions: [["c"]],
    resultTo: "sender",
    threshold: 100,
    release: { mode: "exact" },
    otK: 4,
  });
  expect(decodeTerms(encodeTerms(terms))).toEqual(terms);
});

test("a commitment depends on its purpose, its salt and its content", () => {
  const salt = new Uint8Array(32);
  const other = new Uint8Array(32).fill(1);
  const all = [
    commitTo("data", salt, "x"),
    commitTo("filter", salt, "x"),
    commitTo("data", other, "x"),
    commitTo("data", salt, "y"),
  ];
  expect(new Set(all.map((bytes) => Buffer.from(bytes).toString("hex"))).size).toBe(4);
});
