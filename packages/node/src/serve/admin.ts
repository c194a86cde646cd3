// The operator's port: /healthz (the process is alive), /readyz (it answers partners), /metrics (Prometheus). Never for partners, and
// never for a web page that somebody on this machine has open: what a browser sends along, or a name that is not this port's, is
// turned away.
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { splitAddress } from "@halfroom/transport";
import { detached, guarded, ignored } from "@halfroom/wire";
import type { Registry } from "prom-client";
import { codeOf, OperatorError } from "../errors.ts";
import { isOwnHost } from "./own-host.ts";

const CONNECTIONS_MAX = 32;
/** Milliseconds for a request to arrive, and for a connection to bring another one. */
const REQUEST_MS = 5000;
const CHECK_MS = 1000;
const METHODS = ["GET", "HEAD"];
const TEXT = "text/plain; charset=utf-8";

export interface Admin {
  /** HOST:PORT. */
  readonly address: string;
  close(): void;
}

export interface AdminOptions {
  /** HOST:PORT to listen on. */
  readonly address: string;
  /** Names that a request may be for, besides those of `address`, localhost and IP addresses. */
  readonly hosts: readonly string[];
  readonly registry: Registry;
  /** Why partners are not answered; undefined if they are. */
  readonly unready: () => string | undefined;
  /** Called when the system has no connection to give; the port goes on. */
  readonly onFault: (error: Error) => void;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Errors: `listen`. */
export async function openAdmin(options: AdminOptions): Promise<Admin> {
  const { address, onFault } = options;
  const { host, port } = splitAddress(address);
  const limits = {
    requestTimeout: REQUEST_MS,
    headersTimeout: REQUEST_MS,
    keepAliveTimeout: REQUEST_MS,
    connectionsCheckingInterval: CHECK_MS,
  };
  const answer = guarded(
    (request: IncomingMessage, response: ServerResponse) =>
      detached(
        () => respond(request, response, options),
        () => response.destroy(),
      ),
    (_error, request) => request.destroy(),
  );
  const server = createServer(limits, answer);
  keepNewest(server);
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (cause) {
    const words = `Cannot listen on ${address} (${codeOf(cause)}); choose another \`admin\`.`;
    throw new OperatorError("listen", words, { cause });
  }
  server.on("error", guarded(onFault, ignored));
  return {
    address: `${host.includes(":") ? `[${host}]` : host}:${portOf(server)}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Of too many connections the oldest ends, so that nobody keeps a probe out by holding them. */
function keepNewest(server: Server): void {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    const [oldest] = sockets;
    if (sockets.size > CONNECTIONS_MAX) oldest!.destroy();
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** Rejects only if there is nobody to answer, or `onFault` fails. */
async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  options: AdminOptions,
): Promise<void> {
  let answer: Answer;
  try {
    answer = turnAway(request, options) ?? (await answerTo(request.url ?? "", options));
  } catch (error) {
    options.onFault(error as Error);
    answer = { status: 500, text: "the node's log says more\n" };
  }
  const { status, text, headers } = answer;
  response.writeHead(status, {
    "content-type": TEXT,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...headers,
  });
  response.end(text);
}

/** What is said to a request that no probe makes. */
function turnAway({ method, headers }: IncomingMessage, options: AdminOptions): Answer | undefined {
  if (!METHODS.includes(method ?? ""))
    return { status: 405, text: "only GET and HEAD\n", headers: { allow: METHODS.join(", ") } };
  if (headers.origin !== undefined) return { status: 403, text: "not for web pages\n" };
  if (!isOwnHost(headers.host, options))
    return { status: 421, text: "this name is not the port's: see `admin_hosts`\n" };
  return undefined;
}

async function answerTo(url: string, { registry, unready }: AdminOptions): Promise<Answer> {
  if (url === "/healthz") return { status: 200, text: "ok\n" };
  if (url === "/readyz") {
    const why = unready();
    return why === undefined
      ? { status: 200, text: "ready\n" }
      : { status: 503, text: `not ready: ${why}\n` };
  }
  if (url === "/metrics") {
    const headers = { "content-type": registry.contentType };
    return { status: 200, text: await registry.metrics(), headers };
  }
  return { status: 404, text: "try /healthz, /readyz or /metrics\n" };
}
