// Nothing about a cell below the threshold can be computed from either side's view of the release. Shown as in the proof:
// take a run, and replace the people of the unreleased cells by any other numbers below the threshold, and their sums by any
// others, on one side. Then there are triples, as likely as those of the run, with which that side sends exactly the same
// bytes. So the partner's view, which is these bytes and its own unchanged input, is equally likely for all such numbers.
import { randomWords } from "@halfroom/crypto";
import { TriplePool, otherRole, type Role, type Triples } from "@halfroom/mpc";
import {
  memoryFrames,
  plainRelease,
  plainTripleWords,
  recordFrames,
  seededRng,
  type PlainReleased,
} from "@halfroom/testkit";
import { decodeFrame, openChannel } from "@halfroom/wire";
import { describe, expect, test } from "vitest";

const CELLS = 8;
const COLUMNS = 2;
const THRESHOLD = 11n;
const ROLES = ["sender", "receiver"] as const;
/** The gates of one comparison, level by level: triples can only be adapted one level at a time. */
const LEVELS = 10;
const SESSION = new Uint8Array(32);

type Pair<T> = Readonly<Record<Role, T>>;

interface View {
  readonly released: PlainReleased;
  /** Everything this role sent, frame by frame, without the transcript digests. */
  readonly sent: readonly Uint8Array[];
  /** Its masked gate inputs, level by level. */
  readonly openings: readonly Uint32Array[];
}

/** People and a sum for each cell. */
type Table = readonly (readonly [people: bigint, sum: bigint])[];

function sharesOf(table: Table, seed: string): Pair<Uint32Array> {
  const ours = randomWords(seededRng(seed), CELLS * COLUMNS * 2);
  return { sender: ours, receiver: complement(table, ours) };
}

/** The addends that make `table` out of `ours`. */
function complement(table: Table, ours: Uint32Array): Uint32Array {
  const addends = new BigInt64Array(new Uint32Array(ours).buffer);
  const theirs = BigInt64Array.from(table.flat(), (value, i) => value - addends[i]!);
  return new Uint32Array(theirs.buffer);
}

function freshTriples(seed: string): Pair<Triples> {
  const words = plainTripleWords(CELLS, COLUMNS);
  const draw = (name: string) => randomWords(seededRng(seed).fork(name), words);
  const sender = { a: draw("a"), b: draw("b"), c: draw("c") };
  const receiver = { a: draw("a'"), b: draw("b'"), c: new Uint32Array(words) };
  return { sender, receiver: withProduct(receiver, sender) };
}

/** `share` with the c that makes both shares a triple. */
function withProduct({ a, b }: Triples, other: Triples): Triples {
  const c = a.map((word, i) => ((word ^ other.a[i]!) & (b[i]! ^ other.b[i]!)) ^ other.c[i]!);
  return { a, b, c };
}

async function run(shares: Pair<Uint32Array>, triples: Pair<Triples>): Promise<Pair<View>> {
  const [left, right] = memoryFrames({ idleMs: 60_000 });
  const one = async (role: Role, end: typeof left): Promise<View> => {
    const frames = recordFrames(end);
    const released = await plainRelease({
      ch: openChannel(frames, role),
      role,
      session: SESSION,
      shares: shares[role],
      cells: CELLS,
      columns: COLUMNS,
      threshold: THRESHOLD,
      triples: new TriplePool(triples[role]),
      rng: seededRng(`nonces of the ${role}`),
      transcript: () => new Uint8Array(32),
    });
    const sent = frames.log.filter(({ direction }) => direction === "sent").map(({ frame }) => frame);
    return { released, sent, openings: sent.flatMap(gateOpening) };
  };
  const [sender, receiver] = await Promise.all([one("sender", left), one("receiver", right)]);
  return { sender, receiver };
}

function gateOpening(frame: Uint8Array): Uint32Array[] {
  const { message } = decodeFrame(new Uint8Array(frame));
  return message.type === "gateOpening" ? [new Uint32Array(new Uint8Array(message.data).buffer)] : [];
}

/** Triples of `role` under which its masked gate inputs in `view` become those of `wanted`. */
function adapted(triples: Pair<Triples>, role: Role, view: View, wanted: View): Triples {
  const a = triples[role].a.slice();
  const b = triples[role].b.slice();
  let at = 0;
  view.openings.forEach((opening, level) => {
    // An opening is the masked left inputs and then the masked right ones.
    const words = opening.length / 2;
    for (let i = 0; i < words; i++) {
      a[at + i]! ^= opening[i]! ^ wanted.openings[level]![i]!;
      b[at + i]! ^= opening[words + i]! ^ wanted.openings[level]![words + i]!;
    }
    at += words;
  });
  return withProduct({ a, b, c: triples[role].c }, triples[otherRole(role)]);
}

const REAL: Table = [
  [30n, 1000n],
  [10n, 77n],
  [11n, -5n],
  [0n, 0n],
  [4n, 123_456n],
  [250n, 9n],
  [1n, -1n],
  [10n, 2n],
];
const isReleased = ([people]: Table[number]) => people >= THRESHOLD;

/** The table with other numbers in the cells that do not pass. */
function anotherTable(seed: string): Table {
  const words = randomWords(seededRng(seed), CELLS * 2);
  return REAL.map((cell, i) =>
    isReleased(cell) ? cell : [BigInt(words[i]! % 11), BigInt(words[CELLS + i]!)],
  );
}

describe.each(ROLES)("the view of the %s's partner", (role) => {
  const partner = otherRole(role);

  test.each(Array.from({ length: 20 }, (_, i) => i))(
    "is as likely under other unreleased numbers (%i)",
    async (i) => {
      const shares = sharesOf(REAL, `shares ${i}`);
      const triples = freshTriples(`triples ${i}`);
      const real = await run(shares, triples);
      expect(Array.from(real.sender.released.passed)).toEqual(REAL.map((cell) => (isReleased(cell) ? 1 : 0)));
      expect(Array.from(real.sender.released.values)).toEqual(REAL.filter(isReleased).flat());

      const other = anotherTable(`numbers ${i}`);
      expect(other).not.toEqual(REAL);
      const otherShares = { ...shares, [role]: complement(other, shares[partner]) };
      let own: Pair<Triples> = triples;
      let view = await run(otherShares, own);
      for (let level = 0; level < LEVELS; level++) {
        own = { ...own, [role]: adapted(own, role, view[role], real[role]) };
        view = await run(otherShares, own);
      }
      expect(view[role].sent).toEqual(real[role].sent);
      expect(view[partner].sent).toEqual(real[partner].sent);
    },
  );

  test("is another one if a released number is another", async () => {
    const shares = sharesOf(REAL, "shares");
    const triples = freshTriples("triples");
    const real = await run(shares, triples);
    const other = REAL.map((cell, i) => (i === 0 ? ([31n, 1000n] as const) : cell));
    const otherShares = { ...shares, [role]: complement(other, shares[partner]) };
    let own: Pair<Triples> = triples;
    let view = await run(otherShares, own);
    for (let level = 0; level < LEVELS; level++) {
      own = { ...own, [role]: adapted(own, role, view[role], real[role]) };
      view = await run(otherShares, own);
    }
    expect(view[role].openings).toEqual(real[role].openings);
    expect(view[role].sent).not.toEqual(real[role].sent);
  });
});
