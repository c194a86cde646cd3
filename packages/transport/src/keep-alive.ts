// Pings, so that a dead partner is noticed even while nobody waits for a frame.
import { guarded } from "@halfroom/wire";
import type { WebSocket } from "ws";

/** Silence after which a partner counts as dead, by default; with the ping on the way a dead line is noticed within 40 s. */
const SILENT_MS_MAX = 30_000;
/** Pings in that time. */
const PINGS = 3;

/**
 * Calls `dead` once the partner has been silent for too long: half of the time limit `idleMs` at most, as the other half is for
 * dialling again. Silence is counted in unanswered pings: long work on this thread
 * delays both pings and answers, and while the socket is paused nothing can arrive. Stops when the socket closes.
 */
export function keepAlive(socket: WebSocket, idleMs: number, dead: () => void): void {
  const pingMs = Math.min(SILENT_MS_MAX, idleMs / 2) / PINGS;
  let unanswered = 0;
  for (const sign of ["message", "ping", "pong"]) socket.on(sign, () => (unanswered = 0));
  const ping = () => {
    if (socket.isPaused || socket.readyState !== socket.OPEN) return;
    if (unanswered >= PINGS) return dead();
    unanswered++;
    socket.ping();
  };
  const timer = setInterval(guarded(ping, dead), pingMs);
  timer.unref();
  socket.on("close", () => clearInterval(timer));
}
