// A side that corrects some trees of its transfers with other choices than the rest (protocol-spec.md, section 10.3). Where the other
// side does not check, each number that opens over such a transfer is an oracle for some bits of that side's Delta; with all of Delta
// the cheater knows both strings of every transfer of the session, and reads the inputs of its AND gates: who matches.
//
// Numbers open here with all their 64 bits and both sides' noise. Fewer bits a number mean more numbers for the same attack.
import {
  arrayKernels,
  ColumnHash,
  FixedKeyAes,
  getBit,
  hash256,
  leafStreams,
  setBit,
} from "@halfroom/crypto";
import { binCount, keysFromMatrix, membershipReceiver, membershipSender, positions } from "@halfroom/match";
import type { OtReceiver, OtSource, Role } from "@halfroom/mpc";
import { runParties, seededRng, testSession, testTransfers } from "@halfroom/testkit";
import type { Message, OpenChannel } from "@halfroom/wire";
import { describe, expect, test } from "vitest";
import { allRows, hex, plainRows, randomCase } from "../../packages/match/test/membership-parties.ts";
import { SoftSpokenSource } from "../../packages/mpc/src/softspoken/source.ts";

const K = 4;
const TREES = 128 / K;
const SHARD = 0;
const [SENDERS, RECEIVERS, SHARED] = [500, 2000, 400];
const BINS = binCount(RECEIVERS);
const WORDS = Math.ceil(BINS / 32);
/** Bits compared of a bin's value, and planes on the left of the first exchange of the comparison. */
const HALF = Math.floor((40 + Math.ceil(Math.log2(BINS))) / 2);
const CELLS = 8;
const session = testSession("flipped corrections");
const BIN_SEED = hash256("test/bin-seed", session);
const people = {
  ...randomCase({ sender: SENDERS, receiver: RECEIVERS, shared: SHARED, measures: 0 }, seededRng("people")),
  values: [BigInt64Array.from({ length: SENDERS }, (_, i) => BigInt(i % 100))],
};

/** Transfers of a side that checks nothing. */
const unchecked = (source: OtSource): OtSource =>
  SoftSpokenSource.of(source.state(), { piece: () => undefined, trees: () => undefined });

/** Trees of each cell's number: four of the 31 that have corrections. */
const treesOf = (cell: number) => [1, 2, 3, 4].map((i) => cell * 4 + i).filter((tree) => tree < TREES);
/** The bin that garbles a cell; bin j is in cell j mod 8. */
const binOf = (cell: number) => 8 * 20 + cell;

interface Cheat {
  readonly role: Role;
  /** The products whose corrections it flips, their columns, and the column of the numbers that they end in. */
  readonly purpose: string;
  readonly columns: number;
  readonly number: number;
}
const RECEIVER: Cheat = { role: "receiver", purpose: "match/sender-products", columns: 1, number: 1 };
const SENDER: Cheat = { role: "sender", purpose: "match/receiver-products", columns: 2, number: 0 };

/** What the cheater keeps of what it sees anyway. */
interface Notes {
  /** Its first opening of the comparison, and the other side's. */
  ownGate?: Uint32Array;
  theirGate?: Uint32Array;
  /** Its own shares a of the triples of the comparison. */
  a?: Uint32Array;
}

const wordsOf = (bytes: Uint8Array) => new Uint32Array(bytes.slice().buffer);

function noting(ch: OpenChannel, notes: Notes): OpenChannel {
  const note = (message: Message, own: boolean) => {
    if (message.type === "gateOpening" && own) notes.ownGate ??= wordsOf(message.data);
    if (message.type === "gateOpening" && !own) notes.theirGate ??= wordsOf(message.data);
  };
  return Object.assign(Object.create(ch) as OpenChannel, {
    send: async (message: Message) => {
      note(message, true);
      await ch.send(message);
    },
    recv: async (type: "gateOpening") => {
      const message = await ch.recv(type);
      note(message, false);
      return message;
    },
  });
}

