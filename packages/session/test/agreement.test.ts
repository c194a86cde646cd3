// The agreement's text, what a signature on it covers, and what each side states.
import { testIdentity, testStatements, TERMS } from "@halfroom/testkit";
import { describe, expect, test } from "vitest";
import {
  composeAgreement,
  readAgreement,
  signAgreement,
  verifyAgreement,
  type Agreement,
} from "../src/agreement/agreement.ts";
import { publicKeyOf, signerOf } from "../src/agreement/keys.ts";
import {
  commitTo,
  decodeStatement,
  encodeStatement,
  statementRecord,
  type Statement,
} from "../src/agreement/statement.ts";
import { ALTERED } from "./altered.ts";
import kept from "./kept-1.json" with { type: "json" };

const [alice, bob] = [testIdentity("sender"), testIdentity("receiver")];
const [aliceKey, bobKey] = [publicKeyOf(alice.signingKey), publicKeyOf(bob.signingKey)];
const [sender, receiver] = testStatements();
const AGREEMENT = composeAgreement(TERMS, sender, receiver);
const refusedAs = (code: string) => expect.objectContaining({ code }) as Error;

/** Signed as the first, verified as the second. */
function verifies(signed: Agreement, verified: Agreement) {
  const signature = signAgreement(signed, "sender", signerOf(alice.privateKey));
  return () => verifyAgreement(verified, "sender", signature, aliceKey);
}

/** One valid statement for each member, in which that member alone is another. */
const statementsAltered = (statement: Statement) =>
  Object.keys(statement)
    .filter((member) => member !== "role")
    .map((member) => ({
      member,
      other: {
        ...statement,
        [member]: ANOTHER[member] ?? another(Reflect.get(statement, member)),
      },
    }));

/** Of members that `another` makes nothing valid of. */
const ANOTHER: Readonly<Record<string, unknown>> = { versions: [4, 3], last: new Uint8Array(32) };

function another(value: unknown): unknown {
  if (value instanceof Uint8Array) return value.map((byte, i) => (i === 31 ? byte ^ 1 : byte));
  if (Array.isArray(value)) return (value as number[]).map((cells) => 2 * cells);
  return (value as number) + 1;
}

describe("a signature holds for the very agreement", () => {
  test("of the side that made it", () => {
    expect(verifies(AGREEMENT, AGREEMENT)).not.toThrow();
    const signature = signAgreement(AGREEMENT, "sender", signerOf(alice.privateKey));
    const damaged = signature.map((byte, i) => (i === 40 ? byte ^ 1 : byte));
    for (const [role, given, key] of [
      ["sender", signature, bobKey],
      ["receiver", signature, aliceKey],
      ["sender", damaged, aliceKey],
      ["sender", signature.subarray(0, 63), aliceKey],
      ["sender", new Uint8Array(0), aliceKey],
    ] as const)
      expect(() => verifyAgreement(AGREEMENT, role, given, key)).toThrow(refusedAs("agreement"));
  });

  test.each(ALTERED)("and for no other terms ($member)", ({ terms, other }) => {
    const [first, second] = [terms, other].map((each) =>
      composeAgreement(each, sender, { ...receiver, cells: each.partitions.map(() => 64) }),
    );
    expect(second!.session).not.toEqual(first!.session);
    expect(verifies(first!, first!)).not.toThrow();
    expect(verifies(first!, second!)).toThrow(refusedAs("agreement"));
  });

  test.each(statementsAltered(sender))("and no other statement of the sender ($member)", ({ other }) => {
    const altered = composeAgreement(TERMS, other as typeof sender, receiver);
    expect(altered.session).not.toEqual(AGREEMENT.session);
    expect(verifies(AGREEMENT, altered)).toThrow(refusedAs("agreement"));
  });

  test.each(statementsAltered(receiver))("and no other statement of the receiver ($member)", ({ other }) => {
    const altered = composeAgreement(TERMS, sender, other as typeof receiver);
    expect(altered.session).not.toEqual(AGREEMENT.session);
    expect(verifies(AGREEMENT, altered)).toThrow(refusedAs("agreement"));
  });
});

test("cells of another number of partitions than the terms have are agreed by nobody", () => {
  for (const cells of [[64, 64], []])
    expect(() => composeAgreement(TERMS, sender, { ...receiver, cells })).toThrow(refusedAs("agreement"));
});

describe("a kept agreement", () => {
  test("has the content, the bytes and the session id that it had", () => {
    const read = readAgreement(AGREEMENT.bytes);
    expect(read.content).toEqual(AGREEMENT.content);
    expect(Buffer.compare(read.bytes, AGREEMENT.bytes)).toBe(0);
    expect(read.session).toEqual(AGREEMENT.session);
  });

  test("of the version before keeps its bytes and with them its session id", () => {
    const bytes = Buffer.from(kept.agreement);
    const read = readAgreement(bytes);
    expect(Buffer.compare(read.bytes, bytes)).toBe(0);
    expect(Buffer.from(read.session).toString("hex")).toBe(kept.session);
    expect(read.content.terms.protocol).toMatch(/^halfroom\/1 /);
    const { sender: from, receiver: to } = read.content;
    expect([from.people, from.categories, to.people, to.cells]).toEqual([20_000, 1, 30_000, [64]]);
  });

  test("that is damaged is `malformed`", () => {
    const text = Buffer.from(AGREEMENT.bytes).toString();
    const edits = [
      text.slice(0, -1),
      text.replace('"people":20000', '"people":-1'),
      text.replace('"role":"sender"', '"role":"receiver"'),
      text.replace('"threshold":100', '"threshold":0'),
      "null",
      "[]",
      "{}",
      "5",
      "",
    ];
    for (const edit of edits) {
      expect(edit).not.toBe(text);
      expect(() => readAgreement(Buffer.from(edit)), edit).toThrow(refusedAs("malformed"));
    }
  });
});

