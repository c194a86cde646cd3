import { createHash, createHmac, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  allNumbers,
  hashRows,
  heldColumn,
  heldRows,
  nobleKernel,
  packRows,
  rowAt,
  systemRng,
  type ByteRows,
} from "@halfroom/crypto";
import { derivePublicKey } from "@halfroom/match";
import { encodeIdentifier, NO_CELL } from "@halfroom/prepare";
import { PSEUDONYM_STORE_CASES, findPseudonyms, keepPseudonyms } from "@halfroom/testkit";
import { expect, test } from "vitest";
import { Epochs } from "../src/epochs/epochs.ts";
import { PseudonymCaches } from "../src/epochs/pseudonym-cache.ts";
import { TAG_BYTES, tagsOf } from "../src/epochs/tags.ts";
import { withoutSuppressedReceiver, withoutSuppressedSender } from "../src/datasets/leave-out.ts";
import { SuppressList } from "../src/datasets/suppress-list.ts";
import type { Owner } from "../src/partners/partners.ts";
import { Vault } from "../src/vault/vault.ts";
import { DAY_MS, NOW, scratchFolder, scratchStore } from "./fixtures.ts";

const vault = Vault.ofSecret(randomBytes(32));
const P = { key: "p", name: "p" };
const Q = { key: "q", name: "q" };
const KEY = new Uint8Array(32).fill(7);
const ENDS = NOW + 30 * DAY_MS;

/** Stands in for the digest of a person's address. */
const personDigest = (i: number) => createHash("sha256").update(`p${i}@example.org`).digest();

function people(from: number, to: number): ByteRows {
  const rows = Array.from({ length: to - from }, (_, i) =>
    encodeIdentifier("email/iab-1", personDigest(from + i)),
  );
  return packRows(rows);
}
/** Stand-ins for pseudonyms: 64 random bytes each, whose values the cache must give back. */
const pseudonyms = (count: number) => systemRng.bytes(count * 64);

const tagging = (keys: Vault) => ({
  tag: (bytes: Uint8Array) => createHmac("sha256", keys.key("tags")).update(bytes).digest(),
});

function node(folder = scratchFolder()) {
  const store = scratchStore(folder);
  const caches = new PseudonymCaches(store, vault);
  return {
    folder,
    store,
    caches,
    epochs: new Epochs(store, vault),
    list: new SuppressList(store, tagging(vault), caches),
  };
}

test("an epoch keeps its key over a restart, has a public key of its own and ends after 30 days", () => {
  const { folder, epochs } = node();
  const first = epochs.current(P, nobleKernel, systemRng, NOW);
  expect(first).toMatchObject({ number: 1, startedAt: NOW, endsAt: ENDS });
  expect(first.publicKey).toEqual(derivePublicKey(nobleKernel, first.secretKey));
  const again = node(folder).epochs.current(P, nobleKernel, systemRng, ENDS - 1);
  expect({ ...again, publicKey: new Uint8Array(again.publicKey) }).toEqual(first);
  const second = epochs.current(P, nobleKernel, systemRng, ENDS);
  expect(second).toMatchObject({ number: 2, startedAt: ENDS });
  expect(second.secretKey).not.toEqual(first.secretKey);
  expect(epochs.current(Q, nobleKernel, systemRng, NOW).secretKey).not.toEqual(first.secretKey);
});

test("the key of an ended epoch is deleted; it never stood in the file in the clear", () => {
  const { folder, store, epochs } = node();
  const { secretKey } = epochs.current(P, nobleKernel, systemRng, NOW);
  const sealed = store.get<{ secret_key: Uint8Array }>("SELECT secret_key FROM epoch")!.secret_key;
  const holds = (bytes: Uint8Array) =>
    ["node.sqlite", "node.sqlite-wal"].some((file) =>
      readFileSync(join(folder, file)).includes(Buffer.from(bytes)),
    );
  expect(holds(sealed)).toBe(true);
  expect(holds(secretKey)).toBe(false);
  expect(epochs.end(ENDS - 1)).toEqual([]);
  expect(epochs.end(ENDS)).toEqual([{ partner: "p", number: 1 }]);
  expect(holds(sealed)).toBe(false);
  expect(epochs.end(ENDS)).toEqual([]);
});

