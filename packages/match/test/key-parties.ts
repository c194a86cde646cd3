// Both ends of the keys of bins in memory, made either way (protocol-spec.md, section 11.3).
import { addMultiples, randomWords } from "@halfroom/crypto";
import { binOprf } from "@halfroom/match";
import { runParties, seededRng, testSession, testTransfers } from "@halfroom/testkit";
import type { OpenChannel } from "@halfroom/wire";
import type { BinKeys } from "../src/membership/bin-oprf.ts";
import { vectorReceiver, vectorSender } from "../src/membership/bin-vector.ts";
import { bulk } from "./decode-attack.ts";

export const KEY_WORDS = 8;
export const PSEUDONYM_BYTES = 64;

/** What the sender makes keys for: a bin, and the number of a pseudonym. */
export type Entries = readonly (readonly [bin: number, number: number])[];

interface Ends {
  receiver(ch: OpenChannel): Promise<Uint32Array>;
  sender(ch: OpenChannel): Promise<BinKeys>;
}

/** Runs both ends. Keys as texts, one for each entry and one for each bin; `sent`: the receiver's message of this type. */
async function runEnds(
  ends: Ends,
  type: "binMasks" | "binMatrix",
  entryPseudonyms: Uint8Array,
  entries: Entries,
) {
  const column = (part: 0 | 1) => Uint32Array.from(entries, (entry) => entry[part]);
  const { sender, receiver, log } = await runParties<Uint32Array>(async (ch, role) => {
    if (role === "receiver") return await ends.receiver(ch);
    return (await ends.sender(ch)).keys(column(0), column(1), entryPseudonyms);
  });
  return {
    senderKeys: keysIn(sender),
    receiverKeys: keysIn(receiver),
    sent: bulk(log.receiver, "sent", type),
  };
}

export function keysIn(words: Uint32Array): string[] {
  return Array.from({ length: words.length / KEY_WORDS }, (_, i) =>
    words.subarray(i * KEY_WORDS, (i + 1) * KEY_WORDS).join(),
  );
}

export function randomPseudonyms(seed: string, count: number): Uint8Array {
  return seededRng(seed).bytes(count * PSEUDONYM_BYTES);
}

/** A vector of so many elements as a third party would deal it. */
export function dealtVector(count: number, seed = "vector") {
  const rng = seededRng(seed);
  const [rows, factors] = [randomWords(rng, count * 4), randomWords(rng, count * 4)];
  const delta = randomWords(rng, 4);
  const ofReceiver = rows.slice();
  addMultiples(delta, factors, ofReceiver);
  return { sender: { rows, delta }, receiver: { factors, rows: ofReceiver } };
}

const ofVectors = { session: testSession("bin vector"), shard: 7 };

/** Keys from a vector, for bins with these pseudonyms and entries of `entryPseudonyms`. */
export async function keysByVector(
  pseudonyms: Uint8Array,
  entryPseudonyms: Uint8Array,
  entries: Entries,
  vector = dealtVector(pseudonyms.length / PSEUDONYM_BYTES + 3),
) {
  const ends: Ends = {
    receiver: (ch) => vectorReceiver(ch, ofVectors, pseudonyms, vector.receiver),
    sender: (ch) => vectorSender(ch, ofVectors, pseudonyms.length / PSEUDONYM_BYTES, vector.sender),
  };
  return await runEnds(ends, "binMasks", entryPseudonyms, entries);
}

const session = testSession("bin oprf");
const transfers = await testTransfers(session);
let shards = 0;

/** A shard in which no keys were made. */
export function nextShard(): number {
  return ++shards;
}

/** Keys from a matrix; `sender` and `receiver` replace the steps of a side. */
export async function keysByMatrix(
  pseudonyms: Uint8Array,
  entryPseudonyms: Uint8Array,
  entries: Entries,
  { shard = nextShard(), receiver = binOprf, sender = binOprf } = {},
) {
  const context = { session, shard };
  const ends: Ends = {
    async receiver(ch) {
      const columns = await transfers.receiver.sending("test", shard).blocks(ch, 512);
      return await receiver.receiver(ch, context, pseudonyms, columns, seededRng("coins"));
    },
    async sender(ch) {
      const columns = await transfers.sender.receiving("test", shard).blocks(ch, 512);
      return await sender.sender(ch, context, pseudonyms.length / PSEUDONYM_BYTES, columns);
    },
  };
  return await runEnds(ends, "binMatrix", entryPseudonyms, entries);
}
