// No two tests are given one port, in whichever processes they run, and no connection is.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { freePort, PORTS } from "./free-port.ts";

const TYPESCRIPT = new URL("../../tools/typescript.js", import.meta.url).href;
const HERE = new URL("free-port.ts", import.meta.url).href;

/** Ports that another process is given, which starts where this one does: at the port `from`. */
async function portsOfAnother(from: number, count: number): Promise<number[]> {
  const code = `
    Math.random = () => ${(from - PORTS.first) / (PORTS.end - PORTS.first)};
    const { freePort } = await import(${JSON.stringify(HERE)});
    const ports = [];
    while (ports.length < ${count}) ports.push(await freePort());
    console.log(JSON.stringify(ports));`;
  const args = ["--import", TYPESCRIPT, "--input-type=module", "--eval", code];
  return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout);
}

test("ports are of one process alone, although nothing listens on them", async () => {
  const ours: number[] = [];
  while (ours.length < 20) ours.push(await freePort());
  const theirs = await portsOfAnother(ours[0]!, 20);
  expect(new Set([...ours, ...theirs]).size).toBe(40);
  for (const port of [...ours, ...theirs]) expect(port >= PORTS.first && port < PORTS.end).toBe(true);
  expect(Math.min(...theirs), "the other one was offered ours").toBeLessThan(ours.at(-1)! + 40);
});

test("a port on which something listens is passed over", async () => {
  const last = await freePort();
  const server = createServer().listen(last + 1, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  expect(await freePort()).not.toBe(last + 1);
});