test("a key of another suite is not used, nor are pseudonyms that were kept under it", async () => {
  const { store, epochs, caches } = node();
  const { publicKey } = epochs.current(P, nobleKernel, systemRng, NOW);
  const cache = caches.open(P, publicKey, ENDS, NOW);
  await keepPseudonyms(cache, people(0, 3), pseudonyms(3));
  expect((await findPseudonyms(caches.open(P, publicKey, ENDS, NOW), people(0, 3))).missing).toHaveLength(0);
  store.run("UPDATE epoch SET suite = 'oprf-ristretto255-SHA512'");
  store.run("UPDATE cache SET suite = 'oprf-ristretto255-SHA512', public_key = x'00'");
  expect(epochs.current(P, nobleKernel, systemRng, NOW)).toMatchObject({ number: 2 });
  expect((await findPseudonyms(caches.open(P, publicKey, ENDS, NOW), people(0, 3))).missing).toHaveLength(3);
});

test("evaluations are counted over all sessions of an epoch, up to the bound and not beyond", () => {
  const { epochs } = node();
  epochs.current(P, nobleKernel, systemRng, NOW);
  const grant = {
    partnerKey: "p",
    epoch: 1,
    session: "s1",
    evaluations: 600,
    evaluationsMax: 1000,
    now: NOW,
  };
  epochs.grant(grant);
  expect(epochs.granted("p", NOW)).toBe(600);
  expect(() => epochs.grant({ ...grant, session: "s2", evaluations: 401 })).toThrow(/400 are left/);
  expect(() => epochs.grant({ ...grant, evaluations: 1 })).toThrow(/granted its evaluations before/);
  epochs.grant({ ...grant, session: "s2", evaluations: 400 });
  epochs.grant({ ...grant, partnerKey: "q", session: "s2" });
  expect(epochs.granted("p", NOW)).toBe(1000);
  expect(epochs.granted("p", ENDS)).toBe(0);
  epochs.current(P, nobleKernel, systemRng, ENDS);
  epochs.grant({ ...grant, epoch: 2, session: "s3", now: ENDS });
});

test.each(PSEUDONYM_STORE_CASES)("as a store of pseudonyms, a cache %s", async (_, check) => {
  const { caches } = node();
  await check(() => caches.open(P, KEY, ENDS, NOW));
});

test("cached pseudonyms come back to their people, over additions, compactions and a restart", async () => {
  const { folder, caches } = node();
  const cache = caches.open(P, KEY, ENDS, NOW);
  const all = people(0, 3000);
  const values = pseudonyms(3000);
  // Twenty additions reach the point at which a bucket is written anew.
  for (let from = 0; from < 2000; from += 100) {
    await keepPseudonyms(cache, people(from, from + 100), values.subarray(from * 64, (from + 100) * 64));
  }
  const known = await findPseudonyms(node(folder).caches.open(P, KEY, ENDS, NOW), all);
  expect(known.missing).toEqual(Uint32Array.from({ length: 1000 }, (_, i) => 2000 + i));
  const expected = values.slice();
  expected.fill(0, 2000 * 64);
  expect(Buffer.compare(known.pseudonyms, expected)).toBe(0);
  expect((await findPseudonyms(cache, people(5, 5))).missing).toHaveLength(0);
});

test("pseudonyms kept under another key or for another partner are never found", async () => {
  const { caches } = node();
  await keepPseudonyms(caches.open(P, KEY, ENDS, NOW), people(0, 10), pseudonyms(10));
  const missing = async (partner: Owner, key: Uint8Array) =>
    (await findPseudonyms(caches.open(partner, key, ENDS, NOW), people(0, 10))).missing.length;
  expect(await missing(P, KEY)).toBe(0);
  expect(await missing(P, new Uint8Array(32).fill(8))).toBe(10);
  expect(await missing(Q, KEY)).toBe(10);
});

test("neither pseudonyms nor identifiers stand in the database, and another node's key opens nothing", async () => {
  const { folder, store, caches } = node();
  const [rows, values] = [people(0, 50), pseudonyms(50)];
  await keepPseudonyms(caches.open(P, KEY, ENDS, NOW), rows, values);
  const files = ["node.sqlite", "node.sqlite-wal"].map((file) => readFileSync(join(folder, file)));
  for (let i = 0; i < 50; i++) {
    for (const file of files) {
      expect(file.includes(Buffer.from(values.subarray(i * 64, i * 64 + 16)))).toBe(false);
      expect(file.includes(Buffer.from(rowAt(rows, i)))).toBe(false);
    }
  }
  const foreign = new PseudonymCaches(store, Vault.ofSecret(randomBytes(32)));
  expect(() => foreign.open(P, KEY, ENDS, NOW)).toThrow(/sealed under another key/);
});

