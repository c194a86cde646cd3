// Users and their signing in.
import { actorOf, actorText, type Actor } from "../people/actor.ts";
import { assertPassword, hashPassword, isCheap, isPassword, SCRYPT_LOG_N } from "../people/passwords.ts";
import type { Person, SignIn, Way } from "../people/sign-ins.ts";
import { termsOf } from "../people/terms.ts";
import { assertUserName, type Kept, type User } from "../people/users.ts";
import type { ApiRole } from "../console/api-roles.ts";
import type { NodeState } from "../node-state.ts";
import { withState, type HalfroomNode } from "./node.ts";

export type UserRecord = User;

/** Where a one-time code is asked for: its secret for the user's app, in base32 and as the text of a QR code. It cannot be shown again. */
export interface ShownSecret {
  readonly secret: string;
  readonly uri: string;
}

export interface NewUser {
  readonly name: string;
  readonly role: ApiRole;
  readonly password: string;
  /** Whether a one-time code (TOTP) is asked for as well. */
  readonly codes: boolean;
}

/** What passwords cost to guess: the binary logarithm of scrypt's N. */
interface Cost {
  readonly logN?: number | undefined;
}

/** Rejects with OperatorError `name`, `name-taken`, `password`. */
export async function addUser(
  node: HalfroomNode,
  { name, role, password, codes }: NewUser,
  { logN = SCRYPT_LOG_N }: Cost = {},
): Promise<UserRecord & { readonly codes?: ShownSecret }> {
  return await withState(node, async ({ store, users, audit, clock }) => {
    assertUserName(name);
    assertPassword(password, name);
    const kept = await hashPassword(password, logN);
    const made = codes ? await madeSecret(name) : undefined;
    const now = clock.now();
    store.transaction(() => {
      audit.append("user-added", { user: name, role, codes }, now);
      users.add(name, role, { password: kept, secret: made?.secret }, now);
    });
    return { ...users.get(name), ...(made !== undefined && { codes: made.shown }) };
  });
}

/** By name. */
export async function listUsers(node: HalfroomNode): Promise<UserRecord[]> {
  return await withState(node, ({ users }) => users.list());
}

/** Nobody gets in under that name any more. Rejects with OperatorError `no-user`. */
export async function removeUser(node: HalfroomNode, name: string): Promise<void> {
  await change(node, name, "user-removed", {}, ({ users }) => users.remove(name));
}

/** Whoever is signed in as the user is out. Rejects with OperatorError `no-user`. */
export async function changeUserRole(node: HalfroomNode, name: string, role: ApiRole): Promise<UserRecord> {
  await change(node, name, "user-role", { role }, ({ users }) => users.setRole(name, role));
  return await withState(node, ({ users }) => users.get(name));
}

/**
 * Gives a user another password; with `codes` a new secret for one-time codes too, and without all stays with them as it was. Whoever is
 * signed in as the user is out. Rejects with OperatorError `no-user`, `password`.
 */
export async function resetUser(
  node: HalfroomNode,
  { name, password, codes }: Omit<NewUser, "role">,
  { logN = SCRYPT_LOG_N }: Cost = {},
): Promise<UserRecord & { readonly codes?: ShownSecret }> {
  assertPassword(password, name);
  await withState(node, ({ users }) => users.get(name));
  const kept = await hashPassword(password, logN);
  const made = codes ? await madeSecret(name) : undefined;
  await change(node, name, "user-reset", { codes }, ({ users }) => {
    users.setPassword(name, kept);
    if (made !== undefined) users.setSecret(name, made.secret);
  });
  return await withState(node, ({ users }) => ({
    ...users.get(name),
    ...(made !== undefined && { codes: made.shown }),
  }));
}

