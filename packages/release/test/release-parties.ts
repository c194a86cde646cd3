// Both parties of a release in memory, on tables that are shared under given masks, with triples from a trusted dealer.
import { randomWords, type Rng } from "@halfroom/crypto";
import { TriplePool, type Role, type Triples, type TripleSource } from "@halfroom/mpc";
import {
  plainRelease,
  plainTripleWords,
  runParties,
  seededRng,
  testSession,
  type PlainReleased,
  type PlainReleaseInput,
  type RecordedFrame,
} from "@halfroom/testkit";
import { decodeFrame, type Message, type MessageType } from "@halfroom/wire";

export const SESSION = testSession("release");
export const ROLES: readonly Role[] = ["sender", "receiver"];

/** Cells x columns numbers, column 0 the people. */
export type Table = readonly (readonly bigint[])[];

/** Both shares of a table: `hidden` gets what the mask, the other side's share, leaves. */
export function shareTable(table: Table, hidden: Role, mask: Uint32Array): Record<Role, Uint32Array> {
  const masks = new BigUint64Array(mask.slice().buffer);
  const rest = new BigUint64Array(table.flat().map((value, i) => BigInt.asUintN(64, value - masks[i]!)));
  const own = new Uint32Array(rest.buffer);
  return hidden === "sender" ? { sender: own, receiver: mask } : { sender: mask, receiver: own };
}

export function randomMask(table: Table, rng: Rng): Uint32Array {
  return randomWords(rng, table.flat().length * 2);
}

/** Xor shares of random triples. */
export function dealTriples(words: number, rng: Rng): Record<Role, Triples> {
  const sender = { a: randomWords(rng, words), b: randomWords(rng, words), c: randomWords(rng, words) };
  const [a, b] = [randomWords(rng, words), randomWords(rng, words)];
  return { sender, receiver: { a, b, c: completing(sender, a, b) } };
}

/** The share of c that goes with a and b, given the other party's triples. */
export function completing(theirs: Triples, a: Uint32Array, b: Uint32Array): Uint32Array {
  return theirs.c.map((c, i) => c ^ ((theirs.a[i]! ^ a[i]!) & (theirs.b[i]! ^ b[i]!)));
}

export interface ReleaseSetup {
  readonly shares: Readonly<Record<Role, Uint32Array>>;
  readonly cells: number;
  readonly columns: number;
  readonly threshold: bigint;
  readonly triples: Readonly<Record<Role, Triples>>;
  /** The release, or a variant of it that a test puts in its place. */
  readonly variant?: (input: PlainReleaseInput) => Promise<PlainReleased>;
  readonly sourceOf?: (triples: Triples) => TripleSource;
}

export interface ReleaseRun {
  readonly sender: PlainReleased;
  readonly receiver: PlainReleased;
  readonly log: Readonly<Record<Role, readonly RecordedFrame[]>>;
}

export async function runRelease(setup: ReleaseSetup): Promise<ReleaseRun> {
  const {
    shares,
    triples,
    variant = plainRelease,
    sourceOf = (each) => new TriplePool(each),
    ...sizes
  } = setup;
  return runParties(async (ch, role) =>
    variant({
      ...sizes,
      ch,
      role,
      session: SESSION,
      shares: shares[role],
      triples: sourceOf(triples[role]),
      rng: seededRng(`nonces/${role}`),
      transcript: () => ch.transcript(),
    }),
  );
}

/** A run on `table` under masks and triples that follow from `seed`. */
export function setupOf(
  table: Table,
  threshold: bigint,
  seed: string,
  hidden: Role = "receiver",
): ReleaseSetup {
  const rng = seededRng(seed);
  const shares = shareTable(table, hidden, randomMask(table, rng));
  const triples = dealTriples(plainTripleWords(table.length, table[0]!.length), rng);
  return { shares, cells: table.length, columns: table[0]!.length, threshold, triples };
}

/** The messages of one type that `role` sent. */
export function sentBy<T extends MessageType>(
  { log }: Pick<ReleaseRun, "log">,
  role: Role,
  type: T,
): Message<T>[] {
  return log[role]
    .filter(({ direction }) => direction === "sent")
    .map(({ frame }) => decodeFrame(frame).message)
    .filter((message) => message.type === type) as Message<T>[];
}

export function hexLog({ log }: Pick<ReleaseRun, "log">, role: Role): string[] {
  return log[role].map(({ direction, frame }) => `${direction} ${Buffer.from(frame).toString("hex")}`);
}
