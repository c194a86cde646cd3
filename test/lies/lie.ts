// Lies of a partner whose own record of the session holds them: what its protocol code sends is altered before it is numbered and
// hashed, or its people are other ones than it has. Both transcripts so agree, and only what is said can give the lie away.
import type { OpenChannel, Message } from "@halfroom/wire";
import type { PreparedPair } from "@halfroom/testkit";
import type { Role } from "@halfroom/session";

export type Dice = (bound: number) => number;

/** Sends through `ch` what `alter` makes of each message; the number of a message counts from 0. */
export function altering(
  ch: OpenChannel,
  alter: (message: Message, number: number) => readonly Message[],
): OpenChannel {
  let sent = 0;
  return {
    async send(message) {
      for (const each of alter(message, sent++)) await ch.send(each);
    },
    recv: (type) => ch.recv(type),
    recvOneOf: (types) => ch.recvOneOf(types),
    transcript: () => ch.transcript(),
    abort: (error) => ch.abort(error),
    close: () => ch.close(),
    get lanes() {
      return ch.lanes;
    },
    get bytesSent() {
      return ch.bytesSent;
    },
    get bytesReceived() {
      return ch.bytesReceived;
    },
    get messages() {
      return ch.messages;
    },
  };
}

/** What a lie makes of one message: other bytes in a field, now and then of another length, or another number of messages. */
export function lieAbout(message: Message, roll: Dice): readonly Message[] {
  const choice = roll(20);
  if (choice === 0) return [];
  if (choice === 1) return [message, message];
  const fields = Object.keys(message).filter((name) => name !== "type");
  const name = fields[roll(fields.length)]!;
  const value = (message as unknown as Record<string, unknown>)[name];
  return [{ ...message, [name]: otherValue(value, roll) }];
}

function otherValue(value: unknown, roll: Dice): unknown {
  if (typeof value === "number") return [0, 1, value ^ 1, value + 1, roll(2 ** 26)][roll(5)];
  if (typeof value === "string") return value.slice(1);
  const bytes = new Uint8Array(value as Uint8Array);
  if (roll(24) === 0) return bytes.slice(0, Math.max(0, bytes.length - 1 - roll(8)));
  if (bytes.length === 0) return Uint8Array.of(roll(256));
  return otherBytes(bytes, roll);
}

function otherBytes(bytes: Uint8Array, roll: Dice): Uint8Array {
  const at = roll(bytes.length);
  switch (roll(6)) {
    case 0:
      bytes[at]! ^= 1 << roll(8);
      return bytes;
    case 1:
      return bytes.map(() => roll(256));
    case 2:
      return bytes.fill(roll(2) * 255);
    case 3:
      // Adds to some of the 64-bit numbers, if the field is made of such.
      for (let word = at - (at % 8); word < bytes.length; word += 8 * (1 + roll(64)))
        bytes[word + roll(Math.min(8, bytes.length - word))]! += 1 + roll(255);
      return bytes;
    case 4:
      return Uint8Array.from(bytes, (_, i) => bytes[(i + at) % bytes.length]!);
    default:
      return bytes.map((byte) => (roll(3) === 0 ? byte ^ roll(256) : byte));
  }
}

/** Flips all of a share's bits, or some. */
export function altered(bits: Uint32Array, all: boolean, roll: Dice): void {
  bits.forEach((word, i) => (bits[i] = all ? ~word : word ^ (1 << roll(32))));
}

/** The pair with other people on the liar's side: values beyond the clip, other people, other cells, other labels. */
export function lyingData(pair: PreparedPair, liar: Role, roll: Dice): PreparedPair {
  const huge = () =>
    BigInt.asIntN(64, (BigInt(roll(2 ** 31)) << BigInt(roll(34))) * (roll(2) === 0 ? 1n : -1n));
  if (liar === "sender") {
    const { sender } = pair;
    const values = (each: BigInt64Array) => (roll(2) === 0 ? each.map(huge) : each.fill(huge()));
    const measures = sender.measures.map((each) => values(each.slice()));
    const events = sender.events && {
      ...sender.events,
      values: sender.events.values.map((slots) => slots.map((each) => values(each.slice()))),
    };
    const categories = sender.categories.map(() => roll(Math.max(1, sender.categoryLabels.length)));
    const categoryLabels = sender.categoryLabels.map(hostileLabels(roll));
    return {
      ...pair,
      sender: { ...sender, measures, categories, categoryLabels, ...(events && { events }) },
    };
  }
  const { receiver } = pair;
  const partitions = receiver.partitions.map((partition) => ({
    ...partition,
    cells: partition.cells.map(() => roll(partition.labels.length)),
    base: partition.base.map((size) => (roll(2) === 0 ? size : roll(2 ** 31))),
    labels: partition.labels.map(hostileLabels(roll)),
  }));
  return { ...pair, receiver: { ...receiver, partitions } };
}

const LABELS = ["", "a", "\u0000", "\u202e", "\ud800", "x".repeat(1025), "__proto__", "1e999", "\u001b[2J"];

function hostileLabels(roll: Dice): (labels: readonly string[]) => string[] {
  return (labels) => labels.map((label) => (roll(2) === 0 ? label : LABELS[roll(LABELS.length)]!));
}
