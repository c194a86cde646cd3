// Base transfers against their ideal functionality: two random keys, of which the receiver learns the one it chose.
import { bitWords, getBit, nobleKernel, randomWords, setBit, type Rng } from "@halfroom/crypto";
import { baseOtReceiver, baseOtSender, sendBaseOtKey, type BaseOtContext } from "../src/base-ot/protocol.ts";
import { replaceMessage, seededRng } from "@halfroom/testkit";
import type { Channel, Message } from "@halfroom/wire";
import { ristretto255, ristretto255_hasher } from "@noble/curves/ed25519.js";
import { describe, expect, test } from "vitest";
import { allStrings, baseContext, runBroken, runPair, SESSION, stringAt } from "./ot-parties.ts";

const { Point } = ristretto255;
const SIZES = [0, 1, 2, 31, 33, 127, 128, 129];

async function offer(ch: Channel, count: number, context: BaseOtContext) {
  return await baseOtSender(ch, count, context, await sendBaseOtKey(ch, context));
}

async function choose(ch: Channel, choices: Uint32Array, count: number, context: BaseOtContext) {
  const { keys, send } = await baseOtReceiver(ch, choices, count, context);
  await send(ch);
  return keys;
}

async function transfer(choices: Uint32Array, count: number, seed: string) {
  const { sender, receiver, sent } = await runPair(
    (ch) => offer(ch, count, baseContext(`${seed} sender`)),
    (ch) => choose(ch, choices, count, baseContext(`${seed} receiver`)),
  );
  return { pairs: sender, chosen: receiver, sent };
}

describe("the receiver gets the chosen key and the sender both", () => {
  test.each(SIZES)("%i transfers by random choices", async (count) => {
    const choices = randomWords(seededRng(`choices ${count}`), bitWords(count));
    const { pairs, chosen } = await transfer(choices, count, `random ${count}`);
    expect([pairs.zero.length, pairs.one.length, chosen.length]).toEqual([count * 4, count * 4, count * 4]);
    for (let i = 0; i < count; i++) {
      const [wanted, other] = getBit(choices, i) === 1 ? [pairs.one, pairs.zero] : [pairs.zero, pairs.one];
      expect(stringAt(chosen, i)).toBe(stringAt(wanted, i));
      expect(stringAt(chosen, i)).not.toBe(stringAt(other, i));
    }
    expect(new Set(allStrings(pairs.zero, pairs.one)).size).toBe(count * 2);
  });

  test.each([0, 1])("all choices %i", async (bit) => {
    const choices = new Uint32Array(2).fill(-bit);
    const { pairs, chosen } = await transfer(choices, 40, `all ${bit}`);
    expect(chosen).toEqual(bit === 1 ? pairs.one : pairs.zero);
  });

  test("over more choices than one message holds", async () => {
    // One message holds 2,048 functions.
    const count = 2051;
    const choices = randomWords(seededRng("many choices"), bitWords(count));
    const { pairs, chosen, sent } = await transfer(choices, count, "many");
    expect(sent).toEqual({ sender: ["baseOtKey"], receiver: ["baseOtChoices", "baseOtChoices"] });
    let wrong = 0;
    for (let i = 0; i < count; i++) {
      const wanted = getBit(choices, i) === 1 ? pairs.one : pairs.zero;
      if (stringAt(chosen, i) !== stringAt(wanted, i)) wrong++;
    }
    expect(wrong).toBe(0);
  });

  test("between two implementations of the group", async () => {
    const choices = randomWords(seededRng("interop"), 1);
    const { sender, receiver } = await runPair(
      (ch) => offer(ch, 9, baseContext("interop sender", { kernel: nobleKernel })),
      (ch) => choose(ch, choices, 9, baseContext("interop receiver")),
    );
    for (let i = 0; i < 9; i++) {
      expect(stringAt(receiver, i)).toBe(stringAt(getBit(choices, i) === 1 ? sender.one : sender.zero, i));
    }
  });
});

/** H_j of transfer i, after RFC 9380 by another implementation. */
function oracle(i: number, place: number, point: Uint8Array) {
  const part = (bytes: Uint8Array) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const number = (value: number) => Uint8Array.of(value, 0, 0, 0, 0, 0, 0, 0);
  const parts = [Buffer.from("halfroom/v1/base-ot/function"), SESSION, Buffer.from("sender")];
  const message = Buffer.concat([...parts, number(i), number(place), point].map(part));
  return ristretto255_hasher.hashToCurve(message, { DST: "halfroom/v1/base-ot/function" });
}

/** Function i of a message, and its value at a place. */
function valueAt(functions: Uint8Array, i: number, place: number) {
  const half = (j: number) => functions.slice(i * 64 + j * 32, i * 64 + j * 32 + 32);
  return Point.fromBytes(half(place)).add(oracle(i, place, half(1 - place)));
}

