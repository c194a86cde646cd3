// Signing in and out, for one request.
import {
  actingFor,
  changePassword,
  hasUsers,
  noteFailedSignIn,
  signIn,
  signOut,
  type FailedSignIn,
  type GivenCredentials,
  type HalfroomNode,
  type SigningIn,
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
  /** Whose node this is; empty if nobody has said. */
  readonly company: string;
}

type NotIn = Exclude<SigningIn, { readonly state: "in" }>;

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
    if (signed.state !== "in") throw await this.#refusalOf(signed);
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
    const { company } = this.#options;
    return { name, role, kind, way, csrf, expires: endsAt, ...(company !== "" && { company }) };
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
    const changed = await changePassword(actingFor(node, actor), { name, ...given }, next, {
      logN: limits.passwordLogN,
    });
    if (changed.state !== "changed") throw await this.#refusalOf(changed);
    await rates.signedIn(name, this.#address);
    takeSecret(this.#context, this.#options);
  }

  async #refusalOf(refused: NotIn): Promise<RequestError> {
    if (refused.state === "code-needed")
      return new RequestError("code-needed", "Give the one-time code of your app as well.");
    const { why, user } = refused;
    const failed = { way: "password", why, ...(user !== undefined && { user }) } as const;
    await writeFailure(this.#options, user ?? "", failed);
    return new RequestError("unauthenticated", WRONG);
  }
}

/** The audit log has it, unless it has many of `whose` already: a user of this node, or all others of that way. */
export async function writeFailure(
  { node, rates }: Pick<DoorOptions, "node" | "rates">,
  whose: string,
  failed: Omit<FailedSignIn, "isLast">,
): Promise<void> {
  const due = await rates.ofFailure(`${failed.way} ${whose}`);
  if (due !== "silent") await noteFailedSignIn(node, { ...failed, isLast: due === "last" });
}
