import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ThreadPool } from "../src/group/thread-pool.ts";

test("a thread that still loads its modules is not ended before it has", async () => {
  const hasLoaded = new Int32Array(new SharedArrayBuffer(4));
  const pool = new ThreadPool({
    filename: fileURLToPath(new URL("./slow-to-load.js", import.meta.url)),
    name: "task",
    minThreads: 1,
    maxThreads: 1,
    workerData: hasLoaded.buffer,
  });
  await pool.destroy();
  expect(hasLoaded[0]).toBe(1);
  expect(pool.threads).toEqual([]);
});