/** The cheater's transfers: those of one purpose with flipped corrections, all else as it is. */
function flipping(source: OtSource, cheat: Cheat, notes: Notes): OtSource {
  return {
    state: () => source.state(),
    prepares: source.prepares,
    prepare: (...shard) => source.prepare(...shard),
    sendingVector: (...of) => source.sendingVector(...of),
    receivingVector: (...of) => source.receivingVector(...of),
    sending(purpose, shard) {
      const supply = source.sending(purpose, shard);
      if (purpose !== "match/equality") return supply;
      return {
        blocks: (ch, count) => supply.blocks(ch, count),
        bits: async (ch, count) => {
          const bits = await supply.bits(ch, count);
          notes.a = bits.zero.map((word, i) => word ^ bits.one[i]!);
          return bits;
        },
        correlated: (ch, count) => supply.correlated(ch, count),
      };
    },
    receiving(purpose, shard) {
      const supply = source.receiving(purpose, shard);
      if (purpose !== cheat.purpose) return supply;
      const through = (ch: Parameters<OtReceiver["blocks"]>[0]): typeof ch => ({
        recv: (type) => ch.recv(type),
        send: (message) => ch.send({ ...message, data: flipped(message.data) }),
      });
      return {
        blocks: (ch, count) => supply.blocks(through(ch), count),
        bits: (ch, count) => supply.bits(through(ch), count),
        correlated: (ch, count) => supply.correlated(through(ch), count),
      };
    },
  };
}

function flipped(data: Uint8Array): Uint8Array {
  const words = wordsOf(data);
  for (let cell = 0; cell < CELLS; cell++) {
    const bin = binOf(cell);
    for (const tree of treesOf(cell)) words[(tree - 1) * pieceWords(BINS) + (bin >>> 5)]! ^= 1 << (bin & 31);
  }
  return new Uint8Array(words.buffer);
}

/** Words of a vector of a piece: whole blocks, and one for the check. */
const pieceWords = (transfers: number) => 4 * Math.ceil(transfers / 128) + 4;

/** A match between the cheater and a side with these transfers: the cheater's notes, and the noisy numbers of the cells. */
async function run(cheat: Cheat, transfersOf: (honest: OtSource) => OtSource) {
  const transfers = await testTransfers(session);
  const notes: Notes = {};
  const sides = await runParties<{ shares: Uint32Array; people?: Int32Array }>(async (ch, role) => {
    const cheats = role === cheat.role;
    const context = {
      transfers: cheats ? flipping(transfers[role], cheat, notes) : transfersOf(transfers[role]),
      session,
      shard: SHARD,
      shards: 1,
      rng: seededRng(`match ${role}`),
      senderPeople: SENDERS,
      receiverPeople: RECEIVERS,
      measures: 1,
      binSeed: async () => BIN_SEED,
      keysOfBins: keysFromMatrix(),
    };
    const channel = cheats ? noting(ch, notes) : ch;
    return role === "sender"
      ? { shares: await membershipSender(channel, people.sender, people.values, context) }
      : await membershipReceiver(channel, people.receiver, context);
  });
  const [ours, theirs] = [sides.sender, sides.receiver].map(
    ({ shares }) => new BigUint64Array(shares.slice().buffer),
  );
  const numbers = new BigInt64Array(CELLS);
  for (let bin = 0; bin < BINS; bin++) {
    const at = bin * 2 + cheat.number;
    numbers[bin % CELLS] = numbers[bin % CELLS]! + BigInt.asIntN(64, ours![at]! + theirs![at]!);
  }
  const noise = new Uint16Array(seededRng("noise of both sides").bytes(CELLS * 2).buffer);
  noise.forEach((each, cell) => (numbers[cell] = numbers[cell]! + BigInt(each)));
  return { notes, numbers, binOwners: sides.receiver.people!, state: transfers[cheat.role].state() };
}
type Ran = Awaited<ReturnType<typeof run>>;

