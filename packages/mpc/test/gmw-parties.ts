// Two parties in memory, with triples from a trusted dealer.
import { createCipheriv, createHash } from "node:crypto";
import { randomWords, type Rng } from "@halfroom/crypto";
import type { Channel, Message } from "@halfroom/wire";
import { TriplePool, type Role } from "@halfroom/mpc";

type GateChannel = Channel<"gateOpening", "gateOpening">;

/** A reproducible generator: the AES-256-CTR key stream under the hash of a seed and of the labels on its path. */
export function seededRng(seed: string): Rng {
  const key = createHash("sha256").update(seed).digest();
  const stream = createCipheriv("aes-256-ctr", key, Buffer.alloc(16));
  return {
    bytes: (length) => new Uint8Array(stream.update(Buffer.alloc(length))),
    fork: (label) => seededRng(`${seed}/${label}`),
  };
}

/** Pools of both parties: xor shares of random triples. */
export function dealTriples(words: number, rng: Rng): Record<Role, TriplePool> {
  const sender = { a: randomWords(rng, words), b: randomWords(rng, words), c: randomWords(rng, words) };
  const a = randomWords(rng, words);
  const b = randomWords(rng, words);
  const c = sender.c.map((share, i) => share ^ ((sender.a[i]! ^ a[i]!) & (sender.b[i]! ^ b[i]!)));
  return { sender: new TriplePool(sender), receiver: new TriplePool({ a, b, c }) };
}

/** Runs both parties at once. `sent` holds the length of each message of the sender. */
export async function runBoth<T>(party: (ch: GateChannel, role: Role) => Promise<T>) {
  const sent: Record<Role, number[]> = { sender: [], receiver: [] };
  const queues: Record<Role, Message<"gateOpening">[]> = { sender: [], receiver: [] };
  const waiting: Partial<Record<Role, (message: Message<"gateOpening">) => void>> = {};
  const end = (role: Role, other: Role): GateChannel => ({
    async send(message) {
      sent[role].push(message.data.length);
      const wake = waiting[other];
      delete waiting[other];
      if (wake) wake(message);
      else queues[other].push(message);
    },
    recv: async <M extends "gateOpening">() =>
      (queues[role].shift() ??
        (await new Promise<Message<"gateOpening">>((resolve) => (waiting[role] = resolve)))) as Message<M>,
  });
  const [sender, receiver] = await Promise.all([
    party(end("sender", "receiver"), "sender"),
    party(end("receiver", "sender"), "receiver"),
  ]);
  return { sender, receiver, sent };
}
