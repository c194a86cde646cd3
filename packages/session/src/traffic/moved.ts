// Rows of the byte model: what one kind of message brings from one side to the other, in one part of the protocol.
import { otherRole, type Role } from "@halfroom/mpc";
import { MESSAGES, type Field, type MessageType } from "@halfroom/wire";

export interface Moved {
  readonly from: Role;
  readonly type: MessageType;
  /** Of the fields, without frames. */
  readonly bytes: number;
}

export function moved(from: Role, type: MessageType, bytes: number): Moved {
  return { from, type, bytes };
}

/** The same from either side. */
export function movedBoth(type: MessageType, bytes: number): Moved[] {
  return [moved("sender", type, bytes), moved("receiver", type, bytes)];
}

/** Corrections of transfers are the chooser's, who is the other role than the direction's. */
export function corrections(direction: Role, bytes: number): Moved {
  return moved(otherRole(direction), "otCorrections", bytes);
}

/** Messages of a type, without what of it varies in length. */
export function fixed(from: Role, type: MessageType, messages = 1): Moved {
  const fields: readonly Field[] = Object.values(MESSAGES[type].fields);
  const bytes = fields.reduce(
    (sum, field) => sum + (field.kind === "bytes" && field.min === field.max ? field.max : 0),
    0,
  );
  return moved(from, type, messages * bytes);
}

export function fixedBoth(type: MessageType, messages = 1): Moved[] {
  return [fixed("sender", type, messages), fixed("receiver", type, messages)];
}

/** So many shards alike. */
export function times(shards: number, rows: readonly Moved[]): Moved[] {
  return rows.map((row) => ({ ...row, bytes: shards * row.bytes }));
}
