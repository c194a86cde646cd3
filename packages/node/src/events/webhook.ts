// One message to a webhook, by the rules of Standard Webhooks (https://www.standardwebhooks.com): the event's id, the time of the attempt and a
// signature over both and the body stand in headers. Of the answer its status counts, and nothing else of it is read.
import { request as requestHttp, type IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { openTunnel, proxyAddress } from "@halfroom/transport";
import { guarded } from "@halfroom/wire";
import { buildFacts } from "../build.ts";
import { proxyFor } from "../partners/proxy.ts";
import type { NodeState } from "../node-state.ts";
import { ATTEMPT_MS, Undelivered } from "./attempt.ts";
import type { StoredEvent } from "./events.ts";
import { webhookSigners } from "./secrets.ts";
import type { Webhook } from "./settings.ts";

type Sending = Pick<NodeState, "folder" | "settings">;

/** What is sent, as text: whoever hears the event twice, after a retry, tells it by its id. */
function bodyOf({ id, type, at, facts }: StoredEvent): string {
  return JSON.stringify({ id, type, timestamp: new Date(at).toISOString(), data: facts });
}

/** `now`: of the attempt, in milliseconds since 1970. Errors: `Undelivered`; `settings`, `open-to-others`, `folder`; those of the system. */
export async function sendWebhook(
  { folder, settings }: Sending,
  { url: text, secret }: Pick<Webhook, "url" | "secret">,
  event: StoredEvent,
  now: number,
): Promise<void> {
  const body = bodyOf(event);
  const signers = await webhookSigners(folder, secret);
  const at = new Date(now);
  const headers = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "user-agent": `halfroom/${buildFacts().version}`,
    "webhook-id": event.id,
    "webhook-timestamp": String(Math.floor(now / 1000)),
    "webhook-signature": signers.map((signer) => signer.sign(event.id, at, body)).join(" "),
  };
  const url = new URL(text);
  const limit = AbortSignal.timeout(ATTEMPT_MS);
  const status = await post(url, await tunnelTo(settings, url, limit), headers, body, limit);
  if (status >= 200 && status < 300) return;
  if (status === 410) throw new Undelivered("it answers HTTP 410: it wants no more", { isFinal: true });
  const why = status >= 300 && status < 400 ? ": redirects are not followed, write its own address" : "";
  throw new Undelivered(`it answers HTTP ${status}${why}`);
}

/** Through the proxy that partners are dialled through. Errors: `settings`, `Undelivered`. */
async function tunnelTo(
  settings: Sending["settings"],
  { hostname, port, protocol }: URL,
  limit: AbortSignal,
): Promise<Socket | undefined> {
  const address = `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
  const proxy = proxyFor(settings, address);
  if (proxy === undefined) return undefined;
  try {
    return await openTunnel(proxy, address, limit);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "it failed";
    throw new Undelivered(`the proxy ${proxyAddress(proxy)} does not lead there: ${why}`, { cause });
  }
}

/** Resolves to the status, once it is there; the rest of the answer is not waited for. */
async function post(
  url: URL,
  tunnel: Socket | undefined,
  headers: Readonly<Record<string, string | number>>,
  body: string,
  limit: AbortSignal,
): Promise<number> {
  const isTls = url.protocol === "https:";
  const host = url.hostname.replaceAll(/[[\]]/g, "");
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const through = (socket: Socket) => () => (isTls ? connectTls({ socket, ...servername }) : socket);
  const request = (isTls ? requestHttps : requestHttp)(url, {
    method: "POST",
    headers,
    signal: limit,
    ...(tunnel === undefined ? { agent: false } : { createConnection: through(tunnel) }),
  });
  return await new Promise<number>((resolve, reject) => {
    const answered = ({ statusCode = 0 }: IncomingMessage) => {
      resolve(statusCode);
      request.destroy();
    };
    request.on("response", guarded(answered, reject));
    request.on("error", reject);
    request.end(body);
  });
}
