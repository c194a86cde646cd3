// The side that calls its partner, over TLS with pinned certificates.
import { randomBytes } from "node:crypto";
import { isIP } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { TLSSocket } from "node:tls";
import { detached, ignored, ProtocolError } from "@halfroom/wire";
import { quoted } from "@halfroom/wire/words";
import { WebSocket } from "ws";
import { splitAddress } from "./address.ts";
import { Attempts, Unreached } from "./attempt.ts";
import { shakeHands, upgradeInTime, type Shaken } from "./handshake.ts";
import { greet, greetStrand } from "./link/greet.ts";
import { Link, type LinkFrames, type LinkLimits } from "./link/link.ts";
import { proxyAddress } from "./proxy.ts";
import type { Purpose, TlsIdentity, TlsPeer } from "./tls-peer.ts";

const LINK_ID_BYTES = 32;
/** Of the time for all attempts, one may take this share, so that one that nothing answers leaves time for others. */
const ATTEMPTS_MIN = 3;
const ATTEMPT_MS_MAX = 10_000;
/** Between two attempts; doubles from one to the other. */
const PAUSE_MS = 250;
const PAUSE_MS_MAX = 4000;

export interface ConnectTlsOptions extends LinkLimits {
  /** HOST:PORT. */
  readonly address: string;
  /** All connections of the link go through this HTTP proxy (`parseProxy`); undefined dials the partner itself. */
  readonly proxy?: URL | undefined;
  readonly identity: TlsIdentity;
  readonly purpose: Purpose;
  /** The partner's fingerprint: a connection to anyone else is dropped before the first byte. */
  readonly fingerprint: string;
  /**
   * Whether another certificate than that one is the partner's all the same: asked before a byte is read or written; nobody else's is
   * where nothing is said. May throw ProtocolError in words for the operator.
   */
  readonly isPartners?: (peer: TlsPeer) => boolean;
  /** How long to keep trying: the partner may be restarting. */
  readonly waitMs: number;
  /** Connections over which a session's frames go to a partner that is far, `STRANDS` where nothing is said. */
  readonly strands?: number;
  /** A partner is far if it answers no sooner than this; `FAR_MS` where nothing is said. */
  readonly farMs?: number;
}

/** One TCP connection does not fill a long line: it has as much on the way as its send buffer holds, and slows down at each loss. */
const STRANDS = 6;
const FAR_MS = 15;

export interface TlsConnection {
  readonly frames: LinkFrames;
  readonly peer: TlsPeer;
  /** How far the called node's clock is ahead of this one's, in milliseconds, to the second; undefined where it did not say. */
  readonly aheadMs?: number | undefined;
}

interface Dialled {
  readonly peer: TlsPeer;
  readonly aheadMs: number | undefined;
}

/**
 * Connects to the partner's node, in as many attempts as `waitMs` allow. If the connection is lost later, it is dialled again
 * for up to `resumeMs`, and the frames continue where they stopped.
 * Throws ProtocolError `identity` at once for another certificate than the pinned one, and where the partner does not know this
 * side's, or where something answers that is no node; `refused` for a bad address; `closed` if the proxy refuses; `busy`; and after
 * the last attempt, in words for what was seen, `closed` if the last connection was cut, otherwise `timeout`.
 */
export async function connectTls(options: ConnectTlsOptions): Promise<TlsConnection> {
  splitAddress(options.address);
  const id = randomBytes(LINK_ID_BYTES).toString("hex");
  const link = new Link(options, () =>
    detached(
      () => redial(options, id, link),
      (error) => link.fail(error),
    ),
  );
  const deadline = performance.now() + options.waitMs;
  const attempts = new Attempts();
  for (const pauseMs of pauses()) {
    const leftMs = Math.max(1, Math.ceil(deadline - performance.now()));
    try {
      const limitMs = Math.min(leftMs, attemptMs(options.waitMs));
      return { frames: link, ...(await dial(options, id, link, limitMs)) };
    } catch (cause) {
      if (!(cause instanceof Unreached)) throw cause;
      if (cause.isOther) throw otherAnswers(options.address, cause);
      attempts.add(cause);
      if (performance.now() + pauseMs > deadline) throw unreached(options, attempts, cause);
    }
    await pause(pauseMs);
  }
  throw new ProtocolError("internal");
}

/**
 * Dials until the link resumes or has ended; the link itself limits how long. The partner was there, so that whatever else answers
 * meanwhile stands in for something that restarts. Rejects with what makes another attempt useless.
 */
