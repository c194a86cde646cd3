// A caller with a certificate and a bare WebSocket, which says about its link whatever a test wants.
import { once } from "node:events";
import { connect } from "node:tls";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { PURPOSES, splitAddress } from "../src/index.ts";
import type { Party } from "./tls-fixtures.ts";

export interface RawLink {
  readonly socket: WebSocket;
  /** The next text message, which must begin so. */
  said(beginning: string): Promise<string>;
}

/** Connects, and says its first word if it has a `name`. */
export async function openLink(
  address: string,
  { identity }: Party,
  name?: string,
  received = 0,
): Promise<RawLink> {
  const { key, certificate: cert } = identity;
  const tls = connect({
    ...splitAddress(address),
    key,
    cert,
    rejectUnauthorized: false,
    ALPNProtocols: [PURPOSES.session],
  });
  await once(tls, "secureConnect");
  const socket = new WebSocket(`wss://${address}/`, { createConnection: () => tls });
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
