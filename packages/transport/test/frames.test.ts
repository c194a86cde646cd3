import { memoryFrames } from "@halfroom/testkit";
import { connect, listen } from "../src/index.ts";
import { framesSuite } from "./frames-suite.ts";

const MEBIBYTE = 1 << 20;

framesSuite({
  name: "memory",
  open: async (idleMs) => memoryFrames({ idleMs }),
  onTheWayBytesMax: 5 * MEBIBYTE,
});

async function overSocket(idleMs: number) {
  const limits = { idleMs, waitMs: 10_000 };
  const listener = await listen({ host: "127.0.0.1", port: 0, ...limits });
  const ends = await Promise.all([connect(listener.address, limits), listener.accept()]);
  await listener.close();
  return ends;
}

// 4 MiB wait to be sent, 4 MiB wait to be taken; the rest is the system's.
framesSuite({ name: "a socket, caller first", open: overSocket, onTheWayBytesMax: 24 * MEBIBYTE });
framesSuite({
  name: "a socket, listener first",
  open: async (idleMs) => (await overSocket(idleMs)).reverse() as Awaited<ReturnType<typeof overSocket>>,
  onTheWayBytesMax: 24 * MEBIBYTE,
});
