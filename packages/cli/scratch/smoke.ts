import { loadSodium, systemRng, randomWords } from "@halfroom/crypto";
import { OtReceiverSeeds, OtSenderSeeds, randomTriples } from "../../mpc/src/index.ts";
import { membershipReceiver, membershipSender } from "../../match/src/index.ts";
import { groupReceiver, groupSender } from "../../aggregate/src/index.ts";
function mem() {
  const q: any[][] = [[], []]; const w: any[] = [[], []];
  const mk = (me: number): any => ({
    send: async (m: any) => { const o = 1 - me; const x = w[o].shift(); if (x) x(m); else q[o]!.push(m); },
    recv: async (t: string) => { const m: any = q[me]!.length ? q[me]!.shift() : await new Promise((r) => w[me].push(r)); if (m.type !== t) throw new Error(`got ${m.type} want ${t}`); return m; },
  });
  return [mk(0), mk(1)];
}
const kernel = await loadSodium();
const [a, b] = mem();
const session = systemRng.bytes(32);
const n = Number(process.argv[2] ?? 2000), M = 1, cells = Number(process.argv[3] ?? 8);
const base = { session, kernel, rng: systemRng, k: 4 as const };
const t0 = performance.now();
const lap = (x: string) => console.log(x, ((performance.now() - t0) / 1000).toFixed(2));
const est = async (ch: any, role: any) => {
  const other = role === "sender" ? "receiver" : "sender";
  const s = () => OtSenderSeeds.establish(ch, { ...base, direction: role });
  const r = () => OtReceiverSeeds.establish(ch, { ...base, direction: other as any });
  if (role === "sender") { const sending = await s(); return { sending, receiving: await r() }; }
  const receiving = await r(); return { sending: await s(), receiving };
};
const [S, R] = await Promise.all([est(a, "sender"), est(b, "receiver")]);
lap("seeds");
// triples
const [x, y] = await Promise.all([
  randomTriples(a, "sender", { sending: S.sending.fork("t", 0), receiving: S.receiving.fork("t", 0) }, 100),
  randomTriples(b, "receiver", { sending: R.sending.fork("t", 0), receiving: R.receiving.fork("t", 0) }, 100)]);
let bad = 0; for (let i = 0; i < 100; i++) if ((((x.a[i]! ^ y.a[i]!) & (x.b[i]! ^ y.b[i]!)) ^ x.c[i]! ^ y.c[i]!) !== 0) bad++;
console.log("bad triples", bad, x.a[0], x.b[0]);
const people = Array.from({ length: n }, () => systemRng.bytes(64));
const pS = new Uint8Array(n * 64), pR = new Uint8Array(n * 64);
people.forEach((p, i) => pS.set(p, i * 64));
people.forEach((p, i) => pR.set(i % 2 ? p : systemRng.bytes(64), i * 64));
const vals = BigInt64Array.from({ length: n }, (_, i) => BigInt(i) - 500n);
const ctx = { session, shard: 0, rng: systemRng, senderPeople: n, receiverPeople: n, measures: M };
const [u0, r1] = await Promise.all([membershipSender(a, pS, [vals], { ...ctx, ...S }), membershipReceiver(b, pR, { ...ctx, ...R })]);
lap("match");
const cellOf = Uint32Array.from(r1.people, (p) => (p < 0 ? 0 : p % cells));
const g = { session, shard: 0, partition: 0, cells, columns: 1 + M };
const [t1, t2] = await Promise.all([groupSender(a, u0, g, S.sending), groupReceiver(b, r1.shares, cellOf, g, R.receiving)]);
lap("aggregate");
const A = new BigInt64Array(t1.buffer), B = new BigInt64Array(t2.buffer);
const got = Array.from(A, (v, i) => BigInt.asIntN(64, v + B[i]!));
const want = Array.from({ length: cells * 2 }, () => 0n);
for (let i = 1; i < n; i += 2) { want[(i % cells) * 2]! += 1n; want[(i % cells) * 2 + 1]! += vals[i]!; }
console.log(String(got) === String(want) ? "EQUAL" : `DIFF\n${got}\n${want}`);
