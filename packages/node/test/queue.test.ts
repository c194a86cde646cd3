// A node that runs one session at a time, and a partner that holds its turn, its queue, or neither any more.
import { expect, test, vi } from "vitest";
import type { RunEvent } from "../src/run/run-events.ts";
import { silentPartner } from "./silent-partner.ts";
import { cellsOf, SPRING, twoNodes } from "./two-nodes.ts";

const LONG = { turn_seconds: 600 };
const publisherWith = (settings: Record<string, unknown>) => ({ publisher: { settings } });

test("a partner that is accepted and says nothing does not hold the only turn", async () => {
  const nodes = await twoNodes(publisherWith({ turn_seconds: 0.3 }));
  const silent = await silentPartner(nodes);
  expect(await silent.propose()).toBe("accept");
  const events: RunEvent[] = [];
  const { json } = await nodes.run("exact: true", (event) => events.push(event));
  expect(cellsOf(json)[0]).toMatchObject(SPRING);
  expect(events).toContainEqual({ type: "queued" });
  expect(nodes.publisher.sessions.list().map(({ state }) => state)).toEqual(["done", "preparing"]);
});

test("a proposer waits for a partner that is busy, says so once, and runs when it is not", async () => {
  const nodes = await twoNodes(publisherWith({ ...LONG, queue_max: 0 }));
  const silent = await silentPartner(nodes);
  expect(await silent.propose()).toBe("accept");
  const events: RunEvent[] = [];
  let asked = 0;
  const running = nodes.run("exact: true", (event) => {
    events.push(event);
    if (event.type === "busy") asked++;
  });
  await vi.waitFor(() => expect(asked).toBe(1), 10_000);
  await silent.frames.close("closed");
  expect(cellsOf((await running).json)[0]).toMatchObject(SPRING);
  expect(asked).toBe(1);
  expect(events.filter(({ type }) => type === "busy")).toEqual([
    { type: "busy", until: expect.closeTo(Date.now() + 3_600_000, -6) },
  ]);
});

test("a proposer waits no longer than busy_seconds, and its proposal is taken up again later", async () => {
  const nodes = await twoNodes({
    publisher: { settings: { ...LONG, queue_max: 0 } },
    advertiser: { settings: { busy_seconds: 0.2 } },
  });
  const silent = await silentPartner(nodes);
  await silent.propose();
  await expect(nodes.run()).rejects.toMatchObject({
    code: "busy",
    message: expect.stringContaining("busy_seconds"),
  });
  await silent.frames.close("closed");
  const ended = () =>
    nodes.publisher.sessions
      .list()
      .map(({ state }) => state)
      .sort();
  await vi.waitFor(() => expect(ended()).toEqual(["approved", "failed"]), 20_000);
  const [proposed] = nodes.advertiser.sessions.list();
  await nodes.run();
  expect(nodes.advertiser.sessions.get(proposed!.id)).toMatchObject({ state: "done" });
});

test("one partner has a share of the queue, and a place is free again when it disconnects", async () => {
  const nodes = await twoNodes(publisherWith({ ...LONG, queue_partner_max: 1 }));
  const [first, second, third, fourth] = await Promise.all([1, 2, 3, 4].map(() => silentPartner(nodes)));
  expect(await first!.propose()).toBe("accept");
  expect(await second!.propose()).toBe("queued");
  await expect(third!.propose()).rejects.toMatchObject({ code: "busy", fromPartner: true });
  await second!.frames.close("closed");
  await vi.waitFor(async () => expect(await fourth!.propose()).toBe("queued"), 10_000);
});

test("a partner that connects and does not say what for is let go", async () => {
  const nodes = await twoNodes(publisherWith({ connect_seconds: 1 }));
  const { talk } = await silentPartner(nodes);
  await expect(talk.recv("answer")).rejects.toMatchObject({ code: "timeout", fromPartner: true });
});
