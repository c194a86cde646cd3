// What takes most of a session's time, computed in the clear: preparing the data, and the shares of the table. All that a node sees of
// a session stays as it is: statements, agreement, ledger, transcripts, the whole release, receipt.
import {
  asBigUint64,
  hash256,
  heldColumn,
  loadSodium,
  ringArray,
  type GroupPool,
  type RingArray,
  heldRows,
  RecordStore,
} from "@halfroom/crypto";
import { bothEnds, randomTriples, type OtReceiver, type OtSender, type OtSource } from "@halfroom/mpc";
import { encodeIdentifier, type PreparedReceiver, type PreparedSender } from "@halfroom/prepare";
import {
  otherRole,
  releaseTripleWords,
  runSession,
  toHex,
  type Role,
  type SessionData,
  type ShareTable,
  type Site,
} from "@halfroom/session";
import { seededRng } from "@halfroom/testkit";
import type { Rng } from "@halfroom/crypto";
import { digestReceiver, digestSender } from "../../src/datasets/digest.ts";
import type { Works } from "../../src/run/works.ts";

/** A person of a side: of the advertiser with a value in cents, of the publisher with a campaign. */
export interface Row {
  readonly person: string;
  readonly cents: bigint;
  readonly campaign: string;
}

const NOBODY = new Uint8Array(0);

interface Half {
  readonly people: readonly string[];
  readonly payloads: readonly BigInt64Array[];
  readonly cellsOf: readonly Uint32Array[];
}

/** The clear tables of the sessions that run. */
export class PlainWork {
  readonly #kernel: GroupPool["kernel"];
  readonly #peopleOf = new WeakMap<object, readonly string[]>();
  readonly #halves = new Map<string, Partial<Record<Role, Half>>>();

  private constructor(kernel: GroupPool["kernel"]) {
    this.#kernel = kernel;
  }

  static async open(): Promise<PlainWork> {
    return new PlainWork(await loadSodium());
  }

  /** Those of a node; `rows` are its data as they are now, and `watch` sees what a session asks of the node. */
  works(
    connect: Works["connect"],
    rows: () => readonly Row[],
    watch: (site: Site) => Site,
  ): Omit<Works, "openSqlite"> {
    const pool = {
      kernel: this.#kernel,
      width: 1,
      run: async () => await Promise.reject(new Error("nothing is evaluated here")),
      close: async () => undefined,
    } as unknown as GroupPool;
    const shardWorkers = undefined as never;
    return {
      connect,
      openThreads: async () => ({ pool, shardWorkers }),
      closeThreads: async () => undefined,
      prepare: async ({ role }) => this.#prepare(role, rows()),
      runSession: async (link, input) =>
        await runSession(link, { ...input, site: watch(input.site) }, this.#shareTable),
    };
  }

  /** Forgets what sessions left that never came to their table. */
  forget(): void {
    this.#halves.clear();
  }

  async #prepare(role: Role, rows: readonly Row[]) {
    const encoded = rows.map(({ person }) =>
      encodeIdentifier("email", hash256("simulate/person", NOBODY, person)),
    );
    const offsets = new Uint32Array(rows.length + 1);
    encoded.forEach((bytes, i) => (offsets[i + 1] = offsets[i]! + bytes.length));
    const identifiers = heldRows({ bytes: new Uint8Array(Buffer.concat(encoded)), offsets });
    const counts = {
      rows: rows.length,
      people: rows.length,
      filtered: 0,
      merged: 0,
      dropped: {},
      examples: {},
    };
    const all = { ...counts, identifiers, digest: new Uint8Array(0) };
    const data: SessionData = await (role === "sender"
      ? senderData(all, rows, counts)
      : receiverData(all, rows, counts));
    this.#peopleOf.set(
      data,
      rows.map(({ person }) => person),
    );
    const own = { rows: rows.length, people: rows.length, optedOut: 0, merged: 0, filtered: 0, dropped: [] };
    return { data, own, everybody: undefined, takeIdentifiers: () => ({ identifiers }) };
  }

  /** One message each way in place of each stage, so that a connection can be cut and a process end there. */
  readonly #shareTable: ShareTable = async (ch, { input, side }) => {
    const session = toHex(side.session);
    const digest = hash256("simulate/stage", side.session);
    const exchange = async (stage: "pseudonymise" | "match" | "aggregate") => {
      input.meter.enter(stage);
      await ch.send({ type: "laneTranscripts", digest });
      await ch.recv("laneTranscripts");
    };
    const halves = this.#halves.get(session) ?? {};
    this.#halves.set(session, halves);
    const people = this.#peopleOf.get(input.data)!;
    const numbers = await side.numbers.records(0, people.length);
    const { payloads, cellsOf } = side.numbersOf(numbers, people.length);
    halves[side.role] = { people, payloads, cellsOf };
    await exchange("pseudonymise");
    await exchange("match");
    await exchange("aggregate");
    const shares = shareOf(side, halves as Record<Role, Half>);
    const transfers = new DealtTransfers(session, side.role);
    const words = releaseTripleWords(side.terms, side.content);
    const triples = await randomTriples(ch, bothEnds(transfers, "release", 0), words);
    return { transfers, triples, shares };
  };
}