async function change(
  node: HalfroomNode,
  name: string,
  kind: "user-removed" | "user-role" | "user-reset",
  facts: Readonly<Record<string, string | boolean>>,
  work: (state: NodeState) => void,
): Promise<void> {
  await withState(node, (state) => {
    const { store, signIns, approvals, audit, clock } = state;
    store.transaction(() => {
      work(state);
      signIns.endOf("password", name);
      // Who may not approve any more has approved nothing that still waits; another password changes nobody.
      if (kind !== "user-reset") approvals.voidOf({ kind: "user", subject: name });
      audit.append(kind, { user: name, ...facts }, clock.now());
    });
  });
}

async function madeSecret(name: string) {
  // Loaded here alone: the other verbs make and check no codes.
  const { newSecret, shownSecret } = await import("../people/one-time-codes.ts");
  const secret = newSecret();
  return { secret, shown: shownSecret(secret, name) };
}

export interface GivenCredentials {
  readonly name: string;
  readonly password: string;
  readonly code?: string | undefined;
}

/** What was wrong, for the audit log alone: whoever tries to sign in is not told which. `user`: whose name was given, if it is anybody's. */
interface Refused {
  readonly why: "name" | "password" | "code";
  readonly user?: string;
}

export type SigningIn =
  | { readonly state: "code-needed" }
  | ({ readonly state: "refused" } & Refused)
  | ({ readonly state: "in"; readonly secret: string } & SignIn);

/** Signs a user in; the secret is kept nowhere. That a name is unknown takes as long to say as that a password is wrong. */
export async function signIn(
  node: HalfroomNode,
  given: GivenCredentials,
  { logN = SCRYPT_LOG_N }: Cost = {},
): Promise<SigningIn> {
  return await withState(node, async (state) => {
    const shown = await look(state, given, logN);
    if (shown === "code-needed") return { state: shown };
    if ("why" in shown) return { state: "refused", ...shown };
    return state.store.transaction(() => {
      const user = accept(state, shown);
      if (user === undefined) return { state: "refused", why: "code", user: shown.kept.user.name };
      const { name, role } = user;
      return { state: "in", ...begin(state, { way: "password", name, subject: name, role }) };
    });
  });
}

/**
 * A user's own change of password; all sign-ins of theirs end. Whoever is not let in with what is given changes nothing. Rejects with
 * OperatorError `password`.
 */
export async function changePassword(
  node: HalfroomNode,
  given: GivenCredentials,
  next: string,
  { logN = SCRYPT_LOG_N }: Cost = {},
): Promise<{ readonly state: "changed" } | Exclude<SigningIn, { readonly state: "in" }>> {
  return await withState(node, async (state) => {
    const { store, users, signIns, audit, clock } = state;
    assertPassword(next, given.name);
    const shown = await look(state, given, logN);
    if (shown === "code-needed") return { state: shown };
    if ("why" in shown) return { state: "refused", ...shown };
    const kept = await hashPassword(next, logN);
    return store.transaction(() => {
      const user = accept(state, shown);
      if (user === undefined) return { state: "refused", why: "code", user: shown.kept.user.name };
      users.setPassword(user.name, kept);
      signIns.endOf("password", user.name);
      audit.append("user-reset", { user: user.name, codes: false }, clock.now());
      return { state: "changed" };
    });
  });
}

/** A right password, and the period of a right code where one is asked for. */
interface Shown {
  readonly kept: Kept;
  readonly period: number | undefined;
  /** The password at today's cost, where it is kept at a lower one. */
  readonly better: string | undefined;
}

/** What takes time. */
async function look(
  { users, clock }: NodeState,
  { name, password, code }: GivenCredentials,
  logN: number,
): Promise<Shown | Refused | "code-needed"> {
  const kept = users.find(name);
  const isRight = await isPassword(password, kept?.password, logN);
  if (kept === undefined) return { why: "name" };
  const { name: user } = kept.user;
  if (!isRight || kept.password === undefined) return { why: "password", user };
  if (kept.secret !== undefined && code === undefined) return "code-needed";
  const period = await periodOfCode(kept, code, clock.now());
  if (kept.secret !== undefined && period === undefined) return { why: "code", user };
  const better = isCheap(kept.password, logN) ? await hashPassword(password, logN) : undefined;
  return { kept, period, better };
}

