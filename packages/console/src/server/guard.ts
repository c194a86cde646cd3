// Who may speak to the console at all: no page of another site, and nobody under a name that is not its own.
import { isOwnHost } from "@halfroom/node";
import type { Context, Next } from "hono";
import { RequestError } from "./request-error.ts";

export interface GuardOptions {
  /** HOST:PORT that it listens on. */
  readonly address: string;
  readonly hosts: readonly string[];
  readonly scheme: "http" | "https";
}

const READING = ["GET", "HEAD"];

/** Throws RequestError `host`, `origin`. */
export function guard(options: GuardOptions) {
  return async ({ req }: Context, next: Next): Promise<void> => {
    const host = req.header("host");
    if (!isOwnHost(host, options))
      throw new RequestError("host", "This name is not the console's own; see the setting `console_hosts`.");
    const origin = req.header("origin");
    const isForeign = origin !== undefined && origin !== `${options.scheme}://${host}`;
    const isCrossSite = req.header("sec-fetch-site") === "cross-site";
    if (!READING.includes(req.method) && (isForeign || isCrossSite))
      throw new RequestError("origin", "A page of another site sent this; only the console's own may.");
    await next();
  };
}
