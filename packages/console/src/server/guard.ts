// Who may speak to the console at all: no page of another site, and nobody under a name that is not its own.
import { isOwnHost } from "@halfroom/node";
import type { Context, Next } from "hono";
import { RequestError } from "./request-error.ts";

export interface GuardOptions {
  /** HOST:PORT that it listens on. */
  readonly address: string;
  readonly hosts: readonly string[];
  readonly scheme: "http" | "https";
  /** Where people open it, if that is another address; else empty. */
  readonly url: string;
}

/** Methods that change nothing. */
export const READING = ["GET", "HEAD"];

/** Throws RequestError `host`, `origin`. */
export function guard({ url, ...options }: GuardOptions) {
  const opened = url === "" ? undefined : new URL(url);
  const hosts = opened === undefined ? options.hosts : [...options.hosts, opened.hostname];
  return async ({ req }: Context, next: Next): Promise<void> => {
    const host = req.header("host");
    if (!isOwnHost(host, { ...options, hosts }))
      throw new RequestError("host", "This name is not the console's own; see the setting `console_hosts`.");
    const origin = req.header("origin");
    // Under the name by which people open it, pages come as people do: a page without TLS is another one.
    const own = host === opened?.host ? opened!.origin : `${options.scheme}://${host}`;
    const isForeign = origin !== undefined && origin !== own;
    const isCrossSite = req.header("sec-fetch-site") === "cross-site";
    if (!READING.includes(req.method) && (isForeign || isCrossSite))
      throw new RequestError("origin", "A page of another site sent this; only the console's own may.");
    await next();
  };
}
