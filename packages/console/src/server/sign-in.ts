// Whose token a request carries, and whether that role may do what is asked.
import { findToken, type HalfroomNode } from "@halfroom/node";
import type { Role } from "../contract/roles.ts";
import type { Route } from "../contract/route.ts";
import type { Rates } from "./limits.ts";
import { RequestError } from "./request-error.ts";

export interface Caller {
  /** Of its token. */
  readonly name: string;
  readonly role: Role;
}

const CHALLENGE = { "www-authenticate": 'Bearer realm="halfroom"' };
const WHY = {
  none: "Send a token: Authorization: Bearer TOKEN. `halfroom token create` makes one.",
  unknown: "The token is not one of this node's; `halfroom token list` lists them.",
  expired: "The token has expired; `halfroom token create` makes another one.",
  revoked: "The token was revoked; `halfroom token create` makes another one.",
} as const;

/** `authorization`: the header; `address`: where the request comes from. Rejects with RequestError `unauthenticated`, `too-often`. */
export async function signIn(
  node: HalfroomNode,
  { authorization, address }: { readonly authorization: string | undefined; readonly address: string },
  rates: Rates,
): Promise<Caller> {
  const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization ?? "")?.[1];
  const found = token === undefined ? undefined : await findToken(node, token);
  if (found?.state === "valid") {
    await rates.ofToken(found.name);
    return { name: found.name, role: found.role };
  }
  await rates.ofStranger(address);
  const why = found?.state ?? (authorization === undefined ? "none" : "unknown");
  throw new RequestError("unauthenticated", WHY[why], { headers: CHALLENGE });
}

/** Throws RequestError `forbidden`. */
export function assertMay({ role }: Caller, { roles }: Route): void {
  if (roles === "anyone" || roles.includes(role)) return;
  const words = `A token of the role ${role} may not do this; it takes one of: ${roles.join(", ")}.`;
  throw new RequestError("forbidden", words);
}

/** Whether what the request was let in with still holds. */
export async function isStillIn(node: HalfroomNode, authorization: string | undefined): Promise<boolean> {
  const found = await findToken(node, (authorization ?? "").replace(/^Bearer /i, ""));
  return found?.state === "valid";
}
