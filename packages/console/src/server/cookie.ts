// The cookie of whoever is signed in with a browser. No script reads it, no other site's page sends it, and where people come by TLS no
// other one can set it (`__Host-`, draft-ietf-httpbis-rfc6265bis, section 4.1.3.2). What a page of another site could still send, it could not
// give the header that goes with it: that is made of the cookie's secret.
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";

export interface CookieOptions {
  readonly scheme: "http" | "https";
  /** Where people open the console, if that is another address; else empty. */
  readonly url: string;
}

export const CSRF_HEADER = "x-halfroom-csrf";
const LABEL = "halfroom/csrf";
const SIGNED_IN = "halfroom";
const BEGUN = "halfroom-openid";
const BEGUN_SECONDS = 600;

/** The secret that a browser has sent. */
export function secretIn(context: Context, options: CookieOptions): string | undefined {
  return getCookie(context, nameOf(context, options, SIGNED_IN));
}

/** `endsAt` in milliseconds since 1970. */
export function giveSecret(
  context: Context,
  options: CookieOptions,
  { secret, endsAt }: { readonly secret: string; readonly endsAt: number },
): void {
  setCookie(context, nameOf(context, options, SIGNED_IN), secret, {
    path: "/",
    httpOnly: true,
    sameSite: "Strict",
    secure: isSecure(context, options),
    expires: new Date(endsAt),
  });
}

export function takeSecret(context: Context, options: CookieOptions): void {
  deleteCookie(context, nameOf(context, options, SIGNED_IN), {
    path: "/",
    secure: isSecure(context, options),
  });
}

/** The secret of a sign-in that has been sent to the provider: `Lax`, for the browser comes back from another site. */
export function giveBegun(context: Context, options: CookieOptions, secret: string): void {
  setCookie(context, nameOf(context, options, BEGUN), secret, {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    secure: isSecure(context, options),
    maxAge: BEGUN_SECONDS,
  });
}

/** The same once it is back; it holds once. */
export function takeBegun(context: Context, options: CookieOptions): string | undefined {
  const name = nameOf(context, options, BEGUN);
  const secret = getCookie(context, name);
  if (secret !== undefined) deleteCookie(context, name, { path: "/", secure: isSecure(context, options) });
  return secret;
}

/** What a request that changes something has to have in its header beside the cookie. */
export function csrfOf(secret: string): string {
  return createHmac("sha256", secret).update(LABEL).digest("base64url");
}

export function isCsrf(secret: string, given: string | undefined): boolean {
  const [right, shown] = [Buffer.from(csrfOf(secret)), Buffer.from(given ?? "")];
  return right.length === shown.length && timingSafeEqual(right, shown);
}

/** Whether the browser came by TLS: to us, or to the proxy that stands before us. */
function isSecure({ req }: Context, { scheme, url }: CookieOptions): boolean {
  return scheme === "https" || (url.startsWith("https:") && req.header("host") === new URL(url).host);
}

/** Cookies do not tell ports apart, so that of another node on this machine has another name. */
function nameOf(context: Context, options: CookieOptions, base: string): string {
  const port = /:(\d+)$/.exec(context.req.header("host") ?? "")?.[1];
  return `${isSecure(context, options) ? "__Host-" : ""}${base}${port === undefined ? "" : `-${port}`}`;
}
