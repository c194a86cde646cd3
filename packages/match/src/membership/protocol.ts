// From pseudonyms to shared membership and values (design 2.3): cuckoo bins, per-bin keys, the key-value store, equality
// on shares, products. Nothing computed from a bin's key or from a decoded value leaves the receiver except as a masked
// input of oblivious transfer or of a GMW gate.
import {
  asRing,
  bitWords,
  FixedKeyAes,
  randomWords,
  ringArray,
  xorInto,
  type RingArray,
  type Rng,
} from "@halfroom/crypto";
import {
  beginTriples,
  equality,
  equalityTripleWords,
  Gates,
  numbersOfWidth,
  products,
  TriplePool,
  type Draws,
  type OtChannel,
  type OtSource,
  type Role,
  type Triples,
} from "@halfroom/mpc";
import { recvBulk, sendBulk, type Channel } from "@halfroom/wire";
import { place } from "../cuckoo/place.ts";
import { binCount, positions } from "../cuckoo/positions.ts";
import { deriveRows } from "../okvs/rows.ts";
import { storeSize, type StoreSize } from "../okvs/size.ts";
import { decode, encode } from "../okvs/store.ts";
import { KEY_WORDS, PSEUDONYM_BYTES, type BinContext } from "./key-hash.ts";
import { vectorOfBins, type KeyMessage, type KeysOfBins } from "./keys.ts";
import { addReceiverTerms, addSenderTerms, receiverFactors, senderFactors } from "./steps.ts";

/** What both sides know and hold in one shard. */
export interface MembershipContext extends BinContext {
  readonly transfers: OtSource;
  readonly rng: Rng;
  readonly senderPeople: number;
  readonly receiverPeople: number;
  readonly measures: number;
  /** Shards of the session, all of these sizes. */
  readonly shards: number;
  /**
   * The joint seed of the bins, 32 bytes. The partner's last messages of the set-up, which settle `transfers` too, may be on their way
   * over the same channel until it resolves: the receiver asks for it first, the sender once it has told what it chooses.
   */
  readonly binSeed: () => Promise<Uint8Array>;
  /**
   * Prepares the transfers that follow the first message of a shard, `membershipDraws` and what the caller draws beside: behind them at the
   * receiver, behind `binSeed` at the sender. Without it each is made when it is drawn.
   */
  readonly prepare?: () => Promise<void>;
  /** How both sides come by the keys of bins: from a vector just where transfers are prepared. */
  readonly keysOfBins: KeysOfBins;
}

/** What the receiver moves beside the match's own data, of which nothing depends on who matched. Each is called once. */
export interface BesideReceiver {
  /** Behind what makes the keys: what the sender takes without answering. */
  ask(): Promise<void>;
  /** Behind the last that the match sends before it compares, while `take` runs. */
  askRest(): Promise<void>;
  /** Behind the sender's store. */
  take(): Promise<void>;
}

/** The sender's end of it. */
export interface BesideSender {
  /** Behind what makes the keys. */
  take(): Promise<void>;
  /** What was taken, behind the store. */
  answer(): Promise<void>;
  /** Behind all that the match takes before it compares. */
  answerRest(): Promise<void>;
}

const nothing = async () => {};
const NOTHING = { ask: nothing, askRest: nothing, take: nothing, answer: nothing, answerRest: nothing };

/** Shares of each bin's addend: bins x (1 + measures) numbers, column 0 the membership as 0 or 1. */
export interface ReceiverMembership {
  readonly shares: RingArray;
  /** bin -> person, -1 for an empty one; the receiver's secret. */
  readonly people: Int32Array;
}

const POSITIONS = 3;
/** A small sender's store is sized as if it had this many people, as a small receiver's bins are. */
const PEOPLE_FLOOR = 1024;
/** Bits of the statistical parameter of a session. */
const STATISTICAL_BITS = 40;

type Common = "gateOpening" | "productFlips" | "productCorrections";
type FromReceiver = Common | KeyMessage;
type FromSender = Common | "shardBegins" | "store";