type Counts = Omit<PreparedSender, "measures" | "peoplePayload" | "categories" | "categoryLabels" | "base">;

async function senderData(
  all: Counts,
  rows: readonly Row[],
  counts: SessionData["counts"],
): Promise<SessionData> {
  const columns = {
    measures: [heldColumn(BigInt64Array.from(rows, ({ cents }) => cents))],
    peoplePayload: undefined,
    categories: heldColumn(new Uint32Array(rows.length)),
    categoryLabels: [[]],
    base: Uint32Array.of(rows.length),
  };
  const digest = await digestSender({ ...all, ...columns }, new RecordStore());
  return { role: "sender", people: { ...counts, ...columns, digest }, counts, digest };
}

async function receiverData(
  all: Counts,
  rows: readonly Row[],
  counts: SessionData["counts"],
): Promise<SessionData> {
  const labels = [...new Set(rows.map(({ campaign }) => campaign))].sort();
  const cells = Uint32Array.from(rows, ({ campaign }) => labels.indexOf(campaign));
  const base = new Uint32Array(labels.length);
  for (const cell of cells) base[cell]!++;
  const partitions: PreparedReceiver["partitions"] = [
    { groupBy: ["campaign"], cells: heldColumn(cells), labels: labels.map((label) => [label]), base },
  ];
  const digest = await digestReceiver({ ...all, partitions }, new RecordStore());
  return { role: "receiver", people: { ...counts, partitions, digest }, counts, digest };
}

type Side = Parameters<ShareTable>[1]["side"];

/** This side's share of the plain table; the sender's is random. */
function shareOf({ role, session, layout }: Side, { sender, receiver }: Record<Role, Half>): RingArray {
  const share = ringArray(layout.cells * layout.columns);
  share.set(new Uint32Array(seededRng(`shares ${toHex(session)}`).bytes(share.byteLength).buffer));
  if (role === "sender") return share;
  const numbers = asBigUint64(share);
  const table = new BigUint64Array(numbers.length);
  const place = new Map(sender.people.map((person, row) => [person, row]));
  receiver.people.forEach((person, own) => {
    const theirs = place.get(person);
    if (theirs === undefined) return;
    layout.groupings.forEach(({ firstCell }, grouping) => {
      const start = (firstCell + receiver.cellsOf[grouping]![own]!) * layout.columns;
      if (layout.countsMembers) table[start]!++;
      const first = layout.countsMembers ? start + 1 : start;
      sender.payloads.forEach((column, i) => (table[first + i]! += BigInt.asUintN(64, column[theirs]!)));
    });
  });
  numbers.forEach((random, i) => (numbers[i] = table[i]! - random));
  return share;
}

/** Trees take none of them. */
const NOT_DEALT = () => Promise.reject(new RangeError("correlated transfers are not dealt"));
const noVector = (): never => {
  throw new RangeError("vectors are not dealt");
};

/** Transfers that both sides draw from one seed, as if somebody trusted dealt them. */
class DealtTransfers implements OtSource {
  readonly prepares = false;
  readonly #session: string;
  readonly #role: Role;

  constructor(session: string, role: Role) {
    this.#session = session;
    this.#role = role;
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  sending(purpose: string, shard: number): OtSender {
    const deal = this.#deal(this.#role, purpose, shard);
    return {
      blocks: async (_ch, count) => deal.blocks(count),
      bits: async (_ch, count) => deal.bits(count),
      correlated: NOT_DEALT,
    };
  }

  receiving(purpose: string, shard: number): OtReceiver {
    const deal = this.#deal(otherRole(this.#role), purpose, shard);
    return {
      blocks: async (_ch, count) => {
        const { zero, one, choices } = deal.blocks(count);
        const isOne = (word: number) => (choices[word >> 7]! >>> ((word >> 2) & 31)) & 1;
        return { choices, chosen: zero.map((word, i) => (isOne(i) === 1 ? one[i]! : word)) };
      },
      bits: async (_ch, count) => {
        const { zero, one, choices } = deal.bits(count);
        return { choices, chosen: zero.map((word, i) => word ^ (choices[i]! & (word ^ one[i]!))) };
      },
      correlated: NOT_DEALT,
    };
  }

  readonly sendingVector = noVector;
  readonly receivingVector = noVector;

  state(): never {
    throw new RangeError("transfers that were dealt have no state");
  }

  #deal(sender: Role, purpose: string, shard: number) {
    const rng = seededRng(`transfers ${this.#session} ${sender} ${purpose} ${shard}`);
    const vector = (bits: number) => Math.ceil(bits / 32);
    const draw = (words: number, count: number) => ({
      zero: wordsFrom(rng, words),
      one: wordsFrom(rng, words),
      choices: wordsFrom(rng, vector(count)),
    });
    return {
      blocks: (count: number) => draw(4 * count, count),
      bits: (count: number) => draw(vector(count), count),
    };
  }
}

function wordsFrom(rng: Rng, count: number): Uint32Array {
  return new Uint32Array(rng.bytes(4 * count).buffer);
}
