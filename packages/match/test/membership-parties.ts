// Both roles of the membership protocol in memory, and their plain counterpart.
import { asBigUint64, hash256, randomWords, type Rng } from "@halfroom/crypto";
import {
  binCount,
  keysFromMatrix,
  keysFromVector,
  membershipDraws,
  membershipReceiver,
  membershipSender,
  type BinOprf,
  type MembershipContext,
} from "@halfroom/match";
import type { OtSource, Role } from "@halfroom/mpc";
import { runParties, seededRng, type BothParties } from "@halfroom/testkit";
import type { Channel } from "@halfroom/wire";

export const PSEUDONYM_BYTES = 64;

export interface MembershipCase {
  /** People x 64 bytes. */
  readonly sender: Uint8Array;
  readonly receiver: Uint8Array;
  /** One number per person of the sender for each measure. */
  readonly values: readonly BigInt64Array[];
}

export interface Sizes {
  readonly sender: number;
  readonly receiver: number;
  readonly shared: number;
  readonly measures: number;
}

/** People of both sides in independent random order, `shared` of them the same, with random values. */
export function randomCase(sizes: Sizes, rng: Rng): MembershipCase {
  const all = rng.bytes((sizes.sender + sizes.receiver - sizes.shared) * PSEUDONYM_BYTES);
  const rows = Array.from({ length: all.length / PSEUDONYM_BYTES }, (_, i) => pseudonymAt(all, i));
  return {
    sender: joinRows(shuffled(rows.slice(0, sizes.sender), rng)),
    receiver: joinRows(shuffled(rows.slice(sizes.sender - sizes.shared), rng)),
    values: Array.from(
      { length: sizes.measures },
      () => new BigInt64Array(randomWords(rng, sizes.sender * 2).buffer),
    ),
  };
}

export interface MembershipSetup {
  readonly session: Uint8Array;
  /** One source serves many runs: each run is a shard of its own. */
  readonly transfers: Readonly<Record<Role, OtSource>>;
  readonly shard: number;
  readonly seed: string;
  /** Shards of the session, of which the run is one. */
  readonly shards?: number;
  /** Of keys from a matrix. */
  readonly binOprf?: BinOprf;
  /** Whether transfers are prepared, and keys come from a vector. */
  readonly silent?: boolean;
}

export interface MembershipRun {
  /** Bins x (1 + measures) numbers mod 2^64. */
  readonly senderShares: BigUint64Array;
  readonly receiverShares: BigUint64Array;
  /** bin -> person of the receiver, or -1. */
  readonly people: Int32Array;
  readonly log: BothParties<unknown>["log"];
}

/** The joint seed of the bins of a run. */
export function binSeedOf(session: Uint8Array, shard: number): Uint8Array {
  return hash256("test/bin-seed", session, shard);
}

export async function runMembership(
  { sender, receiver, values }: MembershipCase,
  { session, transfers, shard, seed, shards = 1, binOprf, silent = false }: MembershipSetup,
): Promise<MembershipRun> {
  const sizes = {
    senderPeople: sender.length / PSEUDONYM_BYTES,
    receiverPeople: receiver.length / PSEUDONYM_BYTES,
    measures: values.length,
    shards,
  };
  const contextOf = (role: Role, ch: Channel): MembershipContext => ({
    ...sizes,
    transfers: transfers[role],
    session,
    shard,
    rng: seededRng(`${seed}/${role}`),
    binSeed: async () => binSeedOf(session, shard),
    prepare: async () => {
      if (silent) await transfers[role].prepare(ch, shard, membershipDraws(sizes));
    },
    keysOfBins: silent ? keysFromVector : keysFromMatrix(binOprf),
  });
  const run = await runParties<{ shares: Uint32Array; people?: Int32Array }>(async (ch, role) =>
    role === "sender"
      ? { shares: await membershipSender(ch, sender, values, contextOf(role, ch)) }
      : membershipReceiver(ch, receiver, contextOf(role, ch)),
  );
  return {
    senderShares: asBigUint64(run.sender.shares),
    receiverShares: asBigUint64(run.receiver.shares),
    people: run.receiver.people!,
    log: run.log,
  };
}

/** What both shares stand for: each bin's row of 1 + measures numbers, signed. */
export function openRows({ senderShares, receiverShares }: MembershipRun, columns: number): bigint[][] {
  const opened = Array.from(senderShares, (share, i) => BigInt.asIntN(64, share + receiverShares[i]!));
  return Array.from({ length: opened.length / columns }, (_, bin) =>
    opened.slice(bin * columns, (bin + 1) * columns),
  );
}

/** The same from a plain join: 1 and the values for a shared person's bin, zeros for any other. */
export function plainRows({ sender, receiver, values }: MembershipCase, people: Int32Array): bigint[][] {
  const indexOf = new Map(allRows(sender).map((row, i) => [hex(row), i]));
  return Array.from(people, (person) => {
    const index = person < 0 ? undefined : indexOf.get(hex(pseudonymAt(receiver, person)));
    return [
      index === undefined ? 0n : 1n,
      ...values.map((column) => (index === undefined ? 0n : column[index]!)),
    ];
  });
}

/** Each person of the receiver has exactly one bin. */
export function everyoneOnce({ receiver }: MembershipCase, people: Int32Array): boolean {
  const placed = people.filter((person) => person >= 0).sort();
  const count = receiver.length / PSEUDONYM_BYTES;
  return (
    people.length === binCount(count) && placed.length === count && placed.every((person, i) => person === i)
  );
}

function pseudonymAt(pseudonyms: Uint8Array, person: number): Uint8Array {
  return pseudonyms.subarray(person * PSEUDONYM_BYTES, (person + 1) * PSEUDONYM_BYTES);
}

export function allRows(pseudonyms: Uint8Array): Uint8Array[] {
  return Array.from({ length: pseudonyms.length / PSEUDONYM_BYTES }, (_, i) => pseudonymAt(pseudonyms, i));
}

export const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

function joinRows(rows: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(rows));
}

function shuffled<T>(items: readonly T[], rng: Rng): T[] {
  const keys = randomWords(rng, items.length);
  return items
    .map((item, i) => ({ item, key: keys[i]! }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
