// A sender that evaluates chosen people under another key: they never match, and the count tells whether they would have. The sender
// of these tests answers a batch in a way of its own; the receiver is the product's, or one that leaves the proof unread.
import { GroupPool, packRows } from "@halfroom/crypto";
import {
  batchDigest,
  blindEvaluate,
  compositeWeights,
  computeCompositesFast,
  derivePublicKey,
  evaluate,
  finalize,
  finalizeBatch,
  generateKey,
  generateProof,
  oprfReceiver,
  OUTPUT_BYTES,
  WholeRows,
} from "@halfroom/match";
import { memoryFrames, seededRng } from "@halfroom/testkit";
import { openChannel } from "@halfroom/wire";
import { afterAll, describe, expect, test } from "vitest";

const RECEIVER_PEOPLE = 600;
const SHARED = 300;

const pool = await GroupPool.open(0);
afterAll(() => pool.close());
const { kernel } = pool;
const keysOf = (name: string) => {
  const secretKey = generateKey(kernel, seededRng(name));
  return { secretKey, publicKey: derivePublicKey(kernel, secretKey) };
};
const keys = keysOf("the agreement's key");
const otherKeys = keysOf("another key");

const people = (count: number) =>
  packRows(Array.from({ length: count }, (_, i) => Buffer.from(`person ${i}`)));

/** The places of the receiver's people that the sender answers under another key. */
interface Aim {
  readonly from: number;
  readonly to: number;
}

/** What the sender of an attack sends for a batch. */
type Answer = (blinded: Uint8Array) => { readonly data: Uint8Array; readonly proof: Uint8Array };

/** Evaluates those aimed at under another key and proves, as well as can be, that all went under `claimed`. */
const answerUnderTwoKeys =
  ({ from, to }: Aim, claimed = keys): Answer =>
  (blinded) => {
    const data = blindEvaluate(kernel, keys.secretKey, blinded)!;
    const others = blindEvaluate(kernel, otherKeys.secretKey, blinded)!;
    data.set(others.subarray(from * 32, to * 32), from * 32);
    const composites = computeCompositesFast(kernel, claimed, blinded, data)!;
    return { data, proof: generateProof(kernel, claimed, composites, generateKey(kernel, seededRng("r"))) };
  };

/** The receiver's last step as it would be without a proof. */
const withoutProof: typeof finalizeBatch = {
  ...finalizeBatch,
  run(_, { blinds, points, proof: _proof, publicKey, blinded: _blinded, ...inputs }) {
    const outputs = finalize(kernel, inputs, blinds, points, publicKey);
    return outputs && { outputs };
  },
};

/** How many people match, as the count of an exact report would tell, after the sender answered so. */
async function count(answer: Answer, finalizing = finalizeBatch): Promise<number> {
  const [left, right] = memoryFrames({ idleMs: 60_000 });
  const receiver = openChannel(left, "receiver");
  const sender = openChannel(right, "sender");
  const rows = new WholeRows(people(RECEIVER_PEOPLE));
  const answering = (async () => {
    const { data } = await sender.recv("blinded");
    await sender.send({ type: "evaluated", ...answer(data) });
  })();
  await Promise.all([
    answering,
    oprfReceiver(receiver, rows, keys.publicKey, pool, seededRng("blinds"), () => {}, finalizing),
  ]);
  const ofSender = new Set(textsOf(evaluate(kernel, keys.secretKey, people(SHARED))!));
  return textsOf(rows.pseudonyms).filter((pseudonym) => ofSender.has(pseudonym)).length;
}

const textsOf = (pseudonyms: Uint8Array) =>
  Array.from({ length: pseudonyms.length / OUTPUT_BYTES }, (_, i) =>
    Buffer.from(pseudonyms.subarray(i * OUTPUT_BYTES, (i + 1) * OUTPUT_BYTES)).toString("hex"),
  );

const nobody = { from: 0, to: 0 };
const thirty = { from: 280, to: 310 };
const one = { from: 17, to: 18 };

