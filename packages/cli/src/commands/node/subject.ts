// `halfroom subject`: what this node holds of people who ask.
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { openScratch, readSubject, type SubjectRecord } from "@halfroom/node";
import { drawList } from "@halfroom/report";
import { say, sayJson, tell } from "../../print.ts";
import { withNode } from "./folder.ts";
import { SHORT } from "./reports.ts";
import { columnsOf, countsText, tellUnread, type SuppressFlags } from "./suppress.ts";

export async function subjectCommand(flags: SuppressFlags & { readonly json: boolean }): Promise<void> {
  const { match, hashed } = flags;
  const columns = columnsOf(match);
  const held = await withFile(flags, (file) =>
    withNode(flags, (node) => readSubject(node, { file, columns, hashed })),
  );
  if (flags.json) sayJson(held);
  else printHeld(held);
  tellUnread(held.unread, "NOT looked for");
  if (held.unreadable.length > 0)
    tell(`Not looked into, because its data cannot be read now: ${held.unreadable.join(", ")}.`);
}

/** Standard input becomes a private file in the node's scratch, which goes when `work` is done. */
async function withFile<T>(
  { file, home }: Pick<SuppressFlags, "file" | "home">,
  work: (file: string) => Promise<T>,
): Promise<T> {
  if (file !== "-") return await work(file);
  const scratch = await openScratch(home);
  const path = join(scratch.folder, "subject.csv");
  try {
    await pipeline(process.stdin, createWriteStream(path, { flags: "wx", mode: 0o600 }));
    return await work(path);
  } finally {
    await rm(path, { force: true });
    scratch.close();
  }
}

function printHeld({ found, datasets, suppressed, pseudonyms, seen, keptSessions }: SubjectRecord): void {
  say(`Identifiers: ${countsText(found)}.`);
  const rows = datasets.flatMap(({ dataset, by }) =>
    by.map(({ key, people, rows: count, columns }) => {
      const filled = Object.entries(columns).filter(([, value]) => value > 0);
      const named = filled.map(([name, value]) => `${name} ${value}`).join(", ");
      return [dataset, key, String(people), String(count), named || "-"];
    }),
  );
  if (rows.length > 0) say(drawList(["dataset", "found by", "people", "rows", "rows with a value"], rows));
  else say("No dataset has a match key of these identifiers.");
  say(`On the suppress list: ${suppressed} of the identifiers.`);
  const kept = Object.entries(pseudonyms).map(([partner, count]) => `${count} with ${partner}`);
  say(`Kept pseudonyms: ${kept.join(", ") || "none"}.`);
  const inSeries = Object.entries(seen).map(([series, count]) => `${count} in series ${series}`);
  say(`Marked as seen, for reports of new people: ${inSeries.join(", ") || "none"}.`);
  const sessions = keptSessions.map((session) => session.slice(0, SHORT));
  say(`Kept for a replay, with a dataset that has them: ${sessions.join(", ") || "no session"}.`);
  say("Reports, receipts, ledger and audit log have numbers of cells, and nothing of a person.");
}
