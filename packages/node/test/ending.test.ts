// A serving node that is told to end.
import { cuttingProxy } from "@halfroom/testkit";
import { expect, onTestFinished, test } from "vitest";
import { silentPartner } from "./silent-partner.ts";
import { cellsOf, SPRING, twoNodes } from "./two-nodes.ts";

const LONG = { turn_seconds: 600, partner_connections_max: 64 };

test("links that have nothing to do end at once, those that wait for their turn too, and hear that it is busy", async () => {
  const nodes = await twoNodes({ publisher: { settings: { ...LONG, drain_seconds: 0.1 } } });
  const idle = await Promise.all(Array.from({ length: 16 }, () => silentPartner(nodes)));
  const [running, queued] = [await silentPartner(nodes), await silentPartner(nodes)];
  expect(await running.propose()).toBe("accept");
  expect(await queued.propose()).toBe("queued");
  const heard = [...idle, queued].map(({ talk }) => talk.recv("answer").catch((error: unknown) => error));
  await nodes.serving.close("SIGTERM");
  for (const error of await Promise.all(heard))
    expect(error).toMatchObject({ code: "busy", fromPartner: true });
  // Beyond drain_seconds a session is cut off, on both sides, whether its statement was sent before or not.
  const untilCut = async () => {
    for (;;) await running.talk.recv("statement");
  };
  await expect(untilCut()).rejects.toMatchObject({ code: "closed" });
  expect(nodes.publisher.sessions.list().find(({ state }) => state === "failed")).toMatchObject({
    code: "closed",
  });
});

test("a running session ends well, and a connection that it loses meanwhile comes back", async () => {
  const nodes = await twoNodes();
  const proxy = await cuttingProxy(nodes.address, () => Infinity);
  onTestFinished(() => proxy.close());
  nodes.dial(proxy.address);
  let closing: Promise<void> | undefined;
  const { json } = await nodes.run("exact: true", (event) => {
    if (event.type !== "stage" || event.name !== "pseudonymise" || event.state !== "started") return;
    closing = nodes.serving.close("SIGTERM");
    setImmediate(() => proxy.cut());
  });
  expect(cellsOf(json)[0]).toMatchObject(SPRING);
  // A connection, and more of them where the machine is so busy that the line looks like a long one.
  expect(proxy.cuts()).toBeGreaterThan(0);
  await closing;
});

test("while a session ends, whoever calls hears that the node is busy", async () => {
  const nodes = await twoNodes({ publisher: { settings: { ...LONG, drain_seconds: 600 } } });
  const running = await silentPartner(nodes);
  await running.propose();
  const closing = nodes.serving.close("SIGTERM");
  await expect(silentPartner(nodes)).rejects.toMatchObject({ code: "busy" });
  await running.frames.close("closed");
  await closing;
});
