// Pseudonyms in tests: a store of them in memory, and what goes into one and comes out of it.
import { heldRows, packRows, RecordStore, rowAt, rowCount, type ByteRows } from "@halfroom/crypto";
import { OUTPUT_BYTES } from "@halfroom/match";
import { PSEUDONYM_WORDS, type PseudonymStore } from "@halfroom/session";

const keyOf = (identifiers: ByteRows, row: number) => Buffer.from(rowAt(identifiers, row)).toString("hex");

/** Keeps pseudonyms in memory. */
export function memoryPseudonyms(): PseudonymStore {
  const kept = new Map<string, Uint8Array>();
  return {
    async find(identifiers, _scratch, found) {
      const rows = await identifiers.read(0, identifiers.count);
      const missing: number[] = [];
      for (let row = 0; row < identifiers.count; row++) {
        const known = kept.get(keyOf(rows, row));
        if (known === undefined) missing.push(row);
        else await found(pseudonymRecords(known, row));
      }
      return Uint32Array.from(missing);
    },
    collect() {
      const added: (readonly [key: string, pseudonym: Uint8Array])[] = [];
      return {
        async add(identifiers, pseudonyms) {
          for (let row = 0; row < rowCount(identifiers); row++)
            added.push([
              keyOf(identifiers, row),
              pseudonyms.slice(row * OUTPUT_BYTES, (row + 1) * OUTPUT_BYTES),
            ]);
        },
        async keep() {
          for (const [key, pseudonym] of added) kept.set(key, pseudonym);
        },
      };
    },
  };
}

/** Records of number and pseudonym, from so many x 64 bytes. */
export function pseudonymRecords(pseudonyms: Uint8Array, first = 0): Uint32Array {
  const count = pseudonyms.length / OUTPUT_BYTES;
  const records = new Uint32Array(count * PSEUDONYM_WORDS);
  const bytes = new Uint8Array(records.buffer);
  for (let i = 0; i < count; i++) {
    records[i * PSEUDONYM_WORDS] = first + i;
    const pseudonym = pseudonyms.subarray(i * OUTPUT_BYTES, (i + 1) * OUTPUT_BYTES);
    bytes.set(pseudonym, (i * PSEUDONYM_WORDS + 1) * 4);
  }
  return records;
}

/** The same backwards: people x 64 bytes, zero where there is no record. */
export function pseudonymsIn(records: Uint32Array, pseudonyms: Uint8Array): void {
  const bytes = new Uint8Array(records.buffer, records.byteOffset, records.byteLength);
  for (let i = 0; i < records.length; i += PSEUDONYM_WORDS)
    pseudonyms.set(bytes.subarray((i + 1) * 4, (i + PSEUDONYM_WORDS) * 4), records[i]! * OUTPUT_BYTES);
}

/** What is known of some people. */
interface KnownPeople {
  /** People x 64 bytes; zero for the missing ones. */
  readonly pseudonyms: Uint8Array;
  /** Numbers of people, ascending. */
  readonly missing: Uint32Array;
}

/** Looks people up. */
export async function findPseudonyms(store: PseudonymStore, identifiers: ByteRows): Promise<KnownPeople> {
  const pseudonyms = new Uint8Array(rowCount(identifiers) * OUTPUT_BYTES);
  const missing = await store.find(heldRows(identifiers), new RecordStore(), async (records) =>
    pseudonymsIn(records, pseudonyms),
  );
  return { pseudonyms, missing };
}

/** Keeps pseudonyms (people x 64 bytes) of those among `identifiers` who have none. Resolves to their numbers. */
export async function keepPseudonyms(
  store: PseudonymStore,
  identifiers: ByteRows,
  values: Uint8Array,
): Promise<Uint32Array> {
  const { missing } = await findPseudonyms(store, identifiers);
  const fresh = store.collect(new RecordStore());
  for (const row of missing)
    await fresh.add(
      packRows([rowAt(identifiers, row)]),
      values.slice(row * OUTPUT_BYTES, (row + 1) * OUTPUT_BYTES),
    );
  await fresh.keep();
  return missing;
}

/** Records of a side's people, numbered from 0, piece after piece. */
export async function* streamedPseudonyms(pseudonyms: Uint8Array): AsyncGenerator<Uint32Array> {
  const piece = 1000 * OUTPUT_BYTES;
  for (let at = 0; at < pseudonyms.length; at += piece)
    yield pseudonymRecords(pseudonyms.subarray(at, at + piece), at / OUTPUT_BYTES);
}