test("a cache is deleted when its epoch ends, from the disk too; a partner cannot keep it alive for years", async () => {
  const { folder, store, caches } = node();
  await keepPseudonyms(caches.open(P, KEY, ENDS, NOW), people(0, 50), pseudonyms(50));
  caches.open(Q, KEY, NOW + 4000 * DAY_MS, NOW);
  const { sealed } = store.get<{ sealed: Uint8Array }>("SELECT sealed FROM pseudonyms LIMIT 1")!;
  const onDisk = () =>
    ["node.sqlite", "node.sqlite-wal"].some((file) =>
      readFileSync(join(folder, file)).includes(Buffer.from(sealed)),
    );
  expect(caches.end(ENDS - 1)).toBe(0);
  expect(onDisk()).toBe(true);
  expect(caches.end(ENDS)).toBe(1);
  expect(onDisk()).toBe(false);
  expect(store.get("SELECT count(*) AS parts FROM pseudonyms")).toMatchObject({ parts: 0 });
  expect(caches.end(NOW + 366 * DAY_MS)).toBe(1);
});

test("tags are HMAC-SHA-512 cut to 16 bytes, over more rows than are hashed at a time", () => {
  const rows = packRows(Array.from({ length: 16_390 }, (_, i) => Buffer.from(`row ${i}`)));
  const key = createHash("sha256").update("key").digest();
  const tags = tagsOf(key, rows, hashRows);
  for (const row of [0, 1, 16_383, 16_384, 16_389]) {
    const expected = createHmac("sha512", key).update(rowAt(rows, row)).digest().subarray(0, TAG_BYTES);
    expect(Buffer.compare(tags.subarray(row * TAG_BYTES, (row + 1) * TAG_BYTES), expected)).toBe(0);
  }
});

test("who opts out leaves every cache and enters no session", async () => {
  const { folder, caches, list } = node();
  const mine = caches.open(P, KEY, ENDS, NOW);
  const theirs = caches.open(Q, new Uint8Array(32).fill(9), ENDS, NOW);
  await keepPseudonyms(mine, people(0, 100), pseudonyms(100));
  await keepPseudonyms(theirs, people(0, 100), pseudonyms(100));
  expect(list.add(people(40, 60), NOW)).toMatchObject({ added: 20, pseudonyms: 40 });
  expect(list.add(people(50, 70), NOW)).toMatchObject({ added: 10, pseudonyms: 20 });
  expect(list.count()).toBe(30);
  const gone = Uint32Array.from({ length: 30 }, (_, i) => 40 + i);
  expect((await findPseudonyms(mine, people(0, 100))).missing).toEqual(gone);
  expect((await findPseudonyms(theirs, people(0, 100))).missing).toEqual(gone);
  const stay = Array.from({ length: 100 }, (_, i) => i).filter((i) => i < 40 || i >= 70);
  expect([...(await node(folder).list.listedRows(heldRows(people(0, 100))))]).toEqual([...gone]);

  const digest = new Uint8Array(32);
  const counts = { rows: 100, people: 100, merged: 0, filtered: 0, dropped: {}, examples: {}, digest };
  const sender = await withoutSuppressedSender(
    {
      ...counts,
      identifiers: heldRows(people(0, 100)),
      peoplePayload: undefined,
      measures: [heldColumn(BigInt64Array.from({ length: 100 }, (_, i) => BigInt(i)))],
      categories: heldColumn(Uint32Array.from({ length: 100 }, (_, i) => i % 2)),
      categoryLabels: [["even"], ["odd"]],
      base: Uint32Array.of(50, 50),
    },
    list,
    1,
  );
  expect([...(await allNumbers(sender.measures[0]!))].map(Number)).toEqual(stay);
  expect([...(await allNumbers(sender.categories))]).toEqual(stay.map((person) => person % 2));
  expect([...sender.base]).toEqual([35, 35]);
  expect(sender.people).toBe(70);
  expect(Buffer.from(rowAt(await sender.identifiers.read(69, 70), 0)).includes(personDigest(99))).toBe(true);
  const receiver = await withoutSuppressedReceiver(
    {
      ...counts,
      identifiers: heldRows(people(0, 100)),
      partitions: [
        {
          groupBy: ["tens"],
          cells: heldColumn(Uint32Array.from({ length: 100 }, (_, i) => Math.floor(i / 10))),
          labels: Array.from({ length: 10 }, (_, i) => [String(i)]),
          base: new Uint32Array(10).fill(10),
        },
      ],
    },
    list,
    1,
  );
  const [tens] = receiver.partitions;
  expect([...(await allNumbers(tens!.cells))]).toEqual(stay.map((person) => Math.floor(person / 10)));
  expect([...tens!.base]).toEqual([10, 10, 10, 10, 0, 0, 0, 10, 10, 10]);
  expect(receiver.identifiers.count).toBe(70);
});