describe("a sender that evaluates chosen people under another key", () => {
  test("without a proof: the count falls by those of them who match, 20 of 30 and a single one", async () => {
    expect(await count(answerUnderTwoKeys(nobody), withoutProof)).toBe(SHARED);
    expect(await count(answerUnderTwoKeys(thirty), withoutProof)).toBe(SHARED - 20);
    expect(await count(answerUnderTwoKeys(one), withoutProof)).toBe(SHARED - 1);
  });

  test("with it: `check`, however many people it aims at, before anything is unblinded", async () => {
    expect(await count(answerUnderTwoKeys(nobody))).toBe(SHARED);
    for (const aim of [thirty, one])
      await expect(count(answerUnderTwoKeys(aim))).rejects.toMatchObject({ code: "check" });
  });

  test("with it, proving the other key for all of them: `check`, for the key stands in the agreement", async () => {
    const all = { from: 0, to: RECEIVER_PEOPLE };
    await expect(count(answerUnderTwoKeys(all, otherKeys))).rejects.toMatchObject({ code: "check" });
  });

  test("two answers whose errors cancel out in their plain sum: `check`, for each counts with a weight of its own", async () => {
    const cancelling: Answer = (blinded) => {
      const { data, proof: _ } = answerUnderTwoKeys(nobody)(blinded);
      const [first, second] = [data.slice(0, 32), data.slice(32, 64)];
      data.set(kernel.add(first, otherKeys.publicKey)!, 0);
      data.set(kernel.subtract(second, otherKeys.publicKey)!, 32);
      const composites = computeCompositesFast(kernel, keys, blinded, data)!;
      return { data, proof: generateProof(kernel, keys, composites, generateKey(kernel, seededRng("r"))) };
    };
    expect(await count(cancelling, withoutProof)).toBe(SHARED - 2);
    await expect(count(cancelling)).rejects.toMatchObject({ code: "check" });
  });
});

/** Order of the group. */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const CHOICES = 128;
const ELEMENTS = 64;

interface Sum {
  readonly value: bigint;
  readonly errors: readonly number[];
}

/** Between minus and plus half of the order. */
const centred = (value: bigint) => {
  const rest = ((value % ORDER) + ORDER) % ORDER;
  return rest > ORDER / 2n ? rest - ORDER : rest;
};
const size = ({ value }: Sum) => (value < 0n ? -value : value);
const compare = (a: Sum, b: Sum) => (a.value < b.value ? -1 : 1);

/** For each of `left` that of `right` with which the sum is smallest. */
function nearest(left: readonly Sum[], right: readonly Sum[]): Sum[] {
  const sorted = right.toSorted(compare);
  return left.map((own) => {
    const index = sorted.findIndex(({ value }) => value >= -own.value);
    const near = [index - 1, index, sorted.length - 1].filter((i) => i >= 0).map((i) => sorted[i]!);
    const sums = near.map((other) => ({
      value: centred(own.value + other.value),
      errors: [...own.errors, ...other.errors],
    }));
    return sums.reduce((a, b) => (size(b) < size(a) ? b : a));
  });
}

/**
 * Looks for errors e_i, 1 to 128, of 64 evaluated elements k C_i + e_i G such that sum d_i e_i is zero, as the generalised birthday attack
 * does: pairs of lists, pairs of pairs, ... Returns how many of the upper bits of that sum are zero in the batch that it would send.
 */
function bitsCancelled(digestOf: typeof batchDigest): number {
  const blinded = kernel.multiplyBase(
    Buffer.concat(Array.from({ length: ELEMENTS }, (_, i) => generateKey(kernel, seededRng(`blinded ${i}`)))),
  );
  const right = blindEvaluate(kernel, keys.secretKey, blinded)!;
  const scalars = new Uint8Array(CHOICES * 32);
  for (let e = 0; e < CHOICES; e++) scalars[e * 32] = e + 1;
  const errors = kernel.multiplyBase(scalars);
  const evaluatedWith = (of: readonly number[]) => {
    const added = Buffer.concat(of.map((e) => errors.subarray((e - 1) * 32, e * 32)));
    return kernel.add(right, added)!;
  };
  const weighted = (of: readonly number[]): bigint[] => {
    const evaluated = evaluatedWith(of);
    const weights = compositeWeights(
      kernel,
      keys.publicKey,
      blinded,
      evaluated,
      digestOf(blinded, evaluated),
    );
    return of.map((e, i) => {
      const weight = Buffer.from(weights.subarray(i * 32, (i + 1) * 32)).reverse();
      return centred(BigInt(`0x${weight.toString("hex")}`) * BigInt(e));
    });
  };

  let lists: Sum[][] = Array.from({ length: ELEMENTS }, () => []);
  for (let e = 1; e <= CHOICES; e++)
    weighted(Array<number>(ELEMENTS).fill(e)).forEach((value, i) => lists[i]!.push({ value, errors: [e] }));
  while (lists.length > 1) {
    const pairs = lists.filter((_, i) => i % 2 === 0);
    lists = pairs.map((list, i) => nearest(list, lists[2 * i + 1]!));
  }
  const best = lists[0]!.reduce((a, b) => (size(b) < size(a) ? b : a));
  const sum = centred(weighted(best.errors).reduce((total, value) => total + value, 0n));
  return 252 - (sum < 0n ? -sum : sum).toString(2).length;
}

describe("a sender that looks for errors whose weighted sum is zero, so that the proof of a batch holds", () => {
  test("with the RFC's weights, each of its own element alone: 64 lists of 128 errors cancel over 40 of 252 bits", () => {
    expect(bitsCancelled(() => new Uint8Array(0))).toBeGreaterThan(40);
  });

  test("with weights of the whole batch: none, for what it chooses for one element changes the weights of all", () => {
    expect(bitsCancelled(batchDigest)).toBeLessThan(20);
  });
});
