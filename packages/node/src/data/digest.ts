// What tells whether prepared data is the same as at an earlier session. The order of rows does not matter.
import { createHash } from "node:crypto";
import { rowAt } from "@halfroom/crypto";
import type { PreparedReceiver, PreparedSender } from "@halfroom/prepare";

/** 32 bytes over people and measures. */
export function digestSender({ identifiers, measures, people }: PreparedSender): Uint8Array {
  return digestPeople("sender", people, (person) => [
    rowAt(identifiers, person),
    ...measures.map((values) => int64(values[person]!)),
  ]);
}

/** 32 bytes over people and the labels of their cells. */
export function digestReceiver({ identifiers, cells, labels, people }: PreparedReceiver): Uint8Array {
  return digestPeople("receiver", people, (person) => [
    rowAt(identifiers, person),
    Buffer.from(JSON.stringify(labels[cells[person]!])),
  ]);
}

/** A hash of the sorted hashes of all people. */
function digestPeople(role: string, people: number, partsOf: (person: number) => Uint8Array[]): Uint8Array {
  const hashes: Buffer[] = [];
  for (let person = 0; person < people; person++) {
    const hash = createHash("sha256");
    for (const part of partsOf(person)) hash.update(int64(BigInt(part.length))).update(part);
    hashes.push(hash.digest());
  }
  hashes.sort(Buffer.compare);
  const all = createHash("sha256").update(`halfroom/v1/data/${role}`);
  for (const hash of hashes) all.update(hash);
  return new Uint8Array(all.digest());
}

function int64(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return bytes;
}
