// The operator's port answers probes, and no web page: neither one that sends its origin nor one whose name was made to point here.
import { once } from "node:events";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { splitAddress } from "@halfroom/transport";
import { Registry } from "prom-client";
import { expect, onTestFinished, test } from "vitest";
import { openAdmin } from "../src/serve/admin.ts";

async function port({ unready = undefined as string | undefined, hosts = [] as string[] } = {}) {
  const faults: Error[] = [];
  const registry = new Registry();
  const admin = await openAdmin({
    address: "127.0.0.1:0",
    hosts,
    registry,
    unready: () => unready,
    onFault: (error) => faults.push(error),
  });
  onTestFinished(() => admin.close());
  const ask = (path: string, headers: Record<string, string> = {}, method = "GET") =>
    new Promise<{ status: number | undefined; text: string; allow: string | undefined }>(
      (resolve, reject) => {
        const asked = request(
          `http://${admin.address}${path}`,
          { headers, method, agent: false },
          (response) => {
            let text = "";
            response.setEncoding("utf8").on("data", (part: string) => (text += part));
            response.on("end", () =>
              resolve({ status: response.statusCode, text, allow: response.headers["allow"] }),
            );
          },
        );
        asked.on("error", reject).end();
      },
    );
  return { ...admin, ask, faults, registry };
}

test("probes are answered, and readiness says why not", async () => {
  const { ask } = await port();
  expect(await ask("/healthz")).toMatchObject({ status: 200, text: "ok\n" });
  expect(await ask("/readyz")).toMatchObject({ status: 200, text: "ready\n" });
  expect(await ask("/metrics", {}, "HEAD")).toMatchObject({ status: 200, text: "" });
  expect(await ask("/")).toMatchObject({ status: 404 });
  const full = await port({ unready: "all connections are taken" });
  expect(await full.ask("/readyz")).toMatchObject({
    status: 503,
    text: "not ready: all connections are taken\n",
  });
});

test.each(["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])("%s is not answered", async (method) => {
  const { ask } = await port();
  expect(await ask("/metrics", {}, method)).toMatchObject({ status: 405, allow: "GET, HEAD" });
});

test.each(["https://example.com", "null", "http://127.0.0.1:7480"])(
  "a page of %s is not answered",
  async (origin) => {
    const { ask } = await port();
    expect(await ask("/metrics", { origin })).toMatchObject({ status: 403 });
  },
);

test.each([
  "example.com",
  "rebound.example:7480",
  "127.0.0.1.example.com",
  "localhost.example",
  "[::1",
  "a b",
])("the name %s is not this port's", async (host) => {
  const { ask } = await port();
  expect(await ask("/metrics", { host })).toMatchObject({ status: 421 });
});

test.each([
  "localhost:7480",
  "127.0.0.1",
  "10.1.2.3:7480",
  "[fe80::1]:7480",
  "LOCALHOST",
  "Node.internal:7480",
])("the name %s is", async (host) => {
  const { ask } = await port({ hosts: ["node.internal"] });
  expect(await ask("/readyz", { host })).toMatchObject({ status: 200 });
});

test("whoever holds connections keeps no probe out", async () => {
  const { address, ask } = await port();
  const held: Socket[] = [];
  for (let i = 0; i < 40; i++) {
    const socket = connect(splitAddress(address));
    onTestFinished(() => void socket.destroy());
    socket.on("error", () => {});
    await once(socket, "connect");
    held.push(socket);
  }
  expect(await ask("/readyz")).toMatchObject({ status: 200 });
  await new Promise((resolve) => (held[0]!.destroyed ? resolve(0) : held[0]!.once("close", resolve)));
  expect(held.at(-1)!.destroyed).toBe(false);
});

test("numbers that cannot be collected are an answer and a line in the log, not the end of the node", async () => {
  const { ask, faults, registry } = await port();
  registry.metrics = () => Promise.reject(new Error("no numbers"));
  expect(await ask("/metrics")).toMatchObject({ status: 500 });
  expect(faults).toHaveLength(1);
});