/** `pseudonyms`: people x 64 bytes. `beside` is told the person in each bin. */
export async function membershipReceiver(
  ch: OtChannel<FromReceiver, FromSender>,
  pseudonyms: Uint8Array,
  context: MembershipContext,
  beside: (people: Int32Array) => BesideReceiver = () => NOTHING,
): Promise<ReceiverMembership> {
  const { session, shard, rng, receiverPeople, measures, transfers } = context;
  const bins = binCount(receiverPeople);
  const seed = await context.binSeed();
  const places = positions(pseudonyms, session, shard, seed, bins);
  const people = place(places, receiverPeople, bins, rng.fork("match/cuckoo"));
  const placed = binPseudonyms(pseudonyms, people, rng.fork("match/empty-bins"));
  const keysFor = await context.keysOfBins.receiver(ch, context);
  await context.prepare?.();
  const further = beside(people);

  const size = storeSize(entryCount(context.senderPeople), lambdaOf(context));
  const sendAll = async () => {
    const keys = await keysFor(placed);
    await further.ask();
    const triples = await beginTriples(
      ch,
      transfers.receiving("match/equality", shard),
      tripleWords(bins, context),
    );
    // Nothing of the sender's is multiplied without payloads.
    const bits =
      measures > 0 ? await transfers.receiving("match/sender-products", shard).blocks(ch, bins) : undefined;
    await further.askRest();
    return { keys, triples, bits };
  };
  const takeAll = async () => {
    const sent = await transfers.sending("match/equality", shard).bits(ch, tripleWords(bins, context) * 32);
    const strings = await transfers.sending("match/receiver-products", shard).blocks(ch, bins);
    const store = new Uint32Array((await recvBulk(ch, "store", size.slots * entryWords(context) * 4)).buffer);
    await further.take();
    return { sent, strings, store };
  };
  const [{ keys, triples, bits }, { sent, strings, store }] = await Promise.all([sendAll(), takeAll()]);
  const { targets, values } = decodeBins(context, keys, people, store, size);

  const member = await sharedEquality(ch, "receiver", targets, bins, triples(sent), context);
  // b_R and b_R z, and this side's numbers times the sender's bit.
  const factors = receiverFactors(member, values, bins, measures);
  const stretch = (purpose: string) => new FixedKeyAes("match/stretch", session, purpose, shard);
  const numbers = { strings, stretch: stretch("receiver"), alphas: factors, columns: measures + 1 };
  const { ofNumbers: shares, ofBits } = await products(
    ch,
    bins,
    bits === undefined
      ? { numbers }
      : { numbers, bits: { strings: bits, stretch: stretch("sender"), bits: member, columns: measures } },
  );
  addReceiverTerms(shares!, member, values, measures);
  if (ofBits !== undefined) addSenderTerms(shares!, ofBits, measures);
  return { shares: shares!, people };
}

/**
 * `pseudonyms`: people x 64 bytes; `values`: one column of 64-bit numbers per measure. `beside` is told the number of bins. Returns
 * the sender's shares.
 */
export async function membershipSender(
  ch: OtChannel<FromSender, FromReceiver>,
  pseudonyms: Uint8Array,
  values: readonly BigInt64Array[],
  context: MembershipContext,
  beside: (bins: number) => BesideSender = () => NOTHING,
): Promise<RingArray> {
  const { session, shard, rng, receiverPeople, measures, transfers } = context;
  const bins = binCount(receiverPeople);
  const takeKeys = await context.keysOfBins.sender(ch, context);

  // Until the receiver has begun too, a lane takes no more than the first message.
  const { channel, heard } = listening(ch);
  const sendAhead = async () => {
    await heard;
    const supply = transfers.receiving("match/equality", shard);
    const triples = await beginTriples(ch, supply, tripleWords(bins, context));
    return { triples, bits: await transfers.receiving("match/receiver-products", shard).blocks(ch, bins) };
  };
  const ahead = sendAhead();
  // What goes wrong is told where it is waited for.
  ahead.catch(() => {});
  const entryBins = positions(pseudonyms, session, shard, await context.binSeed(), bins);
  await context.prepare?.();
  const binKeys = await takeKeys(channel, bins);
  const further = beside(bins);
  const asked = further.take();
  asked.catch(() => {});
  const owners = Uint32Array.from(entryBins, (_, entry) => Math.floor(entry / POSITIONS));
  const keys = binKeys.keys(entryBins, owners, pseudonyms);
  const targets = randomWords(rng.fork("match/targets"), bins * targetWords(context));
  const masks = randomWords(rng.fork("match/masks"), bins * measures * 2);
  const size = storeSize(entryCount(context.senderPeople), lambdaOf(context));
  const store = encodeEntries(
    context,
    keys,
    entryValues(context, { entryBins, owners, targets, masks, values }),
    size,
  );
  const sendStore = async () => {
    const drawn = await ahead;
    await sendBulk(ch, "store", new Uint8Array(store.buffer));
    await asked;
    await further.answer();
    return drawn;
  };
  const takeAll = async () => {
    await asked;
    const sent = await transfers.sending("match/equality", shard).bits(ch, tripleWords(bins, context) * 32);
    if (measures === 0) return { sent };
    return { sent, strings: await transfers.sending("match/sender-products", shard).blocks(ch, bins) };
  };
  const [{ triples, bits }, { sent, strings }] = await Promise.all([sendStore(), takeAll()]);
  await further.answerRest();

  const member = await sharedEquality(ch, "sender", targets, bins, triples(sent), context);
  const stretch = (purpose: string) => new FixedKeyAes("match/stretch", session, purpose, shard);
  const ofBins = { strings: bits, stretch: stretch("receiver"), bits: member, columns: measures + 1 };
  if (strings === undefined) return (await products(ch, bins, { bits: ofBins })).ofBits!;
  const factors = senderFactors(member, masks, measures);
  const numbers = { strings, stretch: stretch("sender"), alphas: factors.flipped, columns: measures };
  const { ofBits: shares, ofNumbers } = await products(ch, bins, { bits: ofBins, numbers });
  addSenderTerms(shares!, ofNumbers!, measures);
  addSenderTerms(shares!, factors.own, measures);
  return shares!;
}

