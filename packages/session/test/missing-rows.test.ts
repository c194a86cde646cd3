// Enrolment: who is missing goes through the OPRF, padded to the public step; a store of pseudonyms remembers the rest.
import {
  heldRows,
  nobleKernel,
  packRows,
  RecordStore,
  rowAt,
  rowCount,
  systemRng,
  type ByteRows,
  type Rng,
} from "@halfroom/crypto";
import { evaluate } from "@halfroom/match";
import {
  findPseudonyms,
  keepPseudonyms,
  memoryPseudonyms,
  PSEUDONYM_STORE_CASES,
  pseudonymsIn,
  seededRng,
  testStatements,
} from "@halfroom/testkit";
import { expect, test } from "vitest";
import { assertWholeSteps, enrolmentSize, enrolmentStep } from "../src/pseudonymise/enrolment.ts";
import { MissingRows } from "../src/pseudonymise/missing-rows.ts";
import { PSEUDONYM_WORDS, type PseudonymStore } from "../src/pseudonymise/keys.ts";

const people = (from: number, to: number): ByteRows =>
  packRows(Array.from({ length: to - from }, (_, i) => Buffer.from(`person ${from + i}`)));
const pseudonyms = (count: number) => systemRng.bytes(count * 64);

/** Those of `identifiers` that the store does not know, on their way through the OPRF; `made` is where pseudonyms of theirs come out. */
async function missingOf(store: PseudonymStore, identifiers: ByteRows, padding?: { step: number; rng: Rng }) {
  const scratch = new RecordStore();
  const { pseudonyms: known, missing } = await findPseudonyms(store, identifiers);
  const pseudonyms = scratch.records(PSEUDONYM_WORDS);
  const fresh = store.collect(scratch);
  const plan = await MissingRows.of(
    { identifiers: heldRows(identifiers), missing, pseudonyms, fresh },
    scratch,
    padding,
  );
  const made = async () => {
    for await (const records of pseudonyms.read()) pseudonymsIn(records, known);
    return known;
  };
  return { plan, fresh, made };
}

test.each(PSEUDONYM_STORE_CASES)("the tests' store of pseudonyms %s", async (_, check) => {
  await check(memoryPseudonyms);
});

test("enrolments are padded to whole steps: 1,024 or one in a hundred, one step at least", () => {
  expect([0, 5000, 102_400, 102_401, 200_000].map(enrolmentStep)).toEqual([1024, 1024, 1024, 1025, 2000]);
  expect(enrolmentSize(0, 1024)).toBe(1024);
  expect(enrolmentSize(1, 1024)).toBe(1024);
  expect(enrolmentSize(1024, 1024)).toBe(1024);
  expect(enrolmentSize(1025, 1024)).toBe(2048);
  expect(enrolmentSize(2001, 2000)).toBe(4000);
  expect(enrolmentSize(200_000, 2000)).toBe(200_000);
});

test.each([
  ["no step", 1024, 0],
  ["half a step", 1024, 512],
  ["one and a half", 1024, 1536],
  ["steps smaller than any", 1023, 1023],
  ["steps smaller than its items make them", 1999, 1999],
])("a sender does not sign for %s", (_, step, evaluations) => {
  const [, receiver] = testStatements();
  const items = step === 1999 ? 199_901 : 3000;
  expect(() => assertWholeSteps({ ...receiver, step, evaluations }, items)).toThrow(
    expect.objectContaining({ code: "agreement" }),
  );
  expect(() => assertWholeSteps({ ...receiver, step: 2000, evaluations: 6000 }, items)).not.toThrow();
});

