// A caller with a certificate and a bare WebSocket, which sends whatever control messages a test wants.
import { once } from "node:events";
import { connect } from "node:tls";
import type { TLSSocket } from "node:tls";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import type { ClientOptions } from "ws";
import { PURPOSES, splitAddress } from "../src/index.ts";
import type { Party } from "./tls-fixtures.ts";

export interface RawLink {
  readonly socket: WebSocket;
  /** The next text message, which must begin with `beginning`. */
  said(beginning: string): Promise<string>;
}

/** A TLS connection that has shown its certificate and sent nothing yet. */
export async function openTls(address: string, { identity }: Party): Promise<TLSSocket> {
  const { key, certificate: cert } = identity;
  const tls = connect({
    ...splitAddress(address),
    key,
    cert,
    rejectUnauthorized: false,
    ALPNProtocols: [PURPOSES.session],
  });
  onTestFinished(() => void tls.destroy());
  tls.on("error", () => {});
  await once(tls, "secureConnect");
  return tls;
}

/** A WebSocket of the library that has not opened yet. */
export async function callSocket(
  address: string,
  party: Party,
  options: ClientOptions = {},
): Promise<WebSocket> {
  const tls = await openTls(address, party);
  return new WebSocket(`wss://${address}/`, { ...options, createConnection: () => tls });
}

/** Connects, and sends its first message if it has a `name`. */
export async function openLink(
  address: string,
  party: Party,
  name?: string,
  received = 0,
  options: ClientOptions = {},
): Promise<RawLink> {
  const socket = await callSocket(address, party, options);
  onTestFinished(() => socket.terminate());
  const texts: string[] = [];
  socket.on("message", (data: Buffer, isBinary) => {
    if (isBinary) return;
    texts.push(data.toString());
    socket.emit("text");
  });
  await once(socket, "open");
  if (name !== undefined) socket.send(`link ${name} ${received}`);
  return {
    socket,
    said: async (beginning) => {
      if (texts.length === 0) await once(socket, "text");
      const text = texts.shift()!;
      if (!text.startsWith(beginning)) throw new Error(`"${text}" does not begin with "${beginning}"`);
      return text;
    },
  };
}