/** The same channel; `heard` resolves with the first message taken over it. */
function listening<C extends Channel<never, KeyMessage>>(ch: C) {
  let hear = () => {};
  const heard = new Promise<void>((resolve) => (hear = resolve));
  const recv: C["recv"] = async (type) => {
    const message = await ch.recv(type);
    hear();
    return message;
  };
  return { channel: { send: ch.send, recv } as Channel<never, KeyMessage>, heard };
}

/** Entries that the store is sized for: three per person of the sender. */
function entryCount(senderPeople: number): number {
  return POSITIONS * Math.max(senderPeople, PEOPLE_FLOOR);
}

/** Words of a bin's target: those of one number, or of two where a session has so many bins that the bits of one would not do. */
function targetWords(context: Pick<MembershipContext, "receiverPeople" | "shards">): number {
  return numbersOfWidth(targetBits(context)) * 2;
}

/** Words of a slot and of an entry: the target, and a number for each measure. */
function entryWords(context: Pick<MembershipContext, "receiverPeople" | "measures" | "shards">): number {
  return targetWords(context) + context.measures * 2;
}

/** The pseudonym in each bin; a random one, which nobody has, in an empty bin. */
function binPseudonyms(pseudonyms: Uint8Array, people: Int32Array, rng: Rng): Uint8Array {
  const out = rng.bytes(people.length * PSEUDONYM_BYTES);
  for (let bin = 0; bin < people.length; bin++) {
    const from = people[bin]! * PSEUDONYM_BYTES;
    if (from >= 0) out.set(pseudonyms.subarray(from, from + PSEUDONYM_BYTES), bin * PSEUDONYM_BYTES);
  }
  return out;
}

/** Row and pad of each key, under labels of their own: the first half of the key makes the row, the second the pad. */
function rowsAndPads({ session, shard }: BinContext, keys: Uint32Array, size: StoreSize, columns: number) {
  const count = keys.length / KEY_WORDS;
  const rowSeeds = new Uint32Array(count * 4);
  const padSeeds = new Uint32Array(count * 4);
  for (let i = 0; i < count; i++) {
    rowSeeds.set(keys.subarray(i * KEY_WORDS, i * KEY_WORDS + 4), i * 4);
    padSeeds.set(keys.subarray(i * KEY_WORDS + 4, (i + 1) * KEY_WORDS), i * 4);
  }
  const rowBlocks = new FixedKeyAes("match/store-row", session, shard).columnWords(rowSeeds, 4);
  const pads = new FixedKeyAes("match/store-pad", session, shard).columnWords(padSeeds, columns);
  return { rows: deriveRows(rowBlocks, size), pads };
}

function encodeEntries(
  context: MembershipContext,
  keys: Uint32Array,
  entries: Uint32Array,
  size: StoreSize,
): Uint32Array {
  const width = entryWords(context);
  const { rows, pads } = rowsAndPads(context, keys, size, width / 2);
  xorInto(entries, pads);
  return encode(rows, entries, width, size, context.rng.fork("match/store"));
}

