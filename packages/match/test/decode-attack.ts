// The attack that per-bin keys are there to stop (design 2.3, step 2). A receiver that follows the protocol keeps all that
// it saw, and afterwards decodes each bin not only with the pseudonym that it placed there but with every own one that maps
// to the bin. Two that decode to the same target T_j both match.
//
// To decode with another pseudonym it needs the sender's key for it, hence the sender's secret s of 512 bits. The attack
// takes a guess of s and replays the receiver's own messages to a sender that has this secret: whatever the per-bin OPRF
// is, the sender's own code then makes the keys.
import { FixedKeyAes, asBigUint64, getBit, hash256, randomWords, xorInto, type Rng } from "@halfroom/crypto";
import {
  binCount,
  binOprfWith,
  decode,
  deriveRows,
  positions,
  storeSize,
  type BinOprf,
} from "@halfroom/match";
import {
  decodeFrame,
  recvBulk,
  sendBulk,
  type BulkType,
  type Channel,
  type Message,
  type MessageType,
} from "@halfroom/wire";
import type { RecordedFrame } from "@halfroom/testkit";
import { binSeedOf, PSEUDONYM_BYTES, type MembershipCase, type MembershipRun } from "./membership-parties.ts";

export const SECRET_BITS = 512;
const KEY_WORDS = 8;
const PEOPLE_FLOOR = 1024;

/** What a run of the per-bin OPRF showed: `secret` to the sender, the rest to the receiver. */
export interface OprfTrace {
  /** Both strings of each of the matrix's transfers. */
  seeds: { readonly zero: Uint32Array; readonly one: Uint32Array } | undefined;
  secret: Uint32Array | undefined;
}

/** The same protocol, with its transfers written to `trace`. */
export function traced(oprf: BinOprf, trace: OprfTrace): BinOprf {
  return {
    receiver(ch, context, pseudonyms, columns, rng) {
      trace.seeds = columns;
      return oprf.receiver(ch, context, pseudonyms, columns, rng);
    },
    sender(ch, context, bins, columns) {
      trace.secret = columns.choices;
      return oprf.sender(ch, context, bins, columns);
    },
  };
}

/** Test double: anybody who knows a pseudonym can make its key for any bin, as if there were no step 2. */
export const publicKeys: BinOprf = {
  async receiver(ch, { session }, pseudonyms) {
    // The sender waits for a first message of the receiver, whatever it says.
    await sendBulk(ch, "binMatrix", new Uint8Array(KEY_WORDS));
    const bins = Uint32Array.from({ length: pseudonyms.length / PSEUDONYM_BYTES }, (_, bin) => bin);
    return publicKeysOf(session, bins, bins, pseudonyms);
  },
  async sender(ch, { session }) {
    await recvBulk(ch, "binMatrix", KEY_WORDS);
    return { keys: (bins, owners, pseudonyms) => publicKeysOf(session, bins, owners, pseudonyms) };
  },
};

function publicKeysOf(session: Uint8Array, bins: Uint32Array, owners: Uint32Array, pseudonyms: Uint8Array) {
  const keys = new Uint32Array(bins.length * KEY_WORDS);
  bins.forEach((bin, i) => {
    const pseudonym = pseudonyms.slice(owners[i]! * PSEUDONYM_BYTES, (owners[i]! + 1) * PSEUDONYM_BYTES);
    const key = hash256("test/public-key", session, bin, pseudonym);
    keys.set(new Uint32Array(new Uint8Array(key).buffer), i * KEY_WORDS);
  });
  return keys;
}

/** The per-bin OPRF with a sender that does not check. */
export const unchecked = binOprfWith({ assertCodewords: () => {} });

/** One decoding of one bin with one own pseudonym. */
interface Decoded {
  readonly bin: number;
  readonly person: number;
  readonly target: bigint;
}

/** What the receiver knows after a run. */
export interface ReceiverView {
  readonly session: Uint8Array;
  readonly shard: number;
  readonly people: MembershipCase;
  readonly run: MembershipRun;
  readonly trace: OprfTrace;
  /** The sender as the receiver imitates it, without its check. */
  readonly oprf: BinOprf;
}

