// The two parties of every two-party step, by their protocol role.

export type Role = "sender" | "receiver";

export function otherRole(role: Role): Role {
  return role === "sender" ? "receiver" : "sender";
}
