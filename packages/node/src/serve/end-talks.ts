// How a serving node ends: what has not begun ends at once, running sessions have their time, and a connection that is lost meanwhile
// may come back to them.
import { setTimeout as pause } from "node:timers/promises";
import type { TlsListener } from "@halfroom/transport";
import type { Logger } from "pino";
import type { Turns } from "./turns.ts";

const LOOK_MS = 20;
/** For a partner to hear why its connection ends. */
const FAREWELL_MS = 1000;
/** For a session that was cut off to close its records. */
const CUT_MS = 5000;

interface Talks {
  readonly turns: Turns;
  /** Sessions that this side proposed. */
  readonly due: { readonly running: number };
  /** One for each connection. */
  readonly talks: ReadonlySet<Promise<void>>;
  readonly log: Logger;
  readonly ending: AbortController;
  readonly cutting: AbortController;
}

/** Resolves when all have ended, at the latest `drainMs` milliseconds and a few seconds later. */
export async function endTalks(
  listener: TlsListener,
  { turns, due, talks, log, ending, cutting }: Talks,
  drainMs: number,
): Promise<void> {
  const running = () => turns.running + due.running;
  const isIdle = () => running() === 0;
  listener.drain();
  ending.abort();
  await settled(isIdle, drainMs);
  if (!isIdle()) log.warn({ sessions: running() }, "running sessions are cut off after drain_seconds");
  cutting.abort();
  await settled(isIdle, CUT_MS);
  await listener.close();
  await settled(() => talks.size === 0, FAREWELL_MS);
  listener.dropAll();
  await settled(() => talks.size === 0, FAREWELL_MS);
}

/** Resolves when `isSo`, or after `ms` milliseconds. */
async function settled(isSo: () => boolean, ms: number): Promise<void> {
  const deadline = performance.now() + ms;
  while (!isSo() && performance.now() < deadline) await pause(LOOK_MS);
}
