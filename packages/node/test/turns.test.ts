// Who computes next: shares of the queue, partners that leave it, and partners that were given a turn and say nothing.
import { setTimeout as pause } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { Turns, type Asking, type Turn, type TurnLimits } from "../src/serve/turns.ts";

const NEVER = new AbortController().signal;
const busy = { code: "busy" };

function asking(partner: string, isThere = true) {
  return { partner, isThere: () => isThere, giveUp: vi.fn<() => void>() } satisfies Asking;
}

function turnsOf(limits: Partial<TurnLimits> = {}) {
  const turns = new Turns({ sessionsMax: 1, queueMax: 16, queuePartnerMax: 4, silentMs: 60_000, ...limits });
  const order: string[] = [];
  const take = async (partner: string, signal = NEVER, isThere = true): Promise<Turn> => {
    const turn = await turns.take(asking(partner, isThere), signal);
    order.push(partner);
    return turn;
  };
  return { turns, take, order };
}

/** Lets what is due happen. */
const settle = async () => await pause(1);

test("as many as may compute at once; others in the order of their partners", async () => {
  const { turns, take, order } = turnsOf({ sessionsMax: 2 });
  const [first, second] = [await take("a"), await take("a")];
  const waiting = [take("a"), take("a"), take("b"), take("c")];
  await settle();
  expect([turns.running, turns.waiting]).toEqual([2, 4]);
  // b and c have no turn yet, and b came first.
  first.leave();
  const third = await waiting[2]!;
  second.leave();
  const fourth = await waiting[3]!;
  third.leave();
  fourth.leave();
  await Promise.all(waiting);
  expect(order).toEqual(["a", "a", "b", "c", "a", "a"]);
});

test("a partner's share of the queue is bounded, and so is the whole", async () => {
  const { take } = turnsOf({ queueMax: 3, queuePartnerMax: 2 });
  await take("a");
  void take("a");
  void take("a");
  await expect(take("a")).rejects.toMatchObject(busy);
  void take("b");
  await expect(take("c")).rejects.toMatchObject(busy);
});

test("who leaves the queue frees its place, and its turn goes to the next", async () => {
  const { turns, take } = turnsOf({ queueMax: 1 });
  const turn = await take("a");
  const gone = new AbortController();
  const left = take("b", gone.signal);
  await expect(take("c")).rejects.toMatchObject(busy);
  gone.abort(new Error("gone"));
  await expect(left).rejects.toThrow("gone");
  expect(turns.waiting).toBe(0);
  const next = take("c");
  turn.leave();
  await next;
  await expect(take("d", gone.signal)).rejects.toThrow("gone");
});

test("who has lost its connection lets others go first", async () => {
  const { take, order } = turnsOf();
  const turn = await take("a");
  const waiting = [take("b", NEVER, false), take("c")];
  turn.leave();
  (await waiting[1]!).leave();
  await waiting[0];
  expect(order).toEqual(["a", "c", "b"]);
});

test("a turn whose partner says nothing is lent, and the session goes on when it speaks", async () => {
  const { turns, take } = turnsOf({ silentMs: 20 });
  const silent = await take("a");
  let speak!: () => void;
  const speaking = silent.whileWaiting(new Promise<void>((resolve) => (speak = resolve)));
  const other = await take("b");
  expect(turns.running).toBe(2);
  speak();
  await speaking;
  // Both compute now: nobody else begins before both are done.
  const third = take("c");
  other.leave();
  await pause(40);
  expect(turns.waiting).toBe(1);
  silent.leave();
  await third;
});

test("a turn is not lent while its partner speaks, or while this side computes", async () => {
  const { turns, take } = turnsOf({ silentMs: 30 });
  const turn = await take("a");
  void take("b");
  for (let i = 0; i < 4; i++) await turn.whileWaiting(pause(10));
  await pause(60);
  expect(turns.waiting).toBe(1);
});

test("of silent partners no more keep their sessions than there are turns", async () => {
  const { turns, take } = turnsOf({ silentMs: 10 });
  const silent = asking("a");
  const mute = (turn: Turn) => void turn.whileWaiting(new Promise(() => {}));
  mute(await turns.take(silent, NEVER));
  mute(await take("b"));
  await take("c");
  expect(silent.giveUp).toHaveBeenCalledOnce();
  expect(turns.running).toBe(2);
});

test("a turn that is left twice makes no second place", async () => {
  const { turns, take } = turnsOf();
  const turn = await take("a");
  turn.leave();
  await take("b");
  turn.leave();
  void take("c");
  await settle();
  expect([turns.running, turns.waiting]).toEqual([1, 1]);
});
