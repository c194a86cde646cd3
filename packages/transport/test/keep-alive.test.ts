// When a line that carries nothing any more is given up.
import { EventEmitter } from "node:events";
import type { WebSocket } from "ws";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keepAlive } from "../src/keep-alive.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A socket whose partner answers pings until `deadAt`; gives back the milliseconds after which the line counted as dead. */
function noticedAfter(idleMs: number, deadAt: number): number | undefined {
  const begun = Date.now();
  let noticed: number | undefined;
  const socket = Object.assign(new EventEmitter(), {
    OPEN: 1,
    readyState: 1,
    isPaused: false,
    ping: () => setTimeout(() => Date.now() - begun < deadAt && socket.emit("pong"), 10),
  });
  keepAlive(socket as unknown as WebSocket, idleMs, () => (noticed ??= Date.now() - begun - deadAt));
  vi.advanceTimersByTime(deadAt + 2 * idleMs);
  return noticed;
}

test.each([0, 1, 9_999, 10_005, 14_000, 15_100, 31_234, 60_000])(
  "at the default limit of 300 s a line that dies after %i ms is given up within 45 s, and not before 20 s",
  (deadAt) => {
    const noticed = noticedAfter(300_000, deadAt);
    expect(noticed).toBeLessThanOrEqual(45_000);
    expect(noticed).toBeGreaterThan(20_000);
  },
);

test.each([1000, 2000, 10_000, 45_000, 60_000])("at a limit of %i ms well within the limit", (idleMs) => {
  for (const deadAt of [0, idleMs / 7, idleMs, 3.3 * idleMs])
    expect(noticedAfter(idleMs, deadAt)).toBeLessThanOrEqual(0.75 * idleMs);
});
