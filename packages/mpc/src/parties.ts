// The two parties of every two-party step, by their protocol role.

export const ROLES = ["sender", "receiver"] as const;
export type Role = (typeof ROLES)[number];

export function otherRole(role: Role): Role {
  return role === "sender" ? "receiver" : "sender";
}
