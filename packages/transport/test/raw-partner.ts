// Partners that do not keep the rules: a bare WebSocket, and a bare TCP connection that has said it is one.
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import type { Socket } from "node:net";
import { ProtocolError } from "@halfroom/wire";
import type { Frames } from "@halfroom/wire";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import type { ClientOptions } from "ws";
import { listen } from "../src/index.ts";
import type { Listener, ListenOptions } from "../src/index.ts";

/** Longer than any test takes. */
const PATIENT_MS = 60_000;

export async function openListener(options: Partial<ListenOptions> = {}): Promise<Listener> {
  const patient = { host: "127.0.0.1", port: 0, idleMs: PATIENT_MS, waitMs: PATIENT_MS };
  const listener = await listen({ ...patient, ...options });
  onTestFinished(() => listener.close());
  return listener;
}

/** A WebSocket of the library, without what the transport adds. */
export async function openSocket(address: string, options: ClientOptions = {}): Promise<WebSocket> {
  const socket = new WebSocket(address, options);
  onTestFinished(() => socket.terminate());
  await once(socket, "open");
  return socket;
}

/** One accepted partner, and the bare WebSocket at its other end. */
export async function openPair(
  options: Partial<ListenOptions> = {},
): Promise<{ frames: Frames; socket: WebSocket }> {
  const listener = await openListener(options);
  const [frames, socket] = await Promise.all([listener.accept(), openSocket(listener.address)]);
  onTestFinished(() => frames.close());
  return { frames, socket };
}

/** A TCP connection after the opening handshake (RFC 6455, section 4.1); it answers nothing by itself. */
export async function openTcp(address: string): Promise<Socket> {
  const { host, hostname, port } = new URL(address);
  const socket = connectTcp({ host: hostname, port: Number(port) });
  onTestFinished(() => {
    socket.destroy();
  });
  socket.on("error", () => {});
  socket.write(
    `GET / HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: ${Buffer.alloc(16, 1).toString("base64")}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );
  await once(socket, "data");
  return socket;
}

/** The code that a socket is closed with. */
export async function closeCode(socket: WebSocket): Promise<number> {
  const [code] = (await once(socket, "close")) as [number];
  return code;
}

/** What a call rejects with: code and whether the partner said so. */
export async function failure(call: Promise<unknown>): Promise<{ code: string; fromPartner: boolean }> {
  const error = await call.then(
    () => new Error("resolved"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProtocolError)) throw error;
  return { code: error.code, fromPartner: error.fromPartner };
}
