// Who acts, as the audit log writes it: how they are known, and their name.
import type { Person, Way } from "./sign-ins.ts";

/** user: a password of this node. openid: the identity provider's word. token: a program's. account: of the machine's own system. */
const KINDS: Readonly<Record<Way, string>> = { password: "user", openid: "openid" };

/** `user:anna`, `openid:anna@example.com`. */
export function actorOf({ way, name }: Pick<Person, "way" | "name">): string {
  return `${KINDS[way]}:${name}`;
}
