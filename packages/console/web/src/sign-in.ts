// Who uses the page: a person with a session cookie, or whoever holds a token, which stays in the memory of the page alone.
import { createClient, type Client } from "@halfroom/console/client";
import type { Me, Ways } from "./answers.ts";
import type { Who } from "./house.ts";

export interface SignedIn {
  readonly who: Who;
  readonly client: Client;
  signOut(): Promise<void>;
}

/** Of whoever the browser's cookie stands for; `csrf` goes with what changes something. */
function ofCookie(csrf?: string): Client {
  return createClient({ url: location.origin, csrf: () => csrf });
}

export async function readWays(): Promise<Ways> {
  return await ofCookie().showSignInWays();
}

/** Rejects with ProblemError `unauthenticated` if the browser's cookie stands for nobody. */
export async function signedInBefore(): Promise<SignedIn> {
  const { csrf, ...who } = await ofCookie().showMe();
  const client = ofCookie(csrf);
  return { who: whoIs(who), client, signOut: () => client.signOut() };
}

/** Rejects with ProblemError: `unauthenticated`, `code-needed`, `too-often`. */
export async function signInWithPassword(given: {
  readonly name: string;
  readonly password: string;
  readonly code?: string;
}): Promise<SignedIn> {
  await ofCookie().signIn(given);
  return await signedInBefore();
}

/** Rejects with ProblemError: `unauthenticated`, `too-often`. */
export async function signInWithToken(token: string): Promise<SignedIn> {
  const client = createClient({ url: location.origin, token });
  return { who: whoIs(await client.showMe()), client, signOut: async () => undefined };
}

function whoIs({ name, role, company }: Me): Who {
  return { name, role, company };
}
