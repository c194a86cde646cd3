// People who sign in to the console with a password.
import {
  addUser,
  changeUserRole,
  listUsers,
  removeUser,
  resetUser,
  type ApiRole,
  type ShownSecret,
} from "@halfroom/node";
import { drawList } from "@halfroom/report";
import { moment } from "../../moment.ts";
import { say, sayJson, tell } from "../../print.ts";
import { newPassword } from "./ask-secret.ts";
import { withNode, type HomeFlags } from "./folder.ts";

interface NamedFlags extends HomeFlags {
  readonly name: string;
}

interface PasswordFlags extends NamedFlags {
  readonly "password-file"?: string | undefined;
  readonly totp: boolean;
  readonly json: boolean;
}

export async function userAddCommand(flags: PasswordFlags & { readonly role: ApiRole }): Promise<void> {
  const { name, role, totp: codes } = flags;
  const password = await newPassword(flags);
  const made = await withNode(flags, (node) => addUser(node, { name, role, password, codes }));
  if (flags.json) return sayJson(made);
  say(`Added ${name}, of the role ${role}, who signs in to the console with this password.`);
  sayCodes(made.codes);
}

export async function userListCommand(flags: HomeFlags & { json: boolean }): Promise<void> {
  const users = await withNode(flags, listUsers);
  if (flags.json) return sayJson(users);
  if (users.length === 0) return say("There are no users yet; halfroom user add makes one.");
  const rows = users.map(({ name, role, hasCodes, isLocked, createdAt }) => [
    name,
    role,
    isLocked ? "locked: halfroom user reset" : hasCodes ? "password and code" : "password",
    moment(createdAt),
  ]);
  say(drawList(["user", "role", "signs in with", "added (UTC)"], rows));
}

export async function userRemoveCommand(flags: NamedFlags): Promise<void> {
  await withNode(flags, (node) => removeUser(node, flags.name));
  say(`Removed ${flags.name}, who is signed in nowhere any more.`);
}

export async function userRoleCommand(flags: NamedFlags & { readonly role: ApiRole }): Promise<void> {
  const { name, role } = flags;
  await withNode(flags, (node) => changeUserRole(node, name, role));
  say(`${name} has the role ${role} now, and has to sign in again.`);
}

export async function userResetCommand(flags: PasswordFlags): Promise<void> {
  const { name, totp: codes } = flags;
  const password = await newPassword(flags);
  const made = await withNode(flags, (node) => resetUser(node, { name, password, codes }));
  if (flags.json) return sayJson(made);
  say(`${name} has another password, and has to sign in again.`);
  sayCodes(made.codes);
}

function sayCodes(codes: ShownSecret | undefined): void {
  if (codes === undefined) return;
  say(codes.secret);
  say(codes.uri);
  tell("Their app takes the secret above, or its address as a QR code. It is shown this once.");
}
