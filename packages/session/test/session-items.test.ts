// The items of a session: those that people lack get random pseudonyms and cost nothing; those that people have never go without.
import { GroupPool, packRows, RecordStore, systemRng, heldColumn, heldRows } from "@halfroom/crypto";
import { ROLES } from "@halfroom/mpc";
import { LACKING } from "@halfroom/prepare";
import {
  exactSums,
  memoryPseudonyms,
  preparePair,
  pseudonymRecords,
  pseudonymsIn,
  recordFrames,
  runPair,
  withCsvFiles,
} from "@halfroom/testkit";
import { decodeFrame, ProtocolError } from "@halfroom/wire";
import { afterAll, expect, test } from "vitest";
import { PSEUDONYM_WORDS, type PseudonymStore } from "../src/pseudonymise/keys.ts";
import { enrolmentStep } from "../src/pseudonymise/enrolment.ts";
import { receiverPseudonyms } from "../src/pseudonymise/pseudonyms.ts";
import { SessionItems } from "../src/pseudonymise/session-items.ts";

const pool = await GroupPool.open(0);
afterAll(() => pool.close());

const scratch = new RecordStore();
const anyKey = pool.kernel.multiplyBase(Uint8Array.of(1, ...new Uint8Array(31)));

const named = (count: number) =>
  heldRows(packRows(Array.from({ length: count }, (_, i) => Buffer.from(`item ${i}`))));

/** Each row's number, then as many items as are lacking. */
const withLacking = (rows: number, lacking: number) =>
  Uint32Array.from({ length: rows + lacking }, (_, i) => (i < rows ? i : LACKING));

test("evaluations count the items that people have, however many they lack", async () => {
  const evaluations = async (lacking: number) => {
    const given = { identifiers: named(1200), items: heldColumn(withLacking(1200, lacking)) };
    const items = await SessionItems.of(given, 1200 + lacking, scratch);
    const step = enrolmentStep(items.places);
    const store = memoryPseudonyms();
    return (await receiverPseudonyms(items, anyKey, store, pool, scratch, systemRng, step)).evaluations;
  };
  expect([await evaluations(0), await evaluations(300), await evaluations(7200)]).toEqual([2048, 2048, 2048]);
});

test("an item takes its identifier's pseudonym; one that a person lacks takes a random one, new in each session", async () => {
  const identifiers = named(5);
  const known = scratch.records(PSEUDONYM_WORDS);
  known.append(pseudonymRecords(Uint8Array.from({ length: 5 * 64 }, (_, i) => 1 + Math.floor(i / 64))));
  // Two people of three items in the report, and one outside.
  const items = Uint32Array.of(3, LACKING, LACKING, 0, 1, 2, 4, LACKING, LACKING);
  const draw = async () => {
    const all = new Uint8Array(6 * 64);
    const of = await SessionItems.of({ identifiers, items: heldColumn(items) }, 6, scratch);
    const pieces = of.pseudonyms(known, systemRng);
    for await (const records of pieces) pseudonymsIn(records, all);
    return Array.from({ length: 6 }, (_, i) =>
      Buffer.from(all.subarray(i * 64, (i + 1) * 64)).toString("hex"),
    );
  };
  const [first, second] = [await draw(), await draw()];
  const of = (row: number) =>
    String(row + 1)
      .padStart(2, "0")
      .repeat(64);
  for (const drawn of [first, second]) {
    expect([drawn[0], ...drawn.slice(3)]).toEqual([of(3), of(0), of(1), of(2)]);
  }
  const random = [first[1], first[2], second[1], second[2]];
  expect(new Set([...random, ...[0, 1, 2, 3, 4].map(of)]).size).toBe(9);
});

test.each([
  ["an item too few for the identifiers", undefined, 4],
  ["an item more than there are identifiers", undefined, 6],
  ["more items than there are", [0, 1], 3],
  ["two items of one identifier", [0, 1, 1], 3],
  ["an item whose identifier is not there", [0, 1, 5], 3],
])("%s is refused", async (_, rows, count) => {
  const items = rows && heldColumn(Uint32Array.from(rows));
  await expect(SessionItems.of({ identifiers: named(5), items }, count, scratch)).rejects.toThrow(RangeError);
});

/** Keeps pseudonyms, but lost the first one and does not know that it did. */
function leakyStore(): PseudonymStore {
  const store = memoryPseudonyms();
  return {
    ...store,
    find: async (...asked) => (await store.find(...asked)).slice(1),
  };
}

test.each(ROLES)(
  "where the %s has a person without a pseudonym, it ends before the first stage",
  async (role) => {
    const emails = Array.from({ length: 30 }, (_, i) => `p${i}@example.com`);
    const terms = exactSums({ groupBy: ["campaign"], measures: [], threshold: 11, otK: 8 });
    const texts = {
      senderCsv: ["email", ...emails, ""].join("\n"),
      receiverCsv: ["email,campaign", ...emails.map((email) => `${email},x`), ""].join("\n"),
    };
    let recorded: ReturnType<typeof recordFrames> | undefined;
    const ended = await withCsvFiles(texts, async (files) =>
      runPair({
        data: await preparePair(files, terms),
        terms,
        pool,
        storeOf: (of) => (of === role ? leakyStore() : memoryPseudonyms()),
        wrap: (frames, of) => (of === role ? (recorded = recordFrames(frames)) : frames),
      }),
    );
    const other = role === "sender" ? "receiver" : "sender";
    expect(ended[role]).toMatchObject({
      error: { code: "internal", fromPartner: false, cause: new RangeError("an item has no pseudonym") },
    });
    const { error } = ended[other] as { error: ProtocolError };
    expect([error.code, error.fromPartner]).toEqual(["internal", true]);
    const sent = recorded!.log.flatMap(({ direction, frame }) =>
      direction === "sent" ? [decodeFrame(frame).message.type] : [],
    );
    expect(sent).toEqual(role === "sender" ? ["statement", "signature", "baseOtKey", "abort"] : ["abort"]);
  },
);
