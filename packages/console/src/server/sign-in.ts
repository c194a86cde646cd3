// Whose request it is: of a program, by its token, or of a person, by the cookie of a browser; and whether that role may do what is asked.
import { actorText, findSignIn, findToken, type Actor, type HalfroomNode } from "@halfroom/node";
import type { Role } from "../contract/roles.ts";
import type { Route } from "../contract/route.ts";
import { CSRF_HEADER, isCsrf } from "./cookie.ts";
import type { Rates } from "./limits.ts";
import { RequestError } from "./request-error.ts";

export interface Caller {
  /** As in the audit log. */
  readonly actor: Actor;
  readonly kind: "token" | "person";
  readonly name: string;
  readonly role: Role;
  /** Milliseconds since 1970, at the latest. */
  readonly endsAt: number;
  /** Of a person: how they signed in, and their cookie's secret. */
  readonly way?: "password" | "openid";
  readonly secret?: string;
  /** Whether what the request was let in with still holds. */
  readonly isStillIn: () => Promise<boolean>;
}

/** What of a request says whose it is. */
export interface Shown {
  readonly authorization: string | undefined;
  /** Of the cookie. */
  readonly secret: string | undefined;
  readonly csrf: string | undefined;
  /** Whether the request may change something. */
  readonly changes: boolean;
  /** Where it comes from. */
  readonly address: string;
}

const CHALLENGE = { "www-authenticate": 'Bearer realm="halfroom"' };
const WHY = {
  none: "Sign in, or send a token: Authorization: Bearer TOKEN. `halfroom user add` and `halfroom token create` make what that takes.",
  ended: "The sign-in has ended; sign in again.",
  unknown: "The token is not one of this node's; `halfroom token list` lists them.",
  expired: "The token has expired; `halfroom token create` makes another one.",
  revoked: "The token was revoked; `halfroom token create` makes another one.",
} as const;

/** Rejects with RequestError `unauthenticated`, `forbidden` for a person's request without its header, `too-often`. */
export async function callerOf(node: HalfroomNode, shown: Shown, rates: Rates): Promise<Caller> {
  const { authorization, secret, address } = shown;
  const found = await (authorization === undefined && secret !== undefined
    ? personOf(node, secret)
    : programOf(node, authorization));
  if (typeof found === "string") {
    await rates.ofStranger(address);
    throw new RequestError("unauthenticated", WHY[found], { headers: CHALLENGE });
  }
  await rates.ofCaller(actorText(found.actor));
  if (found.secret !== undefined && shown.changes && !isCsrf(found.secret, shown.csrf))
    throw new RequestError(
      "forbidden",
      `The header ${CSRF_HEADER} is missing or not right; /api/v1/me has it.`,
    );
  return found;
}

async function programOf(
  node: HalfroomNode,
  authorization: string | undefined,
): Promise<Caller | keyof typeof WHY> {
  const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization ?? "")?.[1];
  if (token === undefined) return authorization === undefined ? "none" : "unknown";
  const found = await findToken(node, token);
  if (found?.state !== "valid") return found?.state ?? "unknown";
  const { name, role, expiresAt: endsAt } = found;
  const isStillIn = async () => (await findToken(node, token))?.state === "valid";
  const actor = { kind: "token", name, subject: name } as const;
  return { actor, kind: "token", name, role, endsAt, isStillIn };
}

async function personOf(node: HalfroomNode, secret: string): Promise<Caller | "ended"> {
  const found = await findSignIn(node, secret, { isAlive: true });
  if (found === undefined) return "ended";
  const { actor, name, role, way, endsAt } = found;
  // A page that is left open is no sign of life.
  const isStillIn = async () => (await findSignIn(node, secret, { isAlive: false })) !== undefined;
  return { actor, kind: "person", name, role, way, secret, endsAt, isStillIn };
}

/** Throws RequestError `forbidden`. */
export function assertMay({ role }: Caller, { roles }: Route): void {
  if (roles === "anyone" || roles.includes(role)) return;
  const words = `The role ${role} may not do this; it takes one of: ${roles.join(", ")}.`;
  throw new RequestError("forbidden", words);
}
