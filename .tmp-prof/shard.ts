import { systemRng, hash256 } from "@halfroom/crypto";
import { memoryFrames, establishTransfers, seededRng } from "@halfroom/testkit";
import { openChannel } from "@halfroom/wire";
import { runTask } from "../packages/node/src/shards/task.ts";
const N = Number(process.argv[2] ?? 65536), S = Number(process.argv[3] ?? N), rep = Number(process.argv[4] ?? 2), K = Number(process.argv[5] ?? 4) as 4|8;
const session = hash256("testkit/session", new Uint8Array(0), "prof");
const t = await establishTransfers(session, undefined, K);
const seeds = { sender: t.sender, receiver: t.receiver };
const pr = seededRng("p").bytes(Math.max(N,S) * 64);
const layout = { columns: 2, payloads: 1, countsMembers: true, groupings: [{ partition: 0, cells: 64, firstCell: 0 }], cells: 64 } as const;
for (let r = 0; r < rep; r++) {
  const [l, ri] = memoryFrames({ idleMs: 600000 });
  const chs = { sender: openChannel(l, "sender"), receiver: openChannel(ri, "receiver") };
  const run = (role: "sender" | "receiver") => runTask(chs[role], {
    people: { pseudonyms: pr.slice(0, (role === "sender" ? S : N) * 64), payloads: role === "sender" ? [new BigInt64Array(S).fill(5n)] : [], cellsOf: role === "receiver" ? [Uint32Array.from({ length: N }, (_, i) => i % 64)] : [] },
    numbers: { session, role, shard: r, shards: 16, layout, senderPeople: S, receiverPeople: N, k: K } as never,
    sending: seeds[role].sending.state, receiving: seeds[role].receiving.state,
  }, systemRng, () => {});
  const c0 = process.cpuUsage(); const w0 = performance.now();
  const [a, b] = await Promise.all([run("sender"), run("receiver")]);
  const c = process.cpuUsage(c0);
  const ta = new BigInt64Array(a.buffer), tb = new BigInt64Array(b.buffer);
  let sum = 0n; for (let i = 0; i < ta.length; i += 2) sum += BigInt.asIntN(64, ta[i]! + tb[i]!);
  console.log(`matched ${sum}; user ${(c.user / 1e6).toFixed(2)} sys ${(c.system / 1e6).toFixed(2)} wall ${((performance.now() - w0) / 1000).toFixed(2)}; rows/s per core-node ${(2 * N / ((c.user + c.system) / 1e6)).toFixed(0)}; bytes/row ${((chs.sender.bytesSent + chs.sender.bytesReceived) / N).toFixed(0)}; rss ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
}
