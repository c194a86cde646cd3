// The operator's port: /healthz (the process is alive), /readyz (it answers partners), /metrics (Prometheus). Never for partners.
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { splitAddress } from "@halfroom/transport";
import type { Registry } from "prom-client";
import { codeOf, OperatorError } from "../errors.ts";

export interface Admin {
  /** HOST:PORT. */
  readonly address: string;
  close(): void;
}

/** Errors: `listen`. */
export async function openAdmin(address: string, registry: Registry, isReady: () => boolean): Promise<Admin> {
  const server = createServer((request, response) => {
    void answer(request.url ?? "", response, registry, isReady);
  });
  const { host, port } = splitAddress(address);
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (cause) {
    throw new OperatorError(
      "listen",
      `Cannot listen on ${address} (${codeOf(cause)}); choose another \`admin\`.`,
      {
        cause,
      },
    );
  }
  return {
    address: `${host.includes(":") ? `[${host}]` : host}:${portOf(server)}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function answer(
  url: string,
  response: ServerResponse,
  registry: Registry,
  isReady: () => boolean,
): Promise<void> {
  const say = (status: number, text: string, type = "text/plain; charset=utf-8") =>
    response.writeHead(status, { "content-type": type }).end(text);
  if (url === "/healthz") say(200, "ok\n");
  else if (url === "/readyz") say(isReady() ? 200 : 503, isReady() ? "ready\n" : "not ready\n");
  else if (url === "/metrics") say(200, await registry.metrics(), registry.contentType);
  else say(404, "try /healthz, /readyz or /metrics\n");
}
