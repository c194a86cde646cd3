// The recorded form of a session: enough to check another implementation stage by stage, small enough to keep. Every frame is
// recorded by its length and SHA-256, a short one also in full; `record.ts --frames` writes the long ones too.
import { createHash } from "node:crypto";
import { nobleKernel, rowAt, rowCount, type ByteRows, type GroupPool } from "@halfroom/crypto";
import { evaluate, generateKey, OUTPUT_BYTES } from "@halfroom/match";
import { LACKING } from "@halfroom/prepare";
import { type HeldItems, type Role } from "@halfroom/session";
import {
  type PreparedPair,
  type RecordedFrame,
  recordFrames,
  runPair,
  seededRng,
  type SessionResult,
  testIdentity,
  withCsvFiles,
} from "@halfroom/testkit";
import { decodeFrame } from "@halfroom/wire";
import { canonicalReport } from "../../../packages/session/src/receipt/commitment.ts";
import { layoutOf } from "../../../packages/session/src/table/layout.ts";
import { permutation } from "../../../packages/session/src/permutation.ts";
import { cellOrders } from "../../../packages/session/src/table/orders.ts";
import { drawSecrets, sessionRng } from "../../../packages/session/src/randomness.ts";
import { laneFrame } from "../../shards/sharded.ts";
import type { VectorInput } from "./inputs.ts";
import { prepareFor } from "./prepare.ts";

/** Frames up to the first length are recorded in full, of longer ones the first bytes. */
const FULL_BYTES_MAX = 256;
const HEAD_BYTES = 64;

/** As it went over the connection, with its lane header. */
export interface SessionFrame {
  readonly from: Role;
  readonly bytes: Uint8Array;
}

/** The noise that each side's site was given to keep, number after number of the table; empty in an exact report. */
type Noise = Readonly<Record<Role, readonly bigint[]>>;

export interface RecordedSession {
  readonly data: PreparedPair;
  readonly results: Readonly<Record<Role, SessionResult>>;
  readonly noise: Noise;
  /** In the order in which the sender sent and received them. */
  readonly frames: readonly SessionFrame[];
  /** The content of the vector's file. */
  readonly vector: object;
}

/** The seed of a vector's randomness; each role draws from `SEED/role`. */
const seedOf = ({ name }: Pick<VectorInput, "name">) => `halfroom vector ${name}`;

/** What both roles of `input` run on: randomness follows from its name. */
export function setupOf(input: VectorInput, data: PreparedPair, pool: GroupPool) {
  return { data, terms: input.terms, pool, seed: seedOf(input), proposed: true };
}

export async function recordVector(input: VectorInput, pool: GroupPool): Promise<RecordedSession> {
  const data = await withCsvFiles(input, (files) => prepareFor(files, input.terms));
  const noise: Record<Role, readonly bigint[]> = { sender: [], receiver: [] };
  let log: readonly RecordedFrame[] = [];
  const ended = await runPair({
    ...setupOf(input, data, pool),
    siteOf: (role) => ({
      takeBudget: (_, drawn) => (noise[role] = drawn === undefined ? [] : numbersOf(drawn)),
    }),
    wrap(frames, role) {
      if (role === "receiver") return frames;
      const recorded = recordFrames(frames);
      log = recorded.log;
      return recorded;
    },
  });
  const resultOf = (role: Role) => {
    const ending = ended[role];
    if ("error" in ending) throw ending.error;
    return ending.result;
  };
  const results = { sender: resultOf("sender"), receiver: resultOf("receiver") };
  const frames = log.map(({ direction, frame }): SessionFrame => {
    return { from: direction === "sent" ? "sender" : "receiver", bytes: frame };
  });
  return { data, results, noise, frames, vector: vectorOf(input, data, results, noise, frames) };
}

function vectorOf(
  input: VectorInput,
  data: PreparedPair,
  results: RecordedSession["results"],
  noise: Noise,
  frames: readonly SessionFrame[],
) {
  const seed = seedOf(input);
  const { agreement } = results.sender.signed;
  // With the reference kernel, to compare the session's own with it.
  const oprfKey = generateKey(nobleKernel, seededRng(`${seed}/sender`).fork("oprf-key"));
  const places = placesOf(input, results.sender);
  const noisy = input.terms.release.mode === "noise";
  return {
    seeds: byRole((role) => `${seed}/${role}`),
    signingKeys: byRole(signingKey),
    oprfKey: hex(oprfKey),
    senderCsv: input.senderCsv,
    receiverCsv: input.receiverCsv,
    sender: { ...describeSender(data.sender), places: places.sender },
    receiver: { ...describeReceiver(data.receiver), places: places.receiver },
    pseudonyms: pseudonymsOf(data, oprfKey),
    agreement: Buffer.from(agreement.bytes).toString("utf8"),
    session: hex(agreement.session),
    frames: streamsOf(frames).map(describeFrame),
    ...(noisy && { noise: byRole((role) => noise[role].map(String)) }),
    reports: byRole((role) => describeReport(results[role])),
    commitment: hex(results.sender.receipt.report),
    nonces: byRole((role) => nonceOf(results[role])),
  };
}

function byRole<T>(of: (role: Role) => T): Record<Role, T> {
  return { sender: of("sender"), receiver: of("receiver") };
}

/** The private key of RFC 8032 and the public one. */
function signingKey(role: Role) {
  const { privateKey, signingKey: publicKey } = testIdentity(role);
  const { d } = privateKey.export({ format: "jwk" });
  return { private: Buffer.from(d!, "base64url").toString("hex"), public: hex(publicKey) };
}

