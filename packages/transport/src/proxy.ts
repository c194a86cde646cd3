// The way to the partner through an HTTP proxy that lets connections out: CONNECT (RFC 9110, section 9.3.6). TLS to the partner
// runs inside, with the same pins as without a proxy, which sees the partner's address and encrypted bytes.
import type { IncomingMessage } from "node:http";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP } from "node:net";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { guarded, ProtocolError } from "@halfroom/wire";
import { seenAtProxy, Unreached } from "./attempt.ts";

const PORTS = { "http:": 80, "https:": 443 } as const;
/** Statuses that say that the proxy works and the partner's address does not, which may pass. */
const PASSING: Readonly<Record<number, string>> = {
  500: "it failed",
  502: "it cannot reach the partner's address",
  503: "it cannot reach the partner's address, or is overloaded",
  504: "nothing answered it at the partner's address",
};

/**
 * A proxy as the operator writes it, http://USER:PASSWORD@HOST:PORT; without "http://" it is HOST:PORT. Undefined for anything
 * else. With https:// TLS to the proxy itself is checked against the system's authorities.
 */
export function parseProxy(text: string): URL | undefined {
  const whole = text.includes("://") ? text : `http://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  return url !== undefined && url.protocol in PORTS && url.hostname !== "" && isDecodable(url)
    ? url
    : undefined;
}

/** Whether every "%" of the name and the password begins an escape. */
function isDecodable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

/** HOST:PORT of the proxy, without its credentials. */
export function proxyAddress({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port || PORTS[protocol as keyof typeof PORTS]}`;
}

/**
 * Asks the proxy for a connection to the partner's address, HOST:PORT. Throws `Unreached` if the proxy does not answer or does not
 * reach the address, ProtocolError `closed` if it refuses to.
 */
export function openTunnel(proxy: URL, address: string, limit: AbortSignal): Promise<Socket> {
  const [request, port] =
    proxy.protocol === "https:"
      ? ([requestHttps, PORTS["https:"]] as const)
      : ([requestHttp, PORTS["http:"]] as const);
  const host = proxy.hostname.replaceAll(/[[\]]/g, "");
  const connecting = request({
    host,
    port: Number(proxy.port || port),
    method: "CONNECT",
    path: address,
    headers: { host: address, ...credentials(proxy) },
    agent: false,
    ...(isIP(host) === 0 && { servername: host }),
  });
  const late = () => connecting.destroy();
  limit.addEventListener("abort", late);
  return new Promise<Socket>((resolve, reject) => {
    const failed = (error: Error) => reject(seenAtProxy(error, limit));
    // For CONNECT, HTTP hands the socket over whatever the status is.
    const answered = (response: IncomingMessage, socket: Duplex, head: Buffer) => {
      const { statusCode = 0 } = response;
      if (statusCode < 200 || statusCode > 299) {
        socket.destroy();
        return reject(refusal(response, proxy, address));
      }
      if (head.length > 0) socket.unshift(head);
      resolve(socket as Socket);
    };
    connecting.on("error", guarded(failed, reject));
    connecting.once(
      "connect",
      guarded(answered, (error, _response, socket) => {
        socket.destroy();
        reject(error);
      }),
    );
    connecting.end();
  }).finally(() => limit.removeEventListener("abort", late));
}

function credentials({ username, password }: URL): { "proxy-authorization"?: string } {
  if (username === "" && password === "") return {};
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(plain).toString("base64")}` };
}

function refusal({ statusCode = 0 }: IncomingMessage, proxy: URL, address: string): Error {
  const passing = PASSING[statusCode];
  if (passing !== undefined) return new Unreached("proxy", { words: `${passing} (HTTP ${statusCode})` });
  const hasCredentials = proxy.username !== "" || proxy.password !== "";
  const words =
    statusCode === 407
      ? hasCredentials
        ? "it does not take the user name and password that the proxy's setting holds"
        : "it asks for a user name and password: write them into the proxy's setting, as in http://USER:PASSWORD@HOST:PORT"
      : statusCode === 403
        ? "it does not allow this connection: whoever runs it has to allow CONNECT to this address"
        : "it does not make connections with CONNECT";
  return new ProtocolError(
    "closed",
    `cannot reach ${address}: the proxy ${proxyAddress(proxy)} answers HTTP ${statusCode}: ${words}`,
  );
}