interface Entries {
  readonly entryBins: Uint32Array;
  readonly owners: Uint32Array;
  /** Bins x `targetWords`. */
  readonly targets: Uint32Array;
  /** Bins x measures numbers. */
  readonly masks: RingArray;
  readonly values: readonly BigInt64Array[];
}

/** The value of each entry: [T_j, v + r_j for each measure], entries x `entryWords`. */
function entryValues(context: MembershipContext, entries: Entries): RingArray {
  const { entryBins, owners, targets, masks, values } = entries;
  const measures = values.length;
  const [width, targetWidth] = [entryWords(context), targetWords(context)];
  const out = ringArray((entryBins.length * width) / 2);
  const words = values.map((column) => asRing(column));
  for (let entry = 0, at = 0; entry < entryBins.length; entry++) {
    const bin = entryBins[entry]!;
    const owner = owners[entry]! * 2;
    for (let word = 0; word < targetWidth; word++) out[at++] = targets[bin * targetWidth + word]!;
    for (let m = 0; m < measures; m++) {
      const mask = (bin * measures + m) * 2;
      const low = words[m]![owner]! + masks[mask]!;
      out[at++] = low;
      out[at++] = words[m]![owner + 1]! + masks[mask + 1]! + (low > 0xffffffff ? 1 : 0);
    }
  }
  return out;
}

/** T'_j and z_j of each bin; an empty bin gets local randomness. */
function decodeBins(
  context: MembershipContext,
  keys: Uint32Array,
  people: Int32Array,
  store: Uint32Array,
  size: StoreSize,
): { targets: Uint32Array; values: RingArray } {
  const bins = people.length;
  const [width, targetWidth] = [entryWords(context), targetWords(context)];
  const { rows, pads } = rowsAndPads(context, keys, size, width / 2);
  const decoded = decode(rows, store, width, size);
  xorInto(decoded, pads);
  const random = randomWords(context.rng.fork("match/empty-values"), decoded.length);
  const targets = new Uint32Array(bins * targetWidth);
  const values = ringArray(bins * context.measures);
  for (let bin = 0; bin < bins; bin++) {
    const from = people[bin]! >= 0 ? decoded : random;
    const at = bin * width;
    targets.set(from.subarray(at, at + targetWidth), bin * targetWidth);
    values.set(from.subarray(at + targetWidth, at + width), bin * context.measures * 2);
  }
  return { targets, values };
}

/** A shard fails with probability 2^-lambda at most, so that the session does with 2^-40. */
function lambdaOf({ shards }: Pick<MembershipContext, "shards">): number {
  return STATISTICAL_BITS + Math.ceil(Math.log2(shards));
}

/** Bits of T that are compared: a stray equality in any of the session's bins has probability at most 2^-40. */
function targetBits({
  receiverPeople,
  shards,
}: Pick<MembershipContext, "receiverPeople" | "shards">): number {
  return STATISTICAL_BITS + Math.ceil(Math.log2(binCount(receiverPeople) * shards));
}

async function sharedEquality(
  ch: OtChannel<"gateOpening">,
  role: Role,
  targets: Uint32Array,
  bins: number,
  triples: Triples,
  context: MembershipContext,
): Promise<Uint32Array> {
  const gates = new Gates(ch, role, new TriplePool(triples));
  const equal = await equality(gates, targets, bins, targetBits(context));
  return equal.subarray(0, bitWords(bins));
}

/** What the match draws behind the first message, where transfers are prepared. */
export function membershipDraws(
  context: Pick<MembershipContext, "receiverPeople" | "measures" | "shards">,
): Draws {
  const bins = binCount(context.receiverPeople);
  const equal = {
    purpose: "match/equality",
    kind: "bits",
    transfers: tripleWords(bins, context) * 32,
  } as const;
  const products = (purpose: string) => ({ purpose, kind: "blocks", transfers: bins }) as const;
  return {
    sender: [vectorOfBins(bins), equal, ...(context.measures > 0 ? [products("match/sender-products")] : [])],
    receiver: [equal, products("match/receiver-products")],
  };
}

/** Words of triples that the equality takes. */
function tripleWords(bins: number, context: Pick<MembershipContext, "receiverPeople" | "shards">): number {
  return equalityTripleWords(bins, targetBits(context));
}

/** Bytes of `store`. */
export function storeBytes(
  context: Pick<MembershipContext, "senderPeople" | "receiverPeople" | "measures" | "shards">,
): number {
  return storeSize(entryCount(context.senderPeople), lambdaOf(context)).slots * entryWords(context) * 4;
}
