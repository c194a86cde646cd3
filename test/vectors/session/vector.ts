// The recorded form of a session: enough to check another implementation stage by stage, small enough to keep. Every frame
// stands with its length and its SHA-256, a short one in full; `record.ts --frames` writes the long ones too.
import { createHash } from "node:crypto";
import { nobleKernel, rowAt, type ByteRows, type GroupPool } from "@halfroom/crypto";
import { evaluate, generateKey, OUTPUT_BYTES } from "@halfroom/match";
import { type Role } from "@halfroom/session";
import {
  type PlainTable,
  type PreparedPair,
  preparePair,
  type RecordedFrame,
  recordFrames,
  resultOf,
  runPair,
  seededRng,
  withCsvFiles,
} from "@halfroom/testkit";
import { decodeFrame } from "@halfroom/wire";
import type { VectorInput } from "./inputs.ts";

/** Frames up to this length stand in full, of longer ones so much. */
const FULL_BYTES_MAX = 256;
const HEAD_BYTES = 64;

export interface SessionFrame {
  readonly from: Role;
  readonly bytes: Uint8Array;
}

export interface RecordedSession {
  readonly data: PreparedPair;
  readonly frames: readonly SessionFrame[];
  /** What the vector's file holds. */
  readonly vector: object;
}

/** The seed of a vector's randomness; each role draws from `SEED/role`. */
export const seedOf = ({ name }: VectorInput) => `halfroom vector ${name}`;

/** Runs both roles of `input` on randomness that follows from its name. */
export async function recordVector(input: VectorInput, pool: GroupPool): Promise<RecordedSession> {
  const { terms, senderCsv, receiverCsv } = input;
  const seed = seedOf(input);
  const data = await withCsvFiles(input, (files) => preparePair(files, terms));
  let log: readonly RecordedFrame[] = [];
  const ended = await runPair({
    data,
    terms,
    pool,
    seed,
    wrap(frames, role) {
      if (role === "receiver") return frames;
      const recorded = recordFrames(frames);
      log = recorded.log;
      return recorded;
    },
  });
  const { session, table } = resultOf(ended.receiver);
  const frames = log.map(({ direction, frame }): SessionFrame => {
    return { from: direction === "sent" ? "sender" : "receiver", bytes: frame };
  });
  // With the reference kernel, so that the session's own one is held against it.
  const key = generateKey(nobleKernel, seededRng(`${seed}/sender`).fork("oprf-key"));
  const pseudonyms = (rows: ByteRows) => pieces(evaluate(nobleKernel, key, rows)!, OUTPUT_BYTES);
  const vector = {
    seeds: { sender: `${seed}/sender`, receiver: `${seed}/receiver` },
    terms: { ...terms, measures: terms.measures.map(textBounds) },
    senderCsv,
    receiverCsv,
    sender: {
      identifiers: rowsOf(data.sender.identifiers),
      measures: data.sender.measures.map((column) => Array.from(column, String)),
      oprfKey: hex(key),
      pseudonyms: pseudonyms(data.sender.identifiers),
    },
    receiver: {
      identifiers: rowsOf(data.receiver.identifiers),
      labels: data.receiver.partitions[0]!.labels,
      cells: Array.from(data.receiver.partitions[0]!.cells),
      pseudonyms: pseudonyms(data.receiver.identifiers),
    },
    session: hex(session),
    frames: frames.map(describeFrame),
    table: describeTable(table),
  };
  return { data, frames, vector };
}

function describeFrame({ from, bytes }: SessionFrame) {
  const { sequence, message } = decodeFrame(new Uint8Array(bytes));
  const whole = bytes.length <= FULL_BYTES_MAX;
  return {
    from,
    sequence,
    type: message.type,
    length: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    ...(whole ? { hex: hex(bytes) } : { head: hex(bytes.subarray(0, HEAD_BYTES)) }),
  };
}

function describeTable({ cells, suppressed, cellsTotal }: PlainTable) {
  return {
    cells: cellTexts(cells),
    suppressed,
    cellsTotal,
  };
}

/** Numbers as text; null for a sum that was not opened. */
export function cellTexts(cells: PlainTable["cells"]) {
  return cells.map(({ labels, people, sums }) => ({
    labels,
    people: people.toString(),
    sums: sums.map((sum) => sum?.toString() ?? null),
  }));
}

function textBounds({ name, low, high, decimals }: VectorInput["terms"]["measures"][number]) {
  return { name, low: low.toString(), high: high.toString(), decimals };
}

function rowsOf(rows: ByteRows): string[] {
  return Array.from({ length: rows.offsets.length - 1 }, (_, i) => hex(rowAt(rows, i)));
}

function pieces(bytes: Uint8Array, length: number): string[] {
  return Array.from({ length: bytes.length / length }, (_, i) =>
    hex(bytes.subarray(i * length, (i + 1) * length)),
  );
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