async function redial(options: ConnectTlsOptions, id: string, link: Link): Promise<void> {
  for (const pauseMs of pauses()) {
    if (link.settled) return;
    try {
      await dial(options, id, link, attemptMs(options.resumeMs));
      return;
    } catch (error) {
      if (!(error instanceof Unreached)) throw error;
    }
    await pause(pauseMs);
  }
}

function* pauses(): Generator<number> {
  for (let ms = PAUSE_MS; ; ms = Math.min(2 * ms, PAUSE_MS_MAX)) yield ms;
}

function attemptMs(inAllMs: number): number {
  return Math.min(ATTEMPT_MS_MAX, Math.max(1, Math.ceil(inAllMs / ATTEMPTS_MIN)));
}

function unreached(
  { address, proxy }: ConnectTlsOptions,
  attempts: Attempts,
  cause: Unreached,
): ProtocolError {
  const code = cause.seen === "cut" ? "closed" : "timeout";
  const way = proxy === undefined ? "" : ` through the proxy ${proxyAddress(proxy)}`;
  return new ProtocolError(code, `cannot reach ${address}${way}: ${attempts.words}`, { cause });
}

function otherAnswers(address: string, cause: Unreached): ProtocolError {
  const remedy =
    "If a proxy or load balancer that ends TLS is on the way, it must pass the connection through unchanged; if not, the address is another server's";
  const words = `something at ${address} answers that is not a Halfroom node: ${cause.message}. ${remedy}`;
  return new ProtocolError("identity", words, { cause });
}

/** A server that ignores ALPN; who signed its certificate tells whose it is. */
function withoutProtocol(issuer: string): string {
  const name = (/^CN=(.+)$/m.exec(issuer) ?? /^O=(.+)$/m.exec(issuer))?.[1];
  const by = name === undefined ? "a certificate of its own" : `a certificate by ${quoted(name)}`;
  return `it speaks TLS with ${by}, but not Halfroom's protocol`;
}

/** One attempt. Throws `Unreached`, or ProtocolError where another could not succeed. */
async function dial(options: ConnectTlsOptions, id: string, link: Link, limitMs: number): Promise<Dialled> {
  const limit = AbortSignal.timeout(limitMs);
  const { socket, peer, issuer } = await shake(options, limit);
  if (peer === undefined || !isAwaited(options, socket, peer)) {
    const other = socket.alpnProtocol === false ? withoutProtocol(issuer) : undefined;
    socket.destroy();
    if (other !== undefined) throw new Unreached("not-halfroom", { words: other });
    throw new ProtocolError(
      "identity",
      `a certificate other than the partner's answers at ${options.address}: a new node there, an older certificate of the partner, or somebody in between`,
    );
  }
  const { ws, aheadMs } = await upgradeInTime(socket, options, limit);
  const saidMs = performance.now();
  await greet(ws, id, link, limit);
  const { farMs = FAR_MS, strands = STRANDS, purpose } = options;
  if (purpose === "session" && performance.now() - saidMs >= farMs)
    for (let strand = 1; strand < strands; strand++) {
      // The partner may take no further connection; without it the link is slower.
      detached(() => dialStrand(options, id, link, ws, limitMs), ignored);
    }
  return { peer, aheadMs };
}

/** A further connection for the link, as long as its first one is `first`. Rejects if there is none to have. */
async function dialStrand(
  options: ConnectTlsOptions,
  id: string,
  link: Link,
  first: WebSocket,
  limitMs: number,
): Promise<void> {
  const limit = AbortSignal.timeout(limitMs);
  const { socket, peer } = await shake(options, limit);
  const isPinned = peer !== undefined && isAwaited(options, socket, peer);
  if (!isPinned || first.readyState !== WebSocket.OPEN) return void socket.destroy();
  const { ws } = await upgradeInTime(socket, options, limit);
  if (first.readyState !== WebSocket.OPEN) return ws.terminate();
  await greetStrand(ws, id, link, limit);
}

/** Whether the partner answers. Errors: those of `isPartners`; nothing is left of the connection then. */
function isAwaited(options: ConnectTlsOptions, socket: TLSSocket, peer: TlsPeer): boolean {
  try {
    return peer.fingerprint === options.fingerprint || options.isPartners?.(peer) === true;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function shake(options: ConnectTlsOptions, limit: AbortSignal): Promise<Shaken> {
  const { host } = splitAddress(options.address);
  return await shakeHands({ ...options, serverName: isIP(host) === 0 ? host : "" }, limit);
}
