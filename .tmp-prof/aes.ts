import { chooseAes, nodeAes } from "../packages/crypto/src/aes-cipher.ts";
for (const c of [chooseAes(), nodeAes]) {
  const a = new Uint8Array(1 << 21), b = new Uint8Array(1 << 21);
  const f = c.blocks(a.subarray(0, 16)), g = c.stream(a.subarray(0, 16));
  for (let r = 0; r < 2; r++) {
  let c0 = process.cpuUsage(); for (let i = 0; i < 200; i++) f(a, b); let d = process.cpuUsage(c0); console.log(c.name, "ecb GB/s", (200 * a.length) / 1e3 / (d.user + d.system));
  c0 = process.cpuUsage(); for (let i = 0; i < 200; i++) g(b); d = process.cpuUsage(c0); console.log(c.name, "ctr GB/s", (200 * a.length) / 1e3 / (d.user + d.system)); }
}
