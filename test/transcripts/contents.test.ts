// No identifier, no hash of one, no pseudonym and no label of an unreleased cell occurs in the bytes of either direction
// (design section 6).
import { createHash } from "node:crypto";
import { GroupPool, hashToGroup, rowAt, type ByteRows } from "@halfroom/crypto";
import { evaluate, generateKey } from "@halfroom/match";
import { exactSums, type RecordedFrame, seededRng } from "@halfroom/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { formsFound, needlesOf, rawAndText, type Needle } from "./needles.ts";
import { csvText, recordSession, type Recorded } from "./recorded.ts";

const SEED = "contents";
/** What the rules for e-mail make of these addresses. */
const normalised = (text: string) => text.trim().toLowerCase().normalize("NFC");
const TERMS = exactSums({
  measures: [{ name: "amount", low: 0n, high: 10n ** 9n, decimals: 2 }],
  groupBy: ["campaign", "region"],
  threshold: 5,
  otK: 4,
});

// 30 people in common, 10 of the sender and 20 of the receiver alone; of six cells two pass.
const address = (i: number) => `Person.Number+${i}@Mail.Example.COM`;
const cellOf = (i: number) =>
  i % 40 < (i < 40 ? 12 : 5) ? 0 : i % 40 < (i < 40 ? 24 : 10) ? 1 : 2 + (i % 4);
const label = (cell: number) => [`campaign number ${cell}`, `région ${cell}`] as const;
const span = (first: number, end: number) => Array.from({ length: end - first }, (_, i) => first + i);
const ALL = span(0, 60);
const CSV = {
  senderCsv: csvText(
    "email,amount",
    span(0, 40).map((i) => [` ${address(i)}`, `${i * 1000}.25`]),
  ),
  receiverCsv: csvText(
    "email,campaign,region",
    [...span(0, 30), ...span(40, 60)].map((i) => [address(i).toUpperCase(), ...label(cellOf(i))]),
  ),
};

let pool: GroupPool;
let recorded: Recorded;
let directions: Record<"sent" | "received", Buffer>;
beforeAll(async () => {
  pool = await GroupPool.open(0);
  recorded = await recordSession(CSV, TERMS, pool, SEED);
  const bytes = (direction: RecordedFrame["direction"]) =>
    Buffer.concat(
      recorded.logs.sender.filter((entry) => entry.direction === direction).map(({ frame }) => frame),
    );
  directions = { sent: bytes("sent"), received: bytes("received") };
});
afterAll(() => pool.close());

function expectNone(needles: readonly Needle[]): void {
  expect(formsFound(directions.sent, needles)).toEqual([]);
  expect(formsFound(directions.received, needles)).toEqual([]);
}

function identifierNeedles(): Needle[] {
  return ALL.flatMap((i) => [
    ...needlesOf("an identifier", address(i)),
    ...needlesOf("an identifier in capitals", address(i).toUpperCase()),
    ...needlesOf("a normalised identifier", normalised(address(i))),
    ...needlesOf("a local part", normalised(address(i)).split("@")[0]!),
  ]);
}

test("no identifier, in any spelling or hash", () => {
  expectNone(identifierNeedles());
  const encoded = [recorded.data.sender.identifiers, recorded.data.receiver.identifiers].flatMap(rowsOf);
  expect(encoded).toHaveLength(90);
  expectNone(
    encoded.flatMap((row) => [
      ...rawAndText("an encoded identifier", row),
      ...rawAndText("its SHA-256", createHash("sha256").update(row).digest()),
      ...rawAndText("its SHA-512", createHash("sha512").update(row).digest()),
    ]),
  );
});

test("no pseudonym, no part of one, no hash of one, and not the key", () => {
  const { kernel } = pool;
  // The sender's key in this session, drawn again from the same seed.
  const key = generateKey(kernel, seededRng(`${SEED}/sender`).fork("oprf-key"));
  const pseudonyms = [recorded.data.sender.identifiers, recorded.data.receiver.identifiers].flatMap((rows) =>
    slices(evaluate(kernel, key, rows)!, 64),
  );
  expect(pseudonyms).toHaveLength(90);
  expectNone(rawAndText("the key", key));
  expectNone(
    pseudonyms.flatMap((pseudonym) => [
      ...slices(pseudonym, 16).flatMap((part) => rawAndText("a quarter of a pseudonym", part)),
      ...rawAndText("a pseudonym's SHA-256", createHash("sha256").update(pseudonym).digest()),
      ...rawAndText("a pseudonym's SHA-512", createHash("sha512").update(pseudonym).digest()),
    ]),
  );
});

test("no unblinded group element of an identifier, with or without the key", () => {
  const { kernel } = pool;
  const key = generateKey(kernel, seededRng(`${SEED}/sender`).fork("oprf-key"));
  for (const rows of [recorded.data.sender.identifiers, recorded.data.receiver.identifiers]) {
    const points = hashToGroup(kernel, rows, Buffer.from("HashToGroup-OPRFV1-\x01-ristretto255-SHA512"));
    const powers = kernel.multiplyByOne(points, key)!;
    expectNone(
      [...slices(points, 32), ...slices(powers, 32)].flatMap((point) => rawAndText("a point", point)),
    );
  }
});

test("labels of released cells go to the sender, and no others anywhere", () => {
  const released = recorded.tables.sender.cells.map(({ labels }) => labels);
  expect(released).toEqual([label(0), label(1)]);
  for (const text of released.flat()) {
    expect(directions.received.includes(text)).toBe(true);
    expect(directions.sent.includes(text)).toBe(false);
  }
  expectNone(
    [2, 3, 4, 5].flatMap((cell) => label(cell).flatMap((text) => needlesOf("an unreleased label", text))),
  );
});

test("the search finds each form where it does occur", () => {
  for (const { form, bytes } of identifierNeedles().slice(0, 40)) {
    const planted = Buffer.from(directions.sent);
    planted.set(bytes, 70_001);
    expect(formsFound(planted, [{ form, bytes }])).toEqual([form]);
  }
});

function rowsOf(rows: ByteRows): Uint8Array[] {
  return Array.from({ length: rows.offsets.length - 1 }, (_, i) => rowAt(rows, i));
}

function slices(bytes: Uint8Array, length: number): Uint8Array[] {
  return Array.from({ length: bytes.length / length }, (_, i) =>
    bytes.subarray(i * length, (i + 1) * length),
  );
}
