// Two ends over TLS, with or without something in between that cuts the connection.
import { cuttingProxy, type CuttingProxy } from "@halfroom/testkit";
import type { Frames } from "@halfroom/wire";
import { connectTls, listenTls } from "../src/index.ts";
import type { TlsConnection } from "../src/index.ts";
import { makeParty } from "./tls-fixtures.ts";

export interface TlsPair {
  readonly caller: Frames;
  readonly listener: Frames;
  readonly proxy: CuttingProxy;
  /** Links that the listener has met. */
  readonly met: () => number;
  /** Listener and proxy; the links stay. */
  close(): Promise<void>;
}

export interface PairOptions {
  readonly idleMs: number;
  readonly resumeMs?: number;
  /** As for `cuttingProxy`; without it nothing is cut. */
  readonly bytesOf?: (n: number) => number;
  /** As for `connectTls`. */
  readonly farMs?: number;
}

export async function tlsPair({
  idleMs,
  resumeMs = 30_000,
  bytesOf = () => Infinity,
  farMs,
}: PairOptions): Promise<TlsPair> {
  const [left, right] = await Promise.all([makeParty("left"), makeParty("right")]);
  let met = 0;
  let meet!: (connection: TlsConnection) => void;
  const arrival = new Promise<TlsConnection>((resolve) => (meet = resolve));
  const listener = await listenTls({
    host: "127.0.0.1",
    port: 0,
    idleMs,
    resumeMs,
    identity: right.identity,
    admit: (fingerprint) => fingerprint === left.fingerprint,
    meet: (connection) => {
      met++;
      meet(connection);
    },
  });
  const proxy = await cuttingProxy(listener.address, bytesOf);
  const calling = connectTls({
    address: proxy.address,
    identity: left.identity,
    purpose: "session",
    fingerprint: right.fingerprint,
    waitMs: 10_000,
    idleMs,
    resumeMs,
    ...(farMs === undefined ? {} : { farMs }),
  });
  const [caller, answerer] = await Promise.all([calling, arrival]);
  return {
    caller: caller.frames,
    listener: answerer.frames,
    proxy,
    met: () => met,
    close: async () => {
      await listener.close();
      proxy.close();
    },
  };
}
