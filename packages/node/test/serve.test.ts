// A node that cannot answer says so, and leaves nothing running in the program that asked it to.
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import { initNode } from "../src/api/init.ts";
import { openState } from "../src/node-state.ts";
import { openLog } from "../src/serve/log.ts";
import { serve } from "../src/serve/serve.ts";
import { emptyFolder } from "./home.ts";

test.each(["HALFROOM_ADMIN", "HALFROOM_LISTEN"])(
  "threads end where the address of %s is taken",
  async (setting) => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    onTestFinished(() => void other.close());
    const folder = emptyFolder();
    await initNode(folder.path);
    const free = {
      HALFROOM_LISTEN: "127.0.0.1:0",
      HALFROOM_ADMIN: "127.0.0.1:0",
      HALFROOM_LOG_LEVEL: "silent",
    };
    const taken = `127.0.0.1:${(other.address() as AddressInfo).port}`;
    const node = await openState(folder, { ...free, HALFROOM_THREADS: "1", [setting]: taken });
    onTestFinished(() => node.close());
    const workers: Worker[] = [];
    const onWorker = (worker: Worker) => workers.push(worker);
    process.on("worker", onWorker);
    onTestFinished(() => void process.off("worker", onWorker));
    await expect(serve(node, openLog(node.settings))).rejects.toMatchObject({ code: "listen", exit: 2 });
    // An ended thread has no number any more.
    expect(workers.map(({ threadId }) => threadId)).toEqual([-1]);
  },
);
