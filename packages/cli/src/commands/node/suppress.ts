// `halfroom suppress`: people who opted out.
import { listSuppressed, suppress, unsuppress, type UnreadRows } from "@halfroom/node";
import { drawList, printable } from "@halfroom/report";
import { badInput } from "../../failure.ts";
import { withNode, type HomeFlags } from "./folder.ts";
import { moment } from "../../moment.ts";
import { say, sayJson, tell } from "../../print.ts";

export interface SuppressFlags extends HomeFlags {
  readonly file: string;
  readonly match: readonly string[];
  readonly hashed: boolean;
}

/** KEY=COLUMN or KEY=COLUMN,COLUMN, each key once. */
export function columnsOf(flags: readonly string[]): Record<string, readonly string[]> {
  const columns = new Map<string, readonly string[]>();
  for (const flag of flags) {
    const [, key, names] = /^([^=]+)=([^=]+)$/.exec(flag) ?? [];
    if (key === undefined || columns.has(key)) {
      throw badInput(`--match ${flag}: give KEY=COLUMN, for example email=address; each key once.`);
    }
    columns.set(key, names!.split(","));
  }
  return Object.fromEntries(columns);
}

export async function suppressAddCommand(flags: SuppressFlags): Promise<void> {
  const changed = await withNode(flags, (node) => suppress(node, fileOf(flags)));
  const { found, unread, added } = changed;
  say(
    `${countsText(found)}; ${added} of them new. They are left out of every session from now on, and removed from the caches.`,
  );
  say(
    `Deleted: ${changed.pseudonyms} kept pseudonyms, ${changed.keptSessions} sessions that were kept for a replay.`,
  );
  if (changed.unreadable.length > 0)
    tell(
      `Not looked into, because its data cannot be read now: ${changed.unreadable.join(", ")}. Add the file again later.`,
    );
  tellUnread(unread, "NOT left out");
}

export async function suppressRemoveCommand(flags: SuppressFlags): Promise<void> {
  const { found, unread, removed } = await withNode(flags, (node) => unsuppress(node, fileOf(flags)));
  say(
    `${countsText(found)}; ${removed} of them were on the list and are off it. They enter sessions again, unless another of their identifiers is on the list.`,
  );
  tellUnread(unread, "NOT off the list");
}

export async function suppressListCommand(flags: HomeFlags & { json: boolean }): Promise<void> {
  const additions = await withNode(flags, listSuppressed);
  if (flags.json) return sayJson(additions);
  if (additions.length === 0) return say("Nobody is on the list.");
  const rows = additions.map(({ addedAt, hashes }) => [moment(addedAt), String(hashes)]);
  say(drawList(["added (UTC)", "keyed hashes"], rows));
  say(
    "The list has nobody's identifier, but a keyed hash for each set of rules under which a dataset may know it.",
  );
}

function fileOf({ file, hashed, match }: SuppressFlags) {
  return { file, columns: columnsOf(match), hashed };
}

export function countsText(found: Readonly<Record<string, number>>): string {
  return Object.entries(found)
    .map(([key, people]) => `${people} by ${key}`)
    .join(", ");
}

export function tellUnread(unread: readonly UnreadRows[], state: string): void {
  if (unread.length === 0) return;
  const lines = unread.map(({ reason, rows, examples }) => {
    return `  ${printable(reason)}: ${rows} rows, the first of them ${examples.join(", ")}`;
  });
  tell(`Some rows hold no identifier that can be read. The people whom they mean are ${state}:`);
  tell([...lines, "Mend these rows and give the file again."].join("\n"));
}
