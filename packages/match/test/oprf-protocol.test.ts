import { afterAll, describe, expect, it } from "vitest";
import { GroupPool, packRows, rowAt } from "@halfroom/crypto";
import {
  derivePublicKey,
  evaluate,
  generateKey,
  OPRF_BATCH,
  oprfReceiver,
  oprfSender,
  proofScalar,
  WholeRows,
} from "@halfroom/match";
import type { ByteRows } from "@halfroom/crypto";
import { memoryChannel } from "./oprf-channel.ts";
import { seededRng } from "@halfroom/testkit";
import type { Tamper } from "./oprf-channel.ts";

const pool = await GroupPool.open(0);
const key = generateKey(pool.kernel, seededRng("key"));
const publicKey = derivePublicKey(pool.kernel, key);
const keys = { secretKey: key, publicKey };
const proofs = () => seededRng("proofs");
afterAll(() => pool.close());

/** Rows of 4 to 40 bytes that follow from `label`. */
function rowsOf(label: string, count: number): ByteRows {
  const rng = seededRng(label);
  return packRows(Array.from({ length: count }, (_, i) => rng.bytes(4 + (i % 37))));
}

const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString("hex");
const expected = (rows: ByteRows) => hex(evaluate(pool.kernel, key, rows));

async function run(
  ours: ByteRows,
  theirs: ByteRows,
  pools = [pool, pool],
  toSender?: Tamper,
  toReceiver?: Tamper,
) {
  const { log, receiverEnd, senderEnd } = memoryChannel(toSender, toReceiver);
  const progress = { receiver: 0, sender: 0 };
  const [receiver, sender] = [new WholeRows(ours), new WholeRows(theirs)];
  await Promise.all([
    oprfReceiver(
      receiverEnd,
      receiver,
      publicKey,
      pools[0]!,
      seededRng("blinds"),
      (done) => (progress.receiver = done),
    ),
    oprfSender(
      senderEnd,
      sender,
      receiver.count,
      keys,
      pools[1]!,
      proofs(),
      (done) => (progress.sender = done),
    ),
  ]);
  return { log, progress, receiver: receiver.pseudonyms, sender: sender.pseudonyms };
}

describe("both roles", () => {
  it.each([
    [0, 0],
    [0, 5],
    [5, 0],
    [1, 1],
    [OPRF_BATCH, 3],
    [OPRF_BATCH + 1, 2 * OPRF_BATCH + 7],
  ])("compute F for %i and %i rows", async (receiverRows, senderRows) => {
    const [ours, theirs] = [rowsOf("receiver", receiverRows), rowsOf("sender", senderRows)];
    const { receiver, sender, progress } = await run(ours, theirs);
    expect(hex(receiver)).toBe(expected(ours));
    expect(hex(sender)).toBe(expected(theirs));
    expect(progress).toEqual({ receiver: receiverRows, sender: receiverRows + senderRows });
  });

  it("agree on the people they share", async () => {
    const ours = packRows(["ann", "bob", "cleo"].map((name) => Buffer.from(name)));
    const theirs = packRows(["dora", "cleo", "ann"].map((name) => Buffer.from(name)));
    const { receiver, sender } = await run(ours, theirs);
    const pseudonym = (all: Uint8Array, i: number) => hex(all.subarray(i * 64, (i + 1) * 64));
    expect(pseudonym(receiver, 0)).toBe(pseudonym(sender, 2));
    expect(pseudonym(receiver, 2)).toBe(pseudonym(sender, 1));
    expect(pseudonym(receiver, 1)).not.toBe(pseudonym(sender, 0));
  });

  it("stream more batches than the window over worker threads", async () => {
    const pools = [await GroupPool.open(1), await GroupPool.open(1)];
    try {
      const ours = rowsOf("receiver", 8 * OPRF_BATCH + 5);
      const theirs = rowsOf("sender", 3);
      const { receiver, sender, log } = await run(ours, theirs, pools);
      expect(hex(sender)).toBe(expected(theirs));
      const sample = Array.from({ length: 150 }, (_, i) => i * 439 + 129); // the last one is the last row
      const pseudonyms = sample.map((i) => receiver.subarray(i * 64, (i + 1) * 64));
      expect(hex(Buffer.concat(pseudonyms))).toBe(expected(packRows(sample.map((i) => rowAt(ours, i)))));
      expect(log.filter((line) => line.startsWith("receiver")).length).toBe(9);
    } finally {
      await Promise.all(pools.map((each) => each.close()));
    }
  });

  it("send messages whose number and length follow from the receiver's count alone", async () => {
    const count = OPRF_BATCH + 10;
    const first = await run(rowsOf("one", count), rowsOf("two", 4));
    const second = await run(rowsOf("three", count), rowsOf("four", 4));
    const side = (log: string[], name: string) => log.filter((line) => line.startsWith(name));
    expect(side(first.log, "receiver")).toEqual([
      `receiver blinded ${OPRF_BATCH * 32}`,
      "receiver blinded 320",
    ]);
    expect(side(first.log, "sender")).toEqual([
      `sender evaluated ${OPRF_BATCH * 32} + 64`,
      "sender evaluated 320 + 64",
    ]);
    expect(side(second.log, "receiver")).toEqual(side(first.log, "receiver"));
    expect(side(second.log, "sender")).toEqual(side(first.log, "sender"));
  });
});