/** The secret orders of the session, from the randomness that they are drawn from. */
export function placesOf(
  input: VectorInput,
  { signed }: SessionResult,
): { readonly sender: readonly number[]; readonly receiver: readonly (readonly number[])[] } {
  const { sender, receiver } = signed.agreement.content;
  const layout = layoutOf(input.terms, { categories: sender.categories, cells: receiver.cells });
  const { session } = signed.agreement;
  const rng = (role: Role) =>
    sessionRng(drawSecrets(seededRng(`${seedOf(input)}/${role}`)), { session, role });
  const ofCells = cellOrders(receiver.cells, layout, rng("receiver").fork("cell-order"));
  return {
    sender: Array.from(permutation(sender.categories, rng("sender").fork("category-order"))),
    receiver: ofCells.map((order) => Array.from(order)),
  };
}

function describeItems({ identifiers, items }: HeldItems) {
  const numbers = items && Array.from(items, (row) => (row === LACKING ? null : row));
  return { identifiers: rowsOf(identifiers), ...(numbers && { items: numbers }) };
}

function describeSender(sender: PreparedPair["sender"]) {
  const { measures, peoplePayload, categories, categoryLabels, events, digest } = sender;
  const texts = (column: BigInt64Array) => Array.from(column, String);
  return {
    digest: hex(digest),
    ...describeItems(sender),
    ...(peoplePayload && { people: texts(peoplePayload) }),
    measures: measures.map(texts),
    categories: Array.from(categories),
    categoryLabels,
    ...(events && {
      events: {
        counts: Array.from(events.counts),
        times: events.times.map((column) => Array.from(column)),
        values: events.values.map((slots) => slots.map(texts)),
      },
    }),
  };
}

function describeReceiver({ partitions, times, digest, ...items }: PreparedPair["receiver"]) {
  return {
    digest: hex(digest),
    ...describeItems(items),
    partitions: partitions.map(({ labels, cells, base, entries }) => ({
      labels,
      cells: Array.from(cells),
      base: Array.from(base),
      ...(entries && { entries: entries.map((slot) => Array.from(slot)) }),
    })),
    ...(times && { times: times.map((column) => Array.from(column)) }),
  };
}

/** By identifier; people on both sides appear once. */
function pseudonymsOf(data: PreparedPair, key: Uint8Array): Record<string, string> {
  const of = (rows: ByteRows) => {
    const outputs = evaluate(nobleKernel, key, rows)!;
    return rowsOf(rows).map((identifier, i): [string, string] => {
      return [identifier, hex(outputs.subarray(i * OUTPUT_BYTES, (i + 1) * OUTPUT_BYTES))];
    });
  };
  return Object.fromEntries([...of(data.sender.identifiers), ...of(data.receiver.identifiers)]);
}

/** The canonical report, and what only this side knows about it; null for a side that gets no result. */
function describeReport({ report }: SessionResult) {
  if (report === undefined) return null;
  return {
    canonical: Buffer.from(canonicalReport(report)).toString("utf8"),
    partitions: report.partitions.map(({ totals, hiddenCells, cellsTotal }) => ({
      ...(totals && { totals: totals.map(({ people, sums }) => textsOf([people, ...sums])) }),
      ...(cellsTotal !== undefined && { hiddenCells, cellsTotal }),
    })),
  };
}

/** What opens the commitment; null for a side that gets no result. */
function nonceOf({ reportNonce }: SessionResult): string | null {
  return reportNonce === undefined ? null : hex(reportNonce);
}

/** Numbers as text; null for one that was not opened. */
export function textsOf(numbers: readonly ({ readonly value: bigint } | undefined)[]): (string | null)[] {
  return numbers.map((number) => number?.value.toString() ?? null);
}

interface StreamFrame extends SessionFrame {
  /** "talk", "session", or the lane's number; `bytes` are without its head. */
  readonly stream: string | number;
}

/** Stream after stream: no rule says how those of lanes interleave. */
function streamsOf(frames: readonly SessionFrame[]): StreamFrame[] {
  const signed = new Set<Role>();
  const all = frames.map(({ from, bytes }): StreamFrame => {
    const { lane, frame } = laneFrame({ direction: "sent", frame: bytes });
    const stream = lane >= 0 ? lane : signed.has(from) ? "session" : "talk";
    if (lane < 0 && typeOf(frame) === "signature") signed.add(from);
    return { from, bytes: frame, stream };
  });
  const rank = ({ stream }: StreamFrame) => (typeof stream === "number" ? stream : -1);
  return all.toSorted((a, b) => rank(a) - rank(b));
}

function describeFrame({ from, stream, bytes }: StreamFrame) {
  const { sequence, message } = decodeFrame(new Uint8Array(bytes));
  const whole = bytes.length <= FULL_BYTES_MAX;
  return {
    from,
    stream,
    sequence,
    type: message.type,
    length: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    ...(whole ? { hex: hex(bytes) } : { head: hex(bytes.subarray(0, HEAD_BYTES)) }),
  };
}

/** What one side sent in each stream, for a comparison that ignores how lanes interleave. */
export function sentBy(role: Role, frames: readonly SessionFrame[]): Map<string | number, string[]> {
  const sent = new Map<string | number, string[]>();
  for (const { stream, from, bytes } of streamsOf(frames)) {
    if (from === role) sent.set(stream, [...(sent.get(stream) ?? []), hex(bytes)]);
  }
  return sent;
}

/** The type of a frame without a lane header. */
export function typeOf(frame: Uint8Array): string {
  return decodeFrame(new Uint8Array(frame)).message.type;
}

function numbersOf(drawn: Uint8Array): readonly bigint[] {
  return [...new BigInt64Array(new Uint8Array(drawn).buffer)];
}

function rowsOf(rows: ByteRows): string[] {
  return Array.from({ length: rowCount(rows) }, (_, i) => hex(rowAt(rows, i)));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
