// Signing in and out, for one request.
import {
  actingFor,
  changePassword,
  hasUsers,
  signIn,
  signOut,
  type GivenCredentials,
  type HalfroomNode,
} from "@halfroom/node";
import type { Context } from "hono";
import type { Role } from "../contract/roles.ts";
import { csrfOf, giveSecret, secretIn, takeSecret, type CookieOptions } from "./cookie.ts";
import { BEGIN_PATH, type OpenId } from "./openid.ts";
import type { Limits, Rates } from "./limits.ts";
import { RequestError } from "./request-error.ts";
import type { Caller } from "./sign-in.ts";

export interface DoorOptions extends CookieOptions {
  readonly openid: OpenId | undefined;
  readonly node: HalfroomNode;
  readonly limits: Limits;
  readonly rates: Rates;
}

/** What is told of whatever was wrong. */
const WRONG =
  "Name, password or one-time code do not fit together; mind that a code holds once. An administrator can reset a user.";

export class Door {
  readonly #options: DoorOptions;
  readonly #context: Context;
  readonly #caller: Caller | undefined;
  readonly #address: string;

  /** `address`: where the request comes from. */
  constructor(options: DoorOptions, context: Context, caller: Caller | undefined, address: string) {
    this.#options = options;
    this.#context = context;
    this.#caller = caller;
    this.#address = address;
  }

  /** Rejects with RequestError `unauthenticated`, `code-needed`, `too-often`. */
  async signIn(
    given: GivenCredentials,
  ): Promise<{ readonly person: { readonly name: string; readonly role: Role }; readonly csrf: string }> {
    const { node, limits, rates } = this.#options;
    await rates.ofSignIn(given.name, this.#address);
    const signed = await signIn(node, given, { logN: limits.passwordLogN });
    if (signed.state !== "in") throw refusalOf(signed.state);
    await rates.signedIn(given.name, this.#address);
    const { secret, name, role, endsAt } = signed;
    await this.letIn({ secret, endsAt });
    return { person: { name, role }, csrf: csrfOf(secret) };
  }

  /** Gives the browser a new secret; the sign-in that it had ends. */
  async letIn(given: { readonly secret: string; readonly endsAt: number }): Promise<void> {
    const before = secretIn(this.#context, this.#options);
    if (before !== undefined) await signOut(this.#options.node, before);
    giveSecret(this.#context, this.#options, given);
  }

  /** Rejects with RequestError `forbidden` for a token. */
  async signOut(): Promise<void> {
    const { secret } = this.#caller ?? {};
    if (secret === undefined)
      throw new RequestError("forbidden", "A token is not signed in: `halfroom token revoke` ends it.");
    await signOut(this.#options.node, secret);
    takeSecret(this.#context, this.#options);
  }

  me() {
    const { name, role, kind, way, secret, endsAt } = this.#caller!;
    const csrf = secret === undefined ? undefined : csrfOf(secret);
    return { name, role, kind, way, csrf, expires: endsAt };
  }

  async ways() {
    const { node, openid } = this.#options;
    return {
      local: await hasUsers(node),
      ...(openid && { openid: { label: openid.label, path: BEGIN_PATH } }),
    };
  }

  /** Rejects with RequestError `forbidden` for whoever has no password here, `unauthenticated`, `code-needed`, `too-often`. */
  async changePassword({
    next,
    ...given
  }: Omit<GivenCredentials, "name"> & { readonly next: string }): Promise<void> {
    const { node, limits, rates } = this.#options;
    const { name, actor, way } = this.#caller!;
    if (way !== "password")
      throw new RequestError("forbidden", "Only who signs in with a password of this node can change one.");
    await rates.ofSignIn(name, this.#address);
    const state = await changePassword(actingFor(node, actor), { name, ...given }, next, {
      logN: limits.passwordLogN,
    });
    if (state !== "changed") throw refusalOf(state);
    await rates.signedIn(name, this.#address);
    takeSecret(this.#context, this.#options);
  }
}

function refusalOf(state: "refused" | "code-needed"): RequestError {
  return state === "refused"
    ? new RequestError("unauthenticated", WRONG)
    : new RequestError("code-needed", "Give the one-time code of your app as well.");
}
