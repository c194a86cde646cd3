// What each kind of message moved in one session, beside what the byte model says.
import type { MessageBytes } from "@halfroom/session";
import type { MessageType } from "@halfroom/wire";

/** Bytes by the side that sent them. */
interface BySide {
  readonly sender: number;
  readonly receiver: number;
}

export interface KindOfMessage {
  readonly type: MessageType;
  /** Of the fields; 0 for what the model leaves out. */
  readonly modelled: BySide;
  /** With the frames. */
  readonly measured: BySide;
}

const NOTHING: BySide = { sender: 0, receiver: 0 };

/** All kinds that were modelled or moved, by their names. */
export function kindsOf(modelled: readonly MessageBytes[], moved: readonly CountedBytes[]): KindOfMessage[] {
  const types = new Set([...modelled, ...moved].map(({ type }) => type));
  return [...types]
    .sort((a, b) => (a < b ? -1 : 1))
    .map((type) => ({
      type,
      modelled: bySide(modelled.filter((row) => row.type === type)),
      measured: bySide(moved.filter((row) => row.type === type)),
    }));
}

/** Bytes of one kind of message that one side sent. */
export interface CountedBytes {
  readonly type: MessageType;
  readonly from: keyof BySide;
  readonly bytes: number;
}

function bySide(rows: readonly Omit<CountedBytes, "type">[]): BySide {
  return rows.reduce((sum, { from, bytes }) => ({ ...sum, [from]: sum[from] + bytes }), NOTHING);
}