test("two sessions: the second sends only new people through the OPRF and gets the same pseudonyms", async () => {
  const cache = memoryPseudonyms();
  const secretKey = new Uint8Array(32).fill(3);
  secretKey[31] = 0;
  const oprf = (rows: ByteRows) => evaluate(nobleKernel, secretKey, rows)!;
  const session = async (identifiers: ByteRows) => {
    const { plan, fresh, made } = await missingOf(cache, identifiers);
    const batch = { start: 0, end: plan.count };
    await plan.keep(batch, oprf(await plan.copy(batch)));
    await fresh.keep();
    return { count: plan.count, result: await made() };
  };
  const cold = await session(people(0, 20));
  expect(cold.count).toBe(20);
  expect(Buffer.compare(cold.result, oprf(people(0, 20)))).toBe(0);
  const warm = await session(people(0, 20));
  expect(warm.count).toBe(0);
  expect(Buffer.compare(warm.result, cold.result)).toBe(0);
  const grown = await session(people(10, 25));
  expect(grown.count).toBe(5);
  expect(Buffer.compare(grown.result, oprf(people(10, 25)))).toBe(0);
});

const textOf = (rows: ByteRows, i: number) => Buffer.from(rowAt(rows, i)).toString("latin1");

/** Who stands at each place of an enrolment of people 30 to 39 of 20 to 39; undefined for made-up rows. */
async function enrolled(rng: Rng) {
  const store = memoryPseudonyms();
  await keepPseudonyms(store, people(0, 30), pseudonyms(30));
  const identifiers = people(20, 40);
  const { plan, fresh, made } = await missingOf(store, identifiers, { step: 1024, rng });
  const batch = { start: 0, end: plan.count };
  const copied = await plan.copy(batch);
  expect(await plan.copy(batch)).toEqual(copied);
  const texts = Array.from({ length: rowCount(copied) }, (_, i) => textOf(copied, i));
  const numbers = texts.map((text) => (text.startsWith("person ") ? Number(text.slice(7)) : undefined));
  return { store, identifiers, fresh, made, plan, texts, numbers };
}

test("the receiver's enrolment has the missing people among rows that never repeat, each at a place drawn anew", async () => {
  const [first, second] = [await enrolled(seededRng("one")), await enrolled(seededRng("two"))];
  for (const { texts, numbers } of [first, second]) {
    expect(texts).toHaveLength(1024);
    expect(new Set(texts).size).toBe(1024);
    const present = numbers.filter((number) => number !== undefined);
    expect(present.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, i) => 30 + i));
    expect(present).not.toEqual(present.toSorted((a, b) => a - b));
  }
  expect(first.numbers).not.toEqual(second.numbers);
  expect((await enrolled(seededRng("one"))).texts).toEqual(first.texts);
});

test("no place is likelier than another: over 3,000 enrolments a person stands in each eighth equally often", async () => {
  const identifiers = people(0, 3);
  const rng = seededRng("places");
  const eighths = new Uint32Array(8);
  for (let run = 0; run < 3000; run++) {
    const padding = { step: 16, rng: rng.fork(`run ${run}`) };
    const { plan } = await missingOf(memoryPseudonyms(), identifiers, padding);
    const copied = await plan.copy({ start: 0, end: 16 });
    const place = Array.from({ length: 16 }, (_, i) => textOf(copied, i)).indexOf("person 1");
    eighths[place >> 1]!++;
  }
  let chiSquared = 0;
  for (const count of eighths) chiSquared += (count - 375) ** 2 / 375;
  // 7 degrees of freedom: above 35 with probability 1e-5, and the generator is seeded.
  expect(chiSquared).toBeLessThan(35);
});

test("pseudonyms go back to the people, whatever the order and the batches", async () => {
  const { store, identifiers, fresh, made, plan, numbers } = await enrolled(seededRng("back"));
  const outputs = pseudonyms(1024);
  // In two batches, the second one first.
  await plan.keep({ start: 4, end: 1024 }, outputs.subarray(4 * 64));
  await plan.keep({ start: 0, end: 4 }, outputs.subarray(0, 4 * 64));
  await fresh.keep();
  const known = await made();
  for (let person = 30; person < 40; person++) {
    const place = numbers.indexOf(person);
    const expected = outputs.subarray(place * 64, (place + 1) * 64);
    expect(Buffer.compare(known.subarray((person - 20) * 64, (person - 19) * 64), expected)).toBe(0);
  }
  expect(Buffer.compare(known, (await findPseudonyms(store, identifiers)).pseudonyms)).toBe(0);
});
