// Who is signed in to the console, and which ways in belong to one person.
import {
  endSignIns,
  linkPerson,
  listLinks,
  listSignIns,
  unlinkPerson,
  type LinkRecord,
} from "@halfroom/node";
import { drawList } from "@halfroom/report";
import { badInput } from "../../failure.ts";
import { moment } from "../../moment.ts";
import { say, sayJson } from "../../print.ts";
import { withNode, type HomeFlags } from "./folder.ts";

interface WayFlags extends HomeFlags {
  readonly openid?: string | undefined;
  readonly account?: string | undefined;
}

export async function signedInCommand(flags: HomeFlags & { json: boolean }): Promise<void> {
  const all = await withNode(flags, listSignIns);
  if (flags.json) return sayJson(all);
  if (all.length === 0) return say("Nobody is signed in.");
  const rows = all.map(({ name, role, way, subject, begunAt, seenAt, endsAt }) => [
    name,
    role,
    way === "openid" ? subject : "password",
    moment(begunAt),
    moment(seenAt),
    moment(endsAt),
  ]);
  say(drawList(["name", "role", "by", "since (UTC)", "seen (UTC)", "until (UTC)"], rows));
}

export async function signOutCommand(
  flags: HomeFlags & { readonly name?: string | undefined; readonly openid?: string | undefined },
): Promise<void> {
  const { name, openid } = flags;
  if ((name === undefined) === (openid === undefined))
    throw badInput("Name a user, or give --openid SUBJECT as halfroom user signed-in shows it.");
  const who =
    openid === undefined
      ? ({ way: "password", subject: name! } as const)
      : ({ way: "openid", subject: openid } as const);
  const { ended } = await withNode(flags, (node) => endSignIns(node, who));
  say(`${ended} sign-ins ended. Whoever still has a password, or a role at the provider, can sign in again.`);
}

export async function linkCommand(flags: WayFlags & { readonly name: string }): Promise<void> {
  const { name: person } = flags;
  await withNode(flags, (node) => linkPerson(node, { person, ...wayOf(flags) }));
  say(`Linked: where two people decide, this and the user ${person} are one.`);
}

export async function unlinkCommand(flags: WayFlags): Promise<void> {
  await withNode(flags, (node) => unlinkPerson(node, wayOf(flags)));
  say("Linked to nobody any more: where two people decide, this is somebody of their own.");
}

export async function linksCommand(flags: HomeFlags & { json: boolean }): Promise<void> {
  const links = await withNode(flags, listLinks);
  if (flags.json) return sayJson(links);
  if (links.length === 0) return say("Nobody has a second way in; halfroom user link says who has.");
  const rows = links.map(({ person, way, subject, linkedAt }) => [person, way, subject, moment(linkedAt)]);
  say(drawList(["person", "also by", "as", "linked (UTC)"], rows));
}

function wayOf({ openid, account }: WayFlags): Pick<LinkRecord, "way" | "subject"> {
  if ((openid === undefined) === (account === undefined))
    throw badInput("Give --openid SUBJECT, as halfroom user signed-in shows it, or --account NUMBER.");
  return openid === undefined ? { way: "account", subject: account! } : { way: "openid", subject: openid };
}
