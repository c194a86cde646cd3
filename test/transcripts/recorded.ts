// A session with its frames recorded as each side saw them.
import type { GroupPool } from "@halfroom/crypto";
import { type Terms, type Role } from "@halfroom/session";
import {
  type PlainTable,
  type PreparedPair,
  preparePair,
  type RecordedFrame,
  recordFrames,
  resultOf,
  runPair,
  withCsvFiles,
} from "@halfroom/testkit";
import { decodeFrame } from "@halfroom/wire";

export interface Csv {
  readonly senderCsv: string;
  readonly receiverCsv: string;
}

export interface Recorded {
  readonly data: PreparedPair;
  /** All frames of both directions in the order in which this role sent and received them. */
  readonly logs: Readonly<Record<Role, readonly RecordedFrame[]>>;
  readonly tables: Readonly<Record<Role, PlainTable>>;
  readonly session: Uint8Array;
}

export async function recordSession(
  csv: Csv,
  terms: Terms,
  pool: GroupPool,
  seed: string,
  change: (data: PreparedPair) => PreparedPair = (data) => data,
): Promise<Recorded> {
  return await withCsvFiles(csv, async (files) => {
    const data = change(await preparePair(files, terms));
    const logs: Partial<Record<Role, readonly RecordedFrame[]>> = {};
    const ended = await runPair({
      data,
      terms,
      pool,
      seed,
      wrap(frames, role) {
        const recorded = recordFrames(frames);
        logs[role] = recorded.log;
        return recorded;
      },
    });
    const { session, table } = resultOf(ended.sender);
    return {
      data,
      logs: logs as Recorded["logs"],
      tables: { sender: table, receiver: resultOf(ended.receiver).table },
      session,
    };
  });
}

/** Direction, type and length of each frame: all that may follow from public sizes alone. */
export function outline(log: readonly RecordedFrame[]): string[] {
  return log.map(({ direction, frame }) => {
    return `${direction} ${decodeFrame(new Uint8Array(frame)).message.type} ${frame.length}`;
  });
}

export function csvText(header: string, rows: readonly (readonly string[])[]): string {
  return [header, ...rows.map((row) => row.join(","))].join("\n");
}
