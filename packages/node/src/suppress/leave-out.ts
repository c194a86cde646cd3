// Prepared people without those who opted out.
import { packRows, rowAt, rowCount, type ByteRows } from "@halfroom/crypto";
import type { PreparedReceiver, PreparedSender } from "@halfroom/prepare";
import type { SuppressList } from "./suppress-list.ts";

/** The sender's people with their measures. */
export function withoutSuppressedSender(data: PreparedSender, list: SuppressList): PreparedSender {
  const keep = list.remaining(data.identifiers);
  if (keep.length === rowCount(data.identifiers)) return data;
  const measures = data.measures.map((values) => BigInt64Array.from(keep, (person) => values[person]!));
  return { ...data, people: keep.length, identifiers: rowsOf(data.identifiers, keep), measures };
}

/** The receiver's people with their cells; a cell that nobody is left in stays, as an empty one. */
export function withoutSuppressedReceiver(data: PreparedReceiver, list: SuppressList): PreparedReceiver {
  const keep = list.remaining(data.identifiers);
  if (keep.length === rowCount(data.identifiers)) return data;
  const cells = keep.map((person) => data.cells[person]!);
  return { ...data, people: keep.length, identifiers: rowsOf(data.identifiers, keep), cells };
}

function rowsOf(rows: ByteRows, keep: Uint32Array): ByteRows {
  return packRows(Array.from(keep, (person) => rowAt(rows, person)));
}
