// Two parties in memory, with triples from a trusted dealer.
import { randomWords, type Rng } from "@halfroom/crypto";
import { memoryFrames, recordFrames } from "@halfroom/testkit";
import { openChannel, type Channel } from "@halfroom/wire";
import { TriplePool, type Gates, type Role } from "@halfroom/mpc";

/** Pools of both parties: xor shares of random triples. */
export function dealTriples(words: number, rng: Rng): Record<Role, TriplePool> {
  const sender = { a: randomWords(rng, words), b: randomWords(rng, words), c: randomWords(rng, words) };
  const a = randomWords(rng, words);
  const b = randomWords(rng, words);
  const c = sender.c.map((share, i) => share ^ ((sender.a[i]! ^ a[i]!) & (sender.b[i]! ^ b[i]!)));
  return { sender: new TriplePool(sender), receiver: new TriplePool({ a, b, c }) };
}

/** One gate: this side's share of x AND y. */
export async function and(gates: Gates, x: Uint32Array, y: Uint32Array): Promise<Uint32Array> {
  const [product] = await gates.and([
    { left: { name: "x", bits: x }, right: { name: "y", bits: y }, output: "z" },
  ]);
  return product!.bits;
}

/** Runs both parties at once. `sent` holds the number of messages of each. */
export async function runBoth<T>(party: (ch: Channel, role: Role) => Promise<T>) {
  const [left, right] = memoryFrames({ idleMs: 60_000 });
  const ends = { sender: recordFrames(left), receiver: recordFrames(right) };
  const run = (role: Role) => party(openChannel(ends[role], role), role);
  const [sender, receiver] = await Promise.all([run("sender"), run("receiver")]);
  const sent = (role: Role) => ends[role].log.filter(({ direction }) => direction === "sent").length;
  return { sender, receiver, sent: { sender: sent("sender"), receiver: sent("receiver") } };
}