describe("a statement", () => {
  const bytesOf = (statement: Statement) => Buffer.from(encodeStatement(statement));
  test("is the documented JSON, and comes back from it", () => {
    const hex = (value: number) => `${value}`.padStart(2, "0").repeat(32);
    const print = (statement: Statement) => Buffer.from(statement.fingerprint).toString("hex");
    expect(bytesOf(sender).toString()).toBe(
      `{"role":"sender","nonce":"${hex(1)}","fingerprint":"${print(sender)}","versions":[3],"last":null,"at":1780488000000,"people":20000,"data":"${hex(3)}",` +
        `"filter":"${hex(4)}","seed":"${hex(6)}","epoch":1,"epochKey":"${hex(5)}","epochEndsAt":1783080000000,"categories":1}`,
    );
    expect(bytesOf(receiver).toString()).toBe(
      `{"role":"receiver","nonce":"${hex(2)}","fingerprint":"${print(receiver)}","versions":[3],"last":null,"at":1780488000000,"people":30000,"data":"${hex(3)}",` +
        `"filter":"${hex(4)}","seed":"${hex(6)}","cells":[64],"step":1024,"evaluations":30720}`,
    );
    expect(decodeStatement(bytesOf(sender), "sender", sender.fingerprint)).toEqual(sender);
    expect(decodeStatement(bytesOf(receiver), "receiver", receiver.fingerprint)).toEqual(receiver);
  });

  test("of another role or identity is refused as such", () => {
    expect(() => decodeStatement(bytesOf(sender), "receiver", sender.fingerprint)).toThrow(
      refusedAs("agreement"),
    );
    expect(() => decodeStatement(bytesOf(sender), "sender", receiver.fingerprint)).toThrow(
      refusedAs("agreement"),
    );
  });

  test.each<[Statement, Record<string, unknown>]>([
    [sender, { nonce: "00" }],
    [sender, { versions: [] }],
    [sender, { versions: [2] }],
    [sender, { versions: [3, 4] }],
    [receiver, { versions: [3, 3] }],
    [receiver, { versions: Array.from({ length: 17 }, (_, i) => 20 - i) }],
    [sender, { at: -1 }],
    [receiver, { at: 1780488000000.5 }],
    [sender, { people: -1 }],
    [sender, { people: 1_000_000_001 }],
    [sender, { epoch: 0 }],
    [sender, { epochEndsAt: 1.5 }],
    [sender, { categories: 0 }],
    [sender, { categories: 65 }],
    [sender, { cells: [64] }],
    [sender, { role: "observer" }],
    [receiver, { cells: [] }],
    [receiver, { cells: [0] }],
    [receiver, { cells: [63] }],
    [receiver, { cells: [1 << 17] }],
    [receiver, { cells: Array.from({ length: 9 }, () => 1) }],
    [receiver, { step: 0 }],
    [receiver, { evaluations: -1 }],
    [receiver, { evaluations: 2_000_000_001 }],
  ])("out of bounds is `malformed`: %#", (statement, change) => {
    const bytes = Buffer.from(JSON.stringify({ ...statementRecord(statement), ...change }));
    expect(() => decodeStatement(bytes, statement.role, statement.fingerprint)).toThrow(
      refusedAs("malformed"),
    );
  });
});

describe("the newest version that both sides speak is the session's", () => {
  const compose = (ours: readonly number[], theirs: readonly number[], protocol = TERMS.protocol) =>
    composeAgreement(
      { ...TERMS, protocol },
      { ...sender, versions: ours },
      { ...receiver, versions: theirs },
    );
  test("whatever else each of them speaks", () => {
    for (const [ours, theirs] of [
      [[3], [3]],
      [[4, 3], [3]],
      [[3], [9, 4, 3]],
      [
        [5, 3],
        [4, 3],
      ],
    ] as const)
      expect(() => compose(ours, theirs)).not.toThrow();
    expect(() => compose([4, 3], [5, 4], "halfroom/4 another suite")).not.toThrow();
  });

  test("an older one, to which somebody has pushed them, is `version`, and so is none in common", () => {
    expect(() => compose([4, 3], [4, 3])).toThrow(refusedAs("version"));
    expect(() => compose([3], [4])).toThrow(refusedAs("version"));
    expect(() => compose([4, 3], [5, 4, 3])).toThrow(/newest version that both sides speak is halfroom\/4/);
  });

  test("one with known attacks is none, even if both speak it", () => {
    expect(() => compose([2, 1], [2, 1], "halfroom/2 suite")).toThrow(refusedAs("version"));
  });
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