test("who opted out by one of several keys is gone with all items", async () => {
  const { list } = node();
  list.add(people(4, 5), NOW);
  // Three items a person: person 1 has the items 3 to 5.
  const digest = new Uint8Array(32);
  const counts = { rows: 3, people: 3, merged: 0, filtered: 0, dropped: {}, examples: {}, digest };
  const numbers = heldColumn(BigInt64Array.from({ length: 9 }, (_, i) => BigInt(i)));
  const sender = await withoutSuppressedSender(
    {
      ...counts,
      identifiers: heldRows(people(0, 9)),
      peoplePayload: numbers,
      measures: [numbers],
      categories: heldColumn(Uint32Array.of(0, 0, 0, 1, 1, 1, 2, 2, 2)),
      categoryLabels: [["a"], ["b"], ["c"]],
      base: Uint32Array.of(1, 1, 1),
      events: {
        counts: heldColumn(Uint8Array.of(1, 1, 1, 0, 0, 0, 2, 2, 2)),
        times: [heldColumn(Uint32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8))],
        values: [[numbers]],
        lost: 0,
      },
    },
    list,
    2,
  );
  expect(sender.people).toBe(2);
  expect(sender.identifiers.count).toBe(6);
  expect([...(await allNumbers(sender.peoplePayload!))].map(Number)).toEqual([0, 1, 2, 6, 7, 8]);
  expect([...(await allNumbers(sender.measures[0]!))].map(Number)).toEqual([0, 1, 2, 6, 7, 8]);
  expect([...(await allNumbers(sender.categories))]).toEqual([0, 0, 0, 2, 2, 2]);
  expect([...(await allNumbers(sender.events!.counts))]).toEqual([1, 1, 1, 2, 2, 2]);
  expect([...(await allNumbers(sender.events!.times[0]!))]).toEqual([0, 1, 2, 6, 7, 8]);
  expect([...(await allNumbers(sender.events!.values[0]![0]!))].map(Number)).toEqual([0, 1, 2, 6, 7, 8]);
  expect([...sender.base]).toEqual([1, 0, 1]);
  const receiver = await withoutSuppressedReceiver(
    {
      ...counts,
      identifiers: heldRows(people(0, 9)),
      partitions: [
        {
          groupBy: ["x"],
          cells: heldColumn(Uint32Array.of(0, 0, 0, 1, 1, 1, 1, 1, 1)),
          labels: [["u"], ["v"]],
          base: Uint32Array.of(2, 2),
          entries: [
            heldColumn(Uint32Array.of(0, 0, 0, 1, 1, 1, 1, 1, 1)),
            heldColumn(Uint32Array.of(1, 1, 1, 0, 0, 0, NO_CELL, NO_CELL, NO_CELL)),
          ],
        },
      ],
      times: [heldColumn(Uint32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8))],
    },
    list,
    2,
  );
  expect(receiver.people).toBe(2);
  expect([...(await allNumbers(receiver.partitions[0]!.cells))]).toEqual([0, 0, 0, 1, 1, 1]);
  expect([...receiver.partitions[0]!.base]).toEqual([1, 2]);
  const [, second] = receiver.partitions[0]!.entries!;
  expect([...(await allNumbers(second!))]).toEqual([1, 1, 1, NO_CELL, NO_CELL, NO_CELL]);
  expect([...(await allNumbers(receiver.times![0]!))]).toEqual([0, 1, 2, 6, 7, 8]);
});

test("the list names nobody, in the database or to another node", async () => {
  const { folder, store, list } = node();
  list.add(people(0, 5), NOW);
  for (const file of ["node.sqlite", "node.sqlite-wal"]) {
    expect(readFileSync(join(folder, file)).includes("@example.org")).toBe(false);
  }
  const foreign = Vault.ofSecret(randomBytes(32));
  const other = new SuppressList(store, tagging(foreign), new PseudonymCaches(store, foreign));
  expect(await other.listedRows(heldRows(people(0, 5)))).toHaveLength(0);
});
