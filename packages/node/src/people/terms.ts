import { createHash } from "node:crypto";
import type { Settings } from "../config/schema.ts";
import type { Way } from "./sign-ins.ts";

/**
 * What a sign-in rests on: one by password on the user alone, with each change of whom it ends; one by OpenID Connect on the settings, of
 * which this is a digest.
 */
export function termsOf({
  openid_issuer: issuer,
  openid_client_id: client,
  openid_name: name,
  openid_role: role,
  openid_roles: roles,
}: Settings): (way: Way) => string {
  return (way) => {
    if (way === "password") return "";
    const rules = [issuer, client, name, role, Object.entries(roles)];
    return createHash("sha256").update(JSON.stringify(rules)).digest("hex");
  };
}
