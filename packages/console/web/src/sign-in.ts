// Who uses the page: a person with a session cookie, or whoever holds a token, which stays in the memory of the page alone.
import { createClient, ProblemError, ROLES, type Client, type Problem } from "@halfroom/console/client";
import { z } from "zod";
import type { Who } from "./house.ts";

const waysSchema = z.object({
  local: z.boolean(),
  openid: z.object({ label: z.string(), path: z.string() }).optional(),
});
export type Ways = z.infer<typeof waysSchema>;

const meSchema = z.object({
  name: z.string(),
  role: z.enum(ROLES),
  kind: z.enum(["person", "token"]),
  csrf: z.string().optional(),
});
const signedInSchema = z.object({
  person: z.object({ name: z.string(), role: z.enum(ROLES) }),
  csrf: z.string(),
});
const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
});

export interface SignedIn {
  readonly who: Who;
  readonly client: Client;
  signOut(): Promise<void>;
}

/** What a node offers that knows tokens alone. */
const TOKENS_ALONE: Ways = { local: false };

export async function readWays(): Promise<Ways> {
  const response = await fetch("/api/v1/sign-in/ways");
  if (!response.ok) return TOKENS_ALONE;
  return waysSchema.parse(await response.json());
}

/** Whoever the browser's cookie stands for; undefined for nobody. */
export async function signedInBefore(): Promise<SignedIn | undefined> {
  const response = await fetch("/api/v1/me");
  if (!response.ok) return undefined;
  const { name, role, csrf = "" } = meSchema.parse(await response.json());
  return person({ name, role }, csrf);
}

/** Rejects with ProblemError: `unauthenticated`, `code-needed`, `too-often`. */
export async function signInWithPassword(given: {
  readonly name: string;
  readonly password: string;
  readonly code?: string;
}): Promise<SignedIn> {
  const response = await send("/api/v1/sign-in", JSON.stringify(given));
  const { person: who, csrf } = signedInSchema.parse(await response.json());
  return person(who, csrf);
}

/** Rejects with ProblemError: `unauthenticated`, `too-often`. */
export async function signInWithToken(token: string): Promise<SignedIn> {
  const client = createClient({ url: location.origin, token });
  const response = await fetch("/api/v1/me", { headers: { authorization: `Bearer ${token}` } });
  const me = response.ok ? meSchema.parse(await response.json()) : undefined;
  // What the token may not do at all is said here, by an endpoint that every role may use.
  if (me === undefined) await client.showVersion();
  const who = { name: me?.name, role: me?.role, kind: "token" } as const;
  return { who, client, signOut: async () => undefined };
}

function person({ name, role }: Pick<z.infer<typeof meSchema>, "name" | "role">, csrf: string): SignedIn {
  const guarded = { "x-halfroom-csrf": csrf };
  const ask: typeof fetch = (input, init = {}) => {
    const headers = { ...(init.headers as Record<string, string>), ...guarded };
    return fetch(input, { ...init, headers });
  };
  return {
    who: { name, role, kind: "person" },
    client: createClient({ url: location.origin, fetch: ask }),
    signOut: async () => void (await send("/api/v1/sign-out", "{}", guarded)),
  };
}

async function send(path: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  const json = { "content-type": "application/json" };
  const response = await fetch(path, { method: "POST", body, headers: { ...json, ...headers } });
  if (!response.ok) throw new ProblemError(problemSchema.parse(await response.json()) as Problem);
  return response;
}
