// The console's listener: HTTP, or HTTPS with the certificate of the settings.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { OperatorError, type ConsoleSettings } from "@halfroom/node";
import { guarded, ignored } from "@halfroom/wire";
import { createAdaptorServer } from "@hono/node-server";

/** Milliseconds for the head of a request to arrive, for all of it, and for a connection to bring another one. */
const HEAD_MS = 10_000;
const REQUEST_MS = 30_000;
const KEEP_MS = 10_000;
const HEAD_BYTES_MAX = 16_384;

export interface ListenOptions {
  /** HOST:PORT. */
  readonly address: string;
  readonly tls: ConsoleSettings["tls"];
  readonly connections: number;
  readonly fetch: Parameters<typeof createAdaptorServer>[0]["fetch"];
  /** Called when the system has no connection to give; the listener goes on. */
  readonly onFault: (error: Error) => void;
}

export interface Listening {
  /** HOST:PORT, with the port that was free where 0 was asked for. */
  readonly address: string;
  /** Takes no more connections. */
  stop(): void;
  /** Ends those that there are. */
  close(): void;
}

/** Rejects with OperatorError `listen`; `file` for a certificate and key that do not go together. */
export async function listen({
  address,
  tls,
  connections,
  fetch,
  onFault,
}: ListenOptions): Promise<Listening> {
  const server = serverOf(tls, fetch);
  server.maxConnections = connections;
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
  server.listen(Number(port), host);
  try {
    await once(server, "listening");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new OperatorError("listen", `Cannot listen on ${address} (${code}); choose another \`console\`.`, {
      cause,
    });
  }
  server.on("error", guarded(onFault, ignored));
  const { port: taken } = server.address() as AddressInfo;
  return {
    address: `${address.slice(0, address.lastIndexOf(":"))}:${taken}`,
    stop: () => {
      server.close();
    },
    close: () => server.closeAllConnections(),
  };
}

function serverOf(tls: ListenOptions["tls"], fetch: ListenOptions["fetch"]): Server {
  const limits = {
    headersTimeout: HEAD_MS,
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: KEEP_MS,
    maxHeaderSize: HEAD_BYTES_MAX,
  };
  const common = { fetch, overrideGlobalObjects: false };
  if (tls === undefined)
    return createAdaptorServer({ ...common, createServer, serverOptions: limits }) as Server;
  const serverOptions = { ...limits, cert: tls.certificate, key: tls.key, minVersion: "TLSv1.2" as const };
  try {
    return createAdaptorServer({ ...common, createServer: createTlsServer, serverOptions }) as Server;
  } catch (cause) {
    const words =
      "`console_certificate` and `console_key` are no certificate and its key in PEM; mend the files.";
    throw new OperatorError("file", words, { cause });
  }
}