test("each function has a point of the receiver's at the choice, and one that nobody chose at the other place", async () => {
  const choices = new Uint32Array(1);
  for (const i of [1, 3, 4]) setBit(choices, i, 1);
  const sent: Uint8Array[] = [];
  await runPair(
    (ch) =>
      offer(
        {
          send: (message) => ch.send(message),
          recv: async (type) => {
            const message = await ch.recv(type);
            sent.push((message as unknown as Message<"baseOtChoices">).data);
            return message;
          },
        },
        6,
        baseContext("secret choices"),
      ),
    (ch) => choose(ch, choices, 6, baseContext("", { rng: constantRng(3) })),
  );
  // All of the receiver's scalars are the same here, and so are its free points.
  const own = Point.BASE.multiply(Point.Fn.fromBytes(nobleKernel.reduceScalars(new Uint8Array(64).fill(3))));
  const free = Buffer.from(nobleKernel.mapToGroup(new Uint8Array(64).fill(3)));
  for (let i = 0; i < 6; i++) {
    const choice = getBit(choices, i);
    expect(valueAt(sent[0]!, i, choice).equals(own)).toBe(true);
    expect(valueAt(sent[0]!, i, 1 - choice).equals(own)).toBe(false);
    expect(free.equals(sent[0]!.slice(i * 64 + (1 - choice) * 32).subarray(0, 32))).toBe(true);
  }
});

/** The same bytes again and again: what no generator may do, to see what keys depend on beside randomness. */
function constantRng(fill: number): Rng {
  return { bytes: (length) => new Uint8Array(length).fill(fill), fork: () => constantRng(fill) };
}

describe("no key serves twice", () => {
  async function keysUnder(session: Uint8Array, direction: "sender" | "receiver") {
    const context = (fill: number) => baseContext("", { session, direction, rng: constantRng(fill) });
    const { sender } = await runPair(
      (ch) => offer(ch, 20, context(1)),
      (ch) => choose(ch, Uint32Array.of(0x000a_aaaa), 20, context(2)),
    );
    return allStrings(sender.zero, sender.one);
  }

  test("though all secrets are the same: index, direction and session set keys apart", async () => {
    const other = SESSION.with(31, 0);
    const keys = [
      ...(await keysUnder(SESSION, "sender")),
      ...(await keysUnder(SESSION, "receiver")),
      ...(await keysUnder(other, "sender")),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    // The same once more: it is nothing else that set them apart.
    expect(await keysUnder(SESSION, "sender")).toEqual(keys.slice(0, 40));
  });
});

describe("a partner that breaks a message", () => {
  const COUNT = 5;
  const parties = {
    sender: (ch: Channel) => offer(ch, COUNT, baseContext("broken sender")),
    receiver: (ch: Channel) => choose(ch, Uint32Array.of(0b10110), COUNT, baseContext("broken receiver")),
  };
  const identity = new Uint8Array(32);
  const invalid: [string, Uint8Array][] = [
    ["the identity", identity],
    ["a field element that is not canonical", new Uint8Array(32).fill(0xff)],
    ["a negative field element", Point.BASE.toBytes().with(0, Point.BASE.toBytes()[0]! | 1)],
    ["p itself, another zero", new Uint8Array(32).fill(0xff).with(0, 0xed).with(31, 0x7f)],
  ];

  test.each(invalid)("%s as the key is refused", async (_name, point) => {
    const ends = await runBroken(
      parties,
      "sender",
      "baseOtKey",
      replaceMessage(() => ({ type: "baseOtKey", point })),
    );
    expect(ends.receiver).toEqual({ code: "point", fromPartner: false });
    expect(ends.sender).toEqual({ code: "point", fromPartner: true });
  });

  const withChoice = (at: number, point: Uint8Array) =>
    replaceMessage((message) => {
      const data = new Uint8Array((message as Message<"baseOtChoices">).data);
      data.set(point, at * 32);
      return { type: "baseOtChoices", data };
    });

  test.each(invalid)("%s as any point of a choice is refused", async (_name, point) => {
    for (let at = 0; at < 2 * COUNT; at++) {
      const ends = await runBroken(parties, "receiver", "baseOtChoices", withChoice(at, point));
      expect(ends.sender).toEqual({ code: "point", fromPartner: false });
    }
  });

  test.each([0, 1])("a function whose value at %i is the identity is refused", async (place) => {
    const fault = replaceMessage((message) => {
      const data = new Uint8Array((message as Message<"baseOtChoices">).data);
      const other = data.slice(2 * 64 + (1 - place) * 32).subarray(0, 32);
      data.set(oracle(2, place, other).negate().toBytes(), 2 * 64 + place * 32);
      return { type: "baseOtChoices", data };
    });
    const ends = await runBroken(parties, "receiver", "baseOtChoices", fault);
    expect(ends.sender).toEqual({ code: "point", fromPartner: false });
  });

  test.each([-32, -1, 1, 32])("choices of %i bytes more are refused", async (more) => {
    const fault = replaceMessage((message) => {
      const { data } = message as Message<"baseOtChoices">;
      const changed = new Uint8Array(data.length + more);
      changed.set(data.subarray(0, changed.length));
      return { type: "baseOtChoices", data: changed };
    });
    const ends = await runBroken(parties, "receiver", "baseOtChoices", fault);
    expect(ends.sender).toEqual({ code: "count", fromPartner: false });
  });

  test("another message in place of either is out of turn", async () => {
    const other = replaceMessage(() => ({ type: "treeCorrections", data: Uint8Array.of(1) }));
    const atKey = await runBroken(parties, "sender", "baseOtKey", other);
    expect(atKey.receiver).toEqual({ code: "unexpected", fromPartner: false });
    const atChoices = await runBroken(parties, "receiver", "baseOtChoices", other);
    expect(atChoices.sender).toEqual({ code: "unexpected", fromPartner: false });
  });

  test("unbroken, both sides are done", async () => {
    const ends = await runBroken(
      parties,
      "sender",
      "baseOtKey",
      replaceMessage((message) => message),
    );
    expect(ends).toEqual({ sender: "done", receiver: "done" });
  });
});