async function periodOfCode(
  { secret }: Kept,
  code: string | undefined,
  now: number,
): Promise<number | undefined> {
  if (secret === undefined || code === undefined) return undefined;
  const { periodOf } = await import("../people/one-time-codes.ts");
  return periodOf(secret, code, now);
}

/** Undefined if the code was used before, or the user has changed while the password was looked at. */
function accept({ users }: NodeState, { kept, period, better }: Shown): User | undefined {
  const { name } = kept.user;
  const now = users.find(name);
  if (now === undefined || now.password !== kept.password || now.user.hasCodes !== kept.user.hasCodes)
    return undefined;
  if (period !== undefined && !users.useCode(name, period)) return undefined;
  if (better !== undefined) users.setPassword(name, better);
  return now.user;
}

function begin(state: NodeState, person: Person): { readonly secret: string } & SignIn {
  const { signIns, audit, clock } = state;
  const now = clock.now();
  const secret = signIns.begin(person, termsOf(state.settings)(person.way), now);
  audit.of(actorText(actorOf(person))).append("signed-in", { role: person.role }, now);
  const found = signIns.find(secret, termsOf(state.settings), { now, isAlive: false })!;
  return { secret, ...found };
}

export interface FailedSignIn {
  readonly way: Way;
  /** `role`: whom the identity provider names has none here. */
  readonly why: Refused["why"] | "role";
  /** Whose name was given, if it is anybody's: what else was typed may be a password. */
  readonly user?: string;
  /** Whether the next ones like it will not be written down for a while. */
  readonly isLast: boolean;
}

/** Writes into the audit log that somebody was not let in. Whoever calls it bounds how often: a stranger can cause it. */
export async function noteFailedSignIn(node: HalfroomNode, failed: FailedSignIn): Promise<void> {
  const { way, why, user, isLast } = failed;
  const facts = {
    ...(user !== undefined && { user }),
    way,
    why,
    ...(isLast && { next: "those of the next hour are not written down" }),
  };
  await withState(node, ({ audit, clock }) => audit.append("sign-in-failed", facts, clock.now()));
}

/** Signs in whom the identity provider of the settings has named; the secret is kept nowhere. */
export async function beginSignIn(
  node: HalfroomNode,
  person: Omit<Person, "way">,
): Promise<{ readonly secret: string } & SignIn> {
  return await withState(node, (state) =>
    state.store.transaction(() => begin(state, { way: "openid", ...person })),
  );
}

/** Whoever is signed in with the secret; undefined for nobody, and once that has ended. `isAlive`: whether this is a sign of life. */
export async function findSignIn(
  node: HalfroomNode,
  secret: string,
  { isAlive }: { readonly isAlive: boolean },
): Promise<(SignIn & { readonly actor: Actor }) | undefined> {
  return await withState(node, (state) => {
    const found = state.signIns.find(secret, termsOf(state.settings), { now: state.clock.now(), isAlive });
    return found && { ...found, actor: actorOf(found) };
  });
}

/** Ends it; whether there was one. */
export async function signOut(node: HalfroomNode, secret: string): Promise<boolean> {
  return await withState(node, ({ store, signIns, settings, audit, clock }) =>
    store.transaction(() => {
      const now = clock.now();
      const found = signIns.find(secret, termsOf(settings), { now, isAlive: false });
      if (found !== undefined) audit.of(actorText(actorOf(found))).append("signed-out", {}, now);
      return signIns.end(secret);
    }),
  );
}

/** Whether anybody can sign in with a password. */
export async function hasUsers(node: HalfroomNode): Promise<boolean> {
  return await withState(node, ({ users }) => users.list().some(({ isLocked }) => !isLocked));
}
