// What a node holds of everybody in a dataset while it works on it.
import { RecordStore } from "@halfroom/crypto";
import type { Scratch } from "./scratch.ts";

/** Records that go to the node's scratch folder when memory is full. */
export function recordsIn(scratch: Scratch): RecordStore {
  return new RecordStore({ openFolder: () => scratch.open(), memoryBytes: scratch.recordsBytes });
}

/** Records for as long as `use` runs. */
export async function withRecords<T>(
  scratch: Scratch,
  use: (records: RecordStore) => Promise<T>,
): Promise<T> {
  const records = recordsIn(scratch);
  try {
    return await use(records);
  } finally {
    await records.close();
  }
}