/** Rows of the cheater's transfers of one purpose, piece by piece, from the leaves that it has. */
function* pieces({ state }: Ran, cheat: Cheat, purpose: string, count: number) {
  const direction = cheat.role === "sender" ? "receiver" : "sender";
  const { leaves } = state.receiving;
  const keys = new Uint8Array(leaves.length * 4);
  for (let i = 0; i < leaves.length / 4; i++) {
    const leaf = new Uint8Array(leaves.slice(i * 4, i * 4 + 4).buffer);
    const key = hash256("softspoken/stream", session, direction, purpose, SHARD, i, leaf);
    keys.set(key.subarray(0, 16), i * 16);
  }
  const streams = leafStreams(keys, K);
  const hash = new FixedKeyAes("softspoken/hash", session, direction, purpose, SHARD);
  for (let start = 0, position = 0; start < count; start += 1 << 17) {
    const asked = Math.min(1 << 17, count - start);
    const words = pieceWords(asked);
    const matrix = new Uint32Array(128 * words);
    for (let tree = 0; tree < TREES; tree++) {
      streams.fold(
        tree,
        0,
        matrix.subarray(tree * K * words, (tree + 1) * K * words),
        new Uint32Array(words),
      );
    }
    yield { matrix, words, position, asked, hash };
    position += words * 32;
  }
}

/** Adds a guess of some pieces of Delta to a block. */
function addPieces(block: Uint32Array, trees: readonly number[], guess: number): void {
  trees.forEach((tree, i) => (block[tree >>> 3]! ^= ((guess >>> (4 * i)) & 15) << ((tree & 7) * 4)));
}

/** All pieces of the other side's Delta but the first, from one number each four. */
function deltaFrom(ran: Ran, cheat: Cheat): Uint32Array {
  const other = cheat.role === "sender" ? "receiver" : "sender";
  const stretch = new FixedKeyAes("match/stretch", session, other, SHARD);
  const [piece] = pieces(ran, cheat, cheat.purpose, BINS);
  const { matrix, words, hash } = piece!;
  const columns = arrayKernels.transposeBits(matrix, 128, words * 32, words, 0);
  const mask = (blocks: Uint32Array, bin: number) => {
    const strings = new Uint32Array(blocks.length);
    for (let at = 0; at < blocks.length; at += 4)
      strings.set(hash.tweakedHash(blocks.subarray(at, at + 4), bin), at);
    return new BigInt64Array(stretch.columnWords(strings, cheat.columns).buffer);
  };
  const delta = new Uint32Array(4);
  for (let cell = 0; cell < CELLS; cell++) {
    const [bin, trees] = [binOf(cell), treesOf(cell)];
    const own = columns.slice(bin * 4, bin * 4 + 4);
    const blocks = new Uint32Array(4 * 16 ** trees.length);
    for (let guess = 0; guess < blocks.length / 4; guess++) {
      blocks.set(own, guess * 4);
      addPieces(blocks.subarray(guess * 4, guess * 4 + 4), trees, guess);
    }
    const guesses = mask(blocks, bin);
    const fits = Array.from({ length: blocks.length / 4 }, (_, i) => i).filter((i) => {
      // Where the flip is 1 both sides negate what they have.
      const error = guesses[0]! - guesses[i * cheat.columns]!;
      return [error, -error].some((added) => {
        const rest = BigInt.asIntN(64, ran.numbers[cell]! - added);
        return rest >= 0n && rest < 1n << 20n;
      });
    });
    expect(fits).toHaveLength(1);
    addPieces(delta, trees, fits[0]!);
  }
  return delta;
}

