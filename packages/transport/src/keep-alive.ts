// Pings, so that a dead partner is noticed even while nobody waits for a frame.
import type { WebSocket } from "ws";

const PING_MS = 15_000;

/**
 * Calls `dead` once the partner has been silent for `silentMsMax`. Silence is counted in unanswered pings: long work on this
 * thread delays both pings and answers, and while the socket is paused nothing can arrive. Stops when the socket closes.
 */
export function keepAlive(
  socket: WebSocket,
  { silentMsMax, pingMs = PING_MS }: { readonly silentMsMax: number; readonly pingMs?: number | undefined },
  dead: () => void,
): void {
  let silentMs = 0;
  for (const sign of ["message", "ping", "pong"]) socket.on(sign, () => (silentMs = 0));
  const ping = () => {
    if (socket.isPaused || socket.readyState !== socket.OPEN) return;
    if (silentMs >= silentMsMax) return dead();
    silentMs += pingMs;
    socket.ping();
  };
  const timer = setInterval(ping, pingMs);
  timer.unref();
  socket.on("close", () => clearInterval(timer));
}
