// Partners: invite, join, list, remove, move.
import { createReadStream } from "node:fs";
import {
  confirmPartner,
  groupedFingerprint,
  invite,
  join,
  listPartners,
  movePartner,
  OperatorError,
  removePartner,
  type PartnerRecord,
} from "@halfroom/node";
import { drawList } from "@halfroom/report";
import { badInput } from "../../failure.ts";
import { withNode, type HomeFlags } from "./folder.ts";
import { say, sayJson, tell } from "../../print.ts";

export async function inviteCommand(flags: HomeFlags & { name: string; hours: number }): Promise<void> {
  const { token, expiresAt } = await withNode(flags, (node) =>
    invite(node, { name: flags.name, hours: flags.hours }),
  );
  say(token);
  tell(`Valid once, until ${new Date(expiresAt).toISOString()}. Whoever has it can join as ${flags.name}:`);
  tell(
    `send it over a channel that you both trust. The partner runs halfroom join --token-file FILE --name ... while this node serves.`,
  );
}

export interface JoinFlags extends HomeFlags {
  readonly name: string;
  readonly token?: string | undefined;
  readonly "token-file"?: string | undefined;
}

export async function joinCommand(flags: JoinFlags): Promise<void> {
  const token = await tokenOf(flags);
  const { name, fingerprint, address, history } = await withNode(flags, (node) =>
    join(node, { token, name: flags.name }),
  );
  say(`Joined ${name} at ${address}.`);
  say(`its fingerprint: ${groupedFingerprint(fingerprint)}`);
  if (history.firstAt === undefined) return;
  const since = new Date(history.firstAt).toISOString();
  say(`Its key is known here: ${paidFor(history)} since ${since}, and what was spent still counts.`);
}

export async function partnersCommand(flags: HomeFlags & { json: boolean }): Promise<void> {
  const partners = await withNode(flags, listPartners);
  if (flags.json) return sayJson(partners);
  if (partners.length === 0)
    return say("There are no partners yet; halfroom invite or halfroom join adds one.");
  const rows = partners.map((each) => [
    each.name,
    each.address || "(only dials)",
    paidFor(each.history),
    lineOf(each),
    each.fingerprint,
  ]);
  say(drawList(["partner", "address", "has paid for", "line (UTC)", "fingerprint"], rows));
  for (const { name, held, followed } of partners) {
    for (const { fingerprint, seenAt } of held) {
      say(`\n${name} names a new identity, seen first at ${new Date(seenAt).toISOString()}:`);
      say(`  ${groupedFingerprint(fingerprint)}`);
      say("Ask its people for the fingerprint, by telephone for example. Only if it is this one:");
      say(`  halfroom partners confirm ${name} ${fingerprint}`);
    }
    for (const { what, from, to, at } of followed)
      say(`\n${name}: another ${what} since ${new Date(at).toISOString()}\n  ${from}\n  -> ${to}`);
  }
}

export async function partnerConfirmCommand(
  flags: HomeFlags & { name: string; fingerprint: string },
): Promise<void> {
  const fingerprint = flags.fingerprint.replaceAll(/[\s:]/g, "").toLowerCase();
  await withNode(flags, (node) => confirmPartner(node, flags.name, fingerprint));
  say(`${flags.name} may use the identity ${groupedFingerprint(fingerprint)} from now on.`);
  say("Its identity of today ends when the new one is used, and can name no other one.");
}

function paidFor({ sessions }: PartnerRecord["history"]): string {
  return `${sessions} report${sessions === 1 ? "" : "s"}`;
}

const BITS = 8;
const MEGA = 1e6;

function lineOf({ line }: PartnerRecord): string {
  if (line === undefined) return "not measured";
  const rate = Number(((BITS * line.bytesPerSecond) / MEGA).toPrecision(2));
  return `${rate} Mbit/s, ${new Date(line.measuredAt).toISOString().slice(0, 10)}`;
}

export async function partnerRemoveCommand(flags: HomeFlags & { name: string }): Promise<void> {
  const datasets = await withNode(flags, (node) => removePartner(node, flags.name));
  say(`Removed ${flags.name}; its next connection will be refused. What it has spent stays.`);
  for (const dataset of datasets) {
    say(
      `Its policy for ${dataset} would hold for whoever joins under this name: halfroom policy remove ${flags.name} ${dataset}`,
    );
  }
}

export async function partnerMoveCommand(
  flags: HomeFlags & { name: string; address: string },
): Promise<void> {
  await withNode(flags, (node) => movePartner(node, flags.name, flags.address));
  say(`${flags.name} will be dialled at ${flags.address}.`);
}

/** Far more than any token has. */
const TOKEN_FILE_BYTES_MAX = 4096;

async function tokenOf({ token, "token-file": file }: JoinFlags): Promise<string> {
  if (file === undefined && token !== undefined) return token;
  if (file === undefined || token !== undefined)
    throw badInput(
      "Give --token-file FILE, or - for standard input, with the token that the partner's invite printed.",
    );
  const source = file === "-" ? process.stdin : createReadStream(file);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of source as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > TOKEN_FILE_BYTES_MAX) break;
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new OperatorError("file", `Cannot read ${file} (${code}); give the file with the token.`, {
      cause,
    });
  }
  return Buffer.concat(chunks).toString("latin1");
}