/** The bins that match: both sides' openings of the comparison without their masks, of which Delta gives the other side's. */
function matchingBins(ran: Ran, cheat: Cheat, delta: Uint32Array): Uint32Array {
  const need = HALF * WORDS;
  const theirs = new Uint32Array(need);
  let at = 0;
  for (const { matrix, position, asked, hash } of pieces(ran, cheat, "match/equality", need * 32)) {
    const both = new ColumnHash(hash).bits(matrix, position, delta);
    for (let i = 0; i < asked / 32 && at < need; i++, at++) theirs[at] = both.zero[i]! ^ both.one[i]!;
  }
  const { ownGate, theirGate, a } = ran.notes;
  const matching = new Uint32Array(WORDS).fill(0xffffffff);
  for (let i = 0; i < need; i++) {
    matching[i % WORDS]! &= ownGate![i]! ^ a![i]! ^ theirGate![i]! ^ theirs[i]!;
  }
  for (let bin = BINS; bin < WORDS * 32; bin++) setBit(matching, bin, 0);
  return matching;
}

const weight = (bits: Uint32Array) =>
  Array.from({ length: BINS }, (_, i) => getBit(bits, i)).filter(Boolean).length;

/** The bins that match, tried with the 16 values of the piece that has no corrections: the right one gives by far the most. */
function learn(ran: Ran, cheat: Cheat): Uint32Array {
  const delta = deltaFrom(ran, cheat);
  const tries = Array.from({ length: 16 }, (_, first) => {
    const whole = delta.slice();
    addPieces(whole, [0], first);
    return matchingBins(ran, cheat, whole);
  });
  return tries.toSorted((one, other) => weight(other) - weight(one))[0]!;
}

/** The cheating sender's people whom it can name: alone in a bin that matches, once those named elsewhere are out of it. */
function named(matching: Uint32Array): Set<number> {
  const candidates = new Map<number, number[]>();
  positions(people.sender, session, SHARD, BIN_SEED, BINS).forEach((bin, entry) => {
    if (getBit(matching, bin) === 1)
      candidates.set(bin, [...(candidates.get(bin) ?? []), Math.floor(entry / 3)]);
  });
  const names = new Set<number>();
  for (let before = -1; before < names.size;) {
    before = names.size;
    for (const [bin, all] of candidates) {
      const left = all.filter((person) => !names.has(person));
      if (left.length !== 1) continue;
      names.add(left[0]!);
      candidates.delete(bin);
    }
  }
  return names;
}

describe("a receiver flips bits of its corrections of the products with the sender's numbers", () => {
  test("unchecked, it learns from 8 numbers whether each of its people is with the sender", async () => {
    const ran = await run(RECEIVER, unchecked);
    const matching = learn(ran, RECEIVER);
    const plain = plainRows(people, ran.binOwners).map(([member]) => Number(member));
    expect(Array.from({ length: BINS }, (_, bin) => getBit(matching, bin))).toEqual(plain);
    expect(weight(matching)).toBe(SHARED);
  });

  test("the check of the piece stops it: `check`, before the sender has made a string", async () => {
    await expect(run(RECEIVER, (honest) => honest)).rejects.toMatchObject({ code: "check" });
  });
});

describe("a sender flips bits of its corrections of the products with the receiver's numbers", () => {
  test("unchecked, it learns from 8 numbers which bins match, and names most of the people in them", async () => {
    const ran = await run(SENDER, unchecked);
    const matching = learn(ran, SENDER);
    const plain = plainRows(people, ran.binOwners).map(([member]) => Number(member));
    expect(Array.from({ length: BINS }, (_, bin) => getBit(matching, bin))).toEqual(plain);
    const theirs = new Set(allRows(people.receiver).map(hex));
    const own = allRows(people.sender).map(hex);
    const names = [...named(matching)];
    expect(names.filter((person) => !theirs.has(own[person]!))).toEqual([]);
    expect(names.length).toBeGreaterThan(SHARED / 2);
  });

  test("the check of the piece stops it: `check`, before the receiver has made a string", async () => {
    await expect(run(SENDER, (honest) => honest)).rejects.toMatchObject({ code: "check" });
  });
});
