// Tokens by which programs use the HTTP API.
import { createToken, listTokens, revokeToken, type ApiRole } from "@halfroom/node";
import { drawList } from "@halfroom/report";
import { badInput } from "../../failure.ts";
import { withNode, type HomeFlags } from "./folder.ts";
import { moment } from "../../moment.ts";
import { say, sayJson, tell } from "../../print.ts";

export interface TokenCreateFlags extends HomeFlags {
  readonly role: ApiRole;
  readonly expires: string;
  readonly name?: string | undefined;
  readonly json: boolean;
}

const HOURS_OF_DAY = 24;

/** 90d or 12h, in days. */
function daysOf(expires: string): number {
  const [, count, unit] = /^([1-9]\d{0,4})([dh])$/.exec(expires) ?? [];
  if (count === undefined)
    throw badInput(`--expires ${expires}: give days or hours, for example 90d or 12h.`);
  return Number(count) / (unit === "h" ? HOURS_OF_DAY : 1);
}

export async function tokenCreateCommand(flags: TokenCreateFlags): Promise<void> {
  const { role, expires, name, json } = flags;
  const days = daysOf(expires);
  const made = await withNode(flags, (node) => createToken(node, { role, days, name }));
  if (json) return sayJson(made);
  say(made.token);
  tell(
    `The token ${made.name}, of the role ${role}, holds until ${new Date(made.expiresAt).toISOString()}. It is shown this once.`,
  );
}

export async function tokenListCommand(flags: HomeFlags & { json: boolean }): Promise<void> {
  const tokens = await withNode(flags, listTokens);
  if (flags.json) return sayJson(tokens);
  if (tokens.length === 0) return say("There are no tokens yet; halfroom token create makes one.");
  const rows = tokens.map((each) => [
    each.name,
    each.role,
    each.state,
    moment(each.createdAt),
    moment(each.expiresAt),
  ]);
  say(drawList(["token", "role", "state", "made (UTC)", "expires (UTC)"], rows));
}

export async function tokenRevokeCommand(flags: HomeFlags & { name: string }): Promise<void> {
  await withNode(flags, (node) => revokeToken(node, flags.name));
  say(`Revoked ${flags.name}: nobody gets in with it any more.`);
}