describe("a faulty partner", () => {
  const ours = rowsOf("receiver", 6);
  const theirs = rowsOf("sender", 4);
  const identity = new Uint8Array(32);
  const nonCanonical = new Uint8Array(32).fill(0xff);

  const put = (point: Uint8Array, index: number) => (data: Uint8Array) => {
    data.set(point, index * 32);
    return data;
  };
  const faults: [string, Tamper, string][] = [
    ["the identity first", put(identity, 0), "point"],
    ["the identity last", put(identity, 5), "point"],
    ["no canonical encoding", put(nonCanonical, 3), "point"],
    ["a negative field element", put(Uint8Array.of(1), 2), "point"],
    ["a point too few", (data) => data.subarray(32), "count"],
    ["a byte too few", (data) => data.subarray(1), "count"],
    ["a point too many", (data) => Buffer.concat([data, data.subarray(0, 32)]), "count"],
  ];

  it.each(faults)("sender refuses blinded elements with %s", async (_, tamper, code) => {
    const { log, receiverEnd, senderEnd } = memoryChannel(tamper);
    void oprfReceiver(receiverEnd, new WholeRows(ours), publicKey, pool, seededRng("blinds"));
    await expect(oprfSender(senderEnd, new WholeRows(theirs), 6, keys, pool, proofs())).rejects.toMatchObject(
      { code },
    );
    expect(log).toEqual(["receiver blinded 192"]);
  });

  it.each(faults)("receiver refuses evaluated elements with %s", async (_, tamper, code) => {
    const { receiverEnd, senderEnd } = memoryChannel(undefined, tamper);
    const sender = oprfSender(senderEnd, new WholeRows(theirs), 6, keys, pool, proofs());
    const receiver = oprfReceiver(receiverEnd, new WholeRows(ours), publicKey, pool, seededRng("blinds"));
    await expect(receiver).rejects.toMatchObject({ code });
    await sender;
  });

  const rotated: Tamper = (data) => Buffer.concat([data.subarray(32), data.subarray(0, 32)]);
  const repeated: Tamper = (data) => put(data.slice(0, 32), 1)(data);
  const flipped =
    (byte: number): Tamper =>
    (data, _, proof) => {
      proof![byte]! ^= 1;
      return data;
    };
  const set =
    (at: number, scalar: Uint8Array): Tamper =>
    (data, _, proof) => {
      proof!.set(scalar, at);
      return data;
    };
  /** 2^252 + 27742317777372353535851937790883648493, RFC 9496, section 4. */
  const order = Buffer.from("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010", "hex");

  it.each<[string, Tamper]>([
    ["rotated replies", rotated],
    ["one reply in place of another", repeated],
    ["a valid point that nobody evaluated", put(publicKey, 4)],
    ["a flipped bit in c", flipped(3)],
    ["a flipped bit in s", flipped(40)],
    ["c = 0", set(0, new Uint8Array(32))],
    ["s = 0", set(32, new Uint8Array(32))],
    ["c = the order", set(0, order)],
    ["s that is not reduced", set(32, new Uint8Array(32).fill(0xff))],
  ])("receiver refuses %s and keeps nothing of the batch", async (_, tamper) => {
    const { receiverEnd, senderEnd } = memoryChannel(undefined, tamper);
    const rows = new WholeRows(ours);
    const sender = oprfSender(senderEnd, new WholeRows(theirs), 6, keys, pool, proofs());
    const receiver = oprfReceiver(receiverEnd, rows, publicKey, pool, seededRng("blinds"));
    await expect(receiver).rejects.toMatchObject({ code: "check" });
    await sender;
    expect(rows.pseudonyms.every((byte) => byte === 0)).toBe(true);
  });

  it("receiver refuses a batch under another key, also where it is proved under that one", async () => {
    const { receiverEnd, senderEnd } = memoryChannel();
    const secretKey = generateKey(pool.kernel, seededRng("other key"));
    const others = { secretKey, publicKey: derivePublicKey(pool.kernel, secretKey) };
    const sender = oprfSender(senderEnd, new WholeRows(theirs), 6, others, pool, proofs());
    const receiver = oprfReceiver(receiverEnd, new WholeRows(ours), publicKey, pool, seededRng("blinds"));
    await expect(receiver).rejects.toMatchObject({ code: "check" });
    await sender;
  });

  it("receiver refuses the second batch with the first one's proof", async () => {
    let first: Uint8Array | undefined;
    const replay: Tamper = (data, index, proof) => {
      if (index === 0) first = proof!.slice();
      else proof!.set(first!);
      return data;
    };
    const { receiverEnd, senderEnd } = memoryChannel(undefined, replay);
    const rows = rowsOf("receiver", OPRF_BATCH + 1);
    const sender = oprfSender(senderEnd, new WholeRows(theirs), OPRF_BATCH + 1, keys, pool, proofs());
    const receiver = oprfReceiver(receiverEnd, new WholeRows(rows), publicKey, pool, seededRng("blinds"));
    await expect(receiver).rejects.toMatchObject({ code: "check" });
    await sender;
  });
});

describe("the scalar of a proof", () => {
  const composites = { m: publicKey, z: publicKey };
  const randomness = seededRng("randomness").bytes(64);
  const scalarOf = (change: Partial<typeof keys & typeof composites>) =>
    hex(proofScalar(pool.kernel, { ...keys, ...change }, { ...composites, ...change }, randomness));

  it("is another one for another challenge or key, although the randomness repeats", () => {
    const other = pool.kernel.multiplyByOne(publicKey, key)!;
    const all = [
      scalarOf({}),
      scalarOf({ m: other }),
      scalarOf({ z: other }),
      scalarOf({ secretKey: other }),
    ];
    expect(new Set(all).size).toBe(4);
    expect(scalarOf({})).toBe(all[0]);
  });
});
