// Who acts on a node, as the audit log writes it: how they are known, and their name.
import { userInfo } from "node:os";
import type { Person, Way } from "./sign-ins.ts";

/**
 * user: by a password of this node. openid: by the word of an identity provider. token: a program. account: of the machine's own system,
 * which is whoever can use that account, and worth no more.
 */
export type ActorKind = "user" | "openid" | "token" | "account";

export interface Actor {
  readonly kind: ActorKind;
  readonly name: string;
  /** Who it is, whatever the name: unique within the kind, and never another one's. */
  readonly subject: string;
}

/** What the audit log calls who signs in so. */
export const KINDS: Readonly<Record<Way, ActorKind>> = { password: "user", openid: "openid" };

export function actorOf({ way, name, subject }: Omit<Person, "role">): Actor {
  return { kind: KINDS[way], name, subject };
}

/** `user:anna`, `openid:anna@example.com`, `token:ci`, `account:root`. */
export function actorText({ kind, name }: Actor): string {
  return `${kind}:${name}`;
}

/** The account that this process runs as, by the system's word; what the environment says (`SUDO_USER`) anybody can write. */
export function thisAccount(): Actor {
  const uid = String(process.getuid?.() ?? "");
  try {
    const { username } = userInfo();
    return { kind: "account", name: username, subject: uid === "" ? username : uid };
  } catch {
    // A container may run as a number that has no name.
    return { kind: "account", name: uid, subject: uid };
  }
}
