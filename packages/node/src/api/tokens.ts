import { randomBytes } from "node:crypto";
import type { ApiRole } from "../console/api-roles.ts";
import type { ApiToken } from "../console/tokens.ts";
import { OperatorError } from "../errors.ts";
import { DAY_MS } from "../time.ts";
import { withState, type HalfroomNode } from "./node.ts";

export interface TokenRecord extends ApiToken {
  readonly state: "valid" | "expired" | "revoked";
}

export interface TokenRequest {
  readonly role: ApiRole;
  /** Days until it expires, at most 366. */
  readonly days: number;
  /** What the audit log will call its holder; made up if it is left out. */
  readonly name?: string | undefined;
}

const DAYS_MAX = 366;
const NAME_BYTES = 3;

/**
 * Makes a token for the HTTP API and returns it: it is kept nowhere, and cannot be shown again. Rejects with OperatorError `name`,
 * `name-taken`, `flags` for days that are too few or too many.
 */
export async function createToken(
  node: HalfroomNode,
  { role, days, name = `${role}-${randomBytes(NAME_BYTES).toString("hex")}` }: TokenRequest,
): Promise<{ readonly token: string } & TokenRecord> {
  if (!(days > 0 && days <= DAYS_MAX))
    throw new OperatorError(
      "flags",
      `A token expires after at most ${DAYS_MAX} days; give fewer, and more than none.`,
    );
  return await withState(node, ({ store, tokens, audit, clock }) => {
    const createdAt = clock.now();
    const made = { name, role, createdAt, expiresAt: createdAt + Math.round(days * DAY_MS) };
    const token = store.transaction(() => {
      audit.append("token-created", { token: name, role, expiresAt: made.expiresAt }, createdAt);
      return tokens.add(made);
    });
    return { token, ...made, revokedAt: undefined, state: "valid" };
  });
}

/** By name, also those that have expired or were revoked. */
export async function listTokens(node: HalfroomNode): Promise<TokenRecord[]> {
  return await withState(node, ({ tokens, clock }) => {
    const now = clock.now();
    return tokens.list().map((token) => ({ ...token, state: stateOf(token, now) }));
  });
}

/** From now on nobody gets in with it. Rejects with OperatorError `no-token`. */
export async function revokeToken(node: HalfroomNode, name: string): Promise<void> {
  await withState(node, ({ store, tokens, audit, clock }) => {
    const now = clock.now();
    store.transaction(() => {
      tokens.revoke(name, now);
      audit.append("token-revoked", { token: name }, now);
    });
  });
}

/** Whose token it is, and whether it holds; undefined for one that is not known. */
export async function findToken(node: HalfroomNode, token: string): Promise<TokenRecord | undefined> {
  return await withState(node, ({ tokens, clock }) => {
    const found = tokens.find(token);
    return found && { ...found, state: stateOf(found, clock.now()) };
  });
}

function stateOf({ revokedAt, expiresAt }: ApiToken, now: number): TokenRecord["state"] {
  if (revokedAt !== undefined) return "revoked";
  return expiresAt <= now ? "expired" : "valid";
}