/** Decodes each bin with every own pseudonym that maps to it, with the keys of a sender whose secret is `guess`. */
export async function decodeBins(view: ReceiverView, guess: Uint32Array): Promise<Decoded[]> {
  const { session, shard, people, run } = view;
  const measures = people.values.length;
  const bins = binCount(people.receiver.length / PSEUDONYM_BYTES);
  const entryBins = positions(people.receiver, session, shard, binSeedOf(session, shard), bins);
  const owners = Uint32Array.from(entryBins, (_, entry) => Math.floor(entry / 3));

  const keys = (await senderWith(view, guess, bins)).keys(entryBins, owners, people.receiver);
  const half = (from: number) => {
    const words = new Uint32Array(entryBins.length * 4);
    for (let i = 0; i < entryBins.length; i++) {
      words.set(keys.subarray(i * KEY_WORDS + from, i * KEY_WORDS + from + 4), i * 4);
    }
    return words;
  };
  const senderPeople = people.sender.length / PSEUDONYM_BYTES;
  const size = storeSize(3 * Math.max(senderPeople, PEOPLE_FLOOR));
  const rows = deriveRows(new FixedKeyAes("match/store-row", session, shard).columnWords(half(0), 4), size);
  const pads = new FixedKeyAes("match/store-pad", session, shard).columnWords(half(4), 1 + measures);
  const store = new Uint32Array(bulk(run.log.receiver, "received", "store").buffer);
  const decoded = decode(rows, store, (1 + measures) * 2, size);
  xorInto(decoded, pads);
  const numbers = asBigUint64(decoded);
  return Array.from(entryBins, (bin, i) => ({
    bin,
    person: owners[i]!,
    target: numbers[i * (1 + measures)]!,
  }));
}

/** The sender of the per-bin OPRF if its secret were `guess`, from the receiver's messages and seeds. */
function senderWith({ session, shard, run, trace, oprf }: ReceiverView, guess: Uint32Array, bins: number) {
  const sent = {
    binMatrix: messagesOf(run.log.receiver, "sent", "binMatrix"),
    binCheck: messagesOf(run.log.receiver, "sent", "binCheck"),
  };
  const recv = async (type: keyof typeof sent) => sent[type].shift()!;
  const replay = { send: neverCalled, recv } as unknown as Channel<never, "binMatrix" | "binCheck">;
  const { zero, one } = trace.seeds!;
  const chosen = zero.map((word, i) => (getBit(guess, i >>> 2) === 1 ? one[i]! : word));
  return oprf.sender(replay, { session, shard }, bins, { choices: guess, chosen });
}

async function neverCalled(): Promise<void> {
  throw new Error("the sender of the per-bin OPRF sends nothing");
}

/** Two own people that map to one bin; `a < b`. */
interface Pair {
  readonly bin: number;
  readonly a: Decoded;
  readonly b: Decoded;
}

/** All pairs of own people who share a bin: the ones that the attack compares. */
export function pairsByBin(decoded: readonly Decoded[]): Pair[] {
  const byBin = new Map<number, Decoded[]>();
  for (const each of decoded) {
    const inBin = byBin.get(each.bin);
    if (inBin === undefined) byBin.set(each.bin, [each]);
    else inBin.push(each);
  }
  return [...byBin.values()].flatMap((inBin) =>
    inBin.flatMap((a, i) => inBin.slice(i + 1).map((b) => ({ bin: a.bin, a, b }))),
  );
}

/** `secret` with the `wrong` bits at random places flipped. */
export function flipBits(secret: Uint32Array, wrong: number, rng: Rng): Uint32Array {
  const guess = secret.slice();
  const places = new Set<number>();
  while (places.size < wrong) places.add(randomWords(rng, 1)[0]! % SECRET_BITS);
  for (const place of places) guess[place >>> 5]! ^= 1 << (place & 31);
  return guess;
}

/** The data of all messages of one type in one direction, one after the other. */
export function bulk(
  log: readonly RecordedFrame[],
  direction: RecordedFrame["direction"],
  type: BulkType,
): Uint8Array {
  return new Uint8Array(Buffer.concat(messagesOf(log, direction, type).map(({ data }) => data)));
}

/** All messages of one type in one direction. */
function messagesOf<T extends MessageType>(
  log: readonly RecordedFrame[],
  direction: RecordedFrame["direction"],
  type: T,
): Message<T>[] {
  return log
    .filter((record) => record.direction === direction)
    .map(({ frame }) => decodeFrame(frame).message)
    .filter((message) => message.type === type) as Message<T>[];
}
