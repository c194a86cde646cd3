// Partners that follow no rules: a bare WebSocket, and a bare TLS connection that has claimed to be one.
import { once } from "node:events";
import type { TLSSocket } from "node:tls";
import { ProtocolError } from "@halfroom/wire";
import type { Frames } from "@halfroom/wire";
import { onTestFinished } from "vitest";
import type { ClientOptions, WebSocket } from "ws";
import { listenTls } from "../src/index.ts";
import type { ListenTlsOptions } from "../src/index.ts";
import { openLink, openTls, type RawLink } from "./raw-link.ts";
import { makeParty, type Party } from "./tls-fixtures.ts";

/** Longer than any test takes. */
const PATIENT_MS = 60_000;
const NAME = "0123456789abcdef".repeat(4);

export interface RawListener {
  readonly address: string;
  /** Whom it admits. */
  readonly party: Party;
  /** The next link. */
  met(): Promise<Frames>;
}

/** A connection that is lost stays lost, unless `resumeMs` says otherwise. */
export async function openListener(options: Partial<ListenTlsOptions> = {}): Promise<RawListener> {
  const [left, right] = await Promise.all([makeParty("left"), makeParty("right")]);
  const arrived: Frames[] = [];
  let look: () => void = () => {};
  const { address, close } = await listenTls({
    host: "127.0.0.1",
    port: 0,
    idleMs: PATIENT_MS,
    resumeMs: 0,
    identity: right.identity,
    admit: (fingerprint) => fingerprint === left.fingerprint,
    meet: ({ frames }) => {
      arrived.push(frames);
      look();
    },
    ...options,
  });
  onTestFinished(close);
  const met = () =>
    new Promise<Frames>((resolve) => {
      look = () => {
        const frames = arrived.shift();
        if (frames !== undefined) resolve(frames);
      };
      look();
    });
  return { address, party: left, met };
}

/** One end of a link, and the bare WebSocket at its other end. */
export async function openPair(
  options: Partial<ListenTlsOptions> = {},
  client: ClientOptions = {},
): Promise<RawLink & { readonly frames: Frames; readonly address: string; readonly party: Party }> {
  const { address, party, met } = await openListener(options);
  const link = await openLink(address, party, NAME, 0, client);
  await link.said("link");
  return { ...link, frames: await met(), address, party };
}

/** One end of a link, and the bare connection at its other end, which answers nothing by itself (RFC 6455, section 4.1). */
export async function openBytes(
  options: Partial<ListenTlsOptions> = {},
): Promise<{ readonly frames: Frames; readonly tls: TLSSocket }> {
  const { address, party, met } = await openListener(options);
  const tls = await openTls(address, party);
  tls.write(
    `GET / HTTP/1.1\r\nHost: ${address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: ${Buffer.alloc(16, 1).toString("base64")}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );
  await once(tls, "data");
  const hello = Buffer.from(`link ${NAME} 0`);
  // A final text frame, masked with zeros.
  tls.write(Buffer.concat([Buffer.from([0x81, 0x80 | hello.length, 0, 0, 0, 0]), hello]));
  return { frames: await met(), tls };
}

/** The code that a socket is closed with. */
export async function closeCode(socket: WebSocket): Promise<number> {
  const [code] = (await once(socket, "close")) as [number];
  return code;
}

/** What a call rejects with: its code, and whether it came from the partner. */
export async function failure(call: Promise<unknown>): Promise<{ code: string; fromPartner: boolean }> {
  const error = await call.then(
    () => new Error("resolved"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProtocolError)) throw error;
  return { code: error.code, fromPartner: error.fromPartner };
}
