// `halfroom rehearse`: both halves on two files of this machine, before meeting a partner.
import { reportJson } from "@halfroom/report";
import type { RehearseFlags } from "../flags.ts";
import { droppedNote, makeFolder, printReport, writeReports } from "../output.ts";
import { showProgress } from "../progress.ts";
import { rehearse } from "../rehearsal.ts";

export async function rehearseCommand(flags: RehearseFlags): Promise<void> {
  if (flags.out !== undefined) await makeFolder(flags.out);
  const { table, details } = await rehearse(flags, showProgress(process.stderr, ["sender", "receiver"]));
  const json = reportJson(table, { ...details });
  if (flags.out !== undefined) await writeReports(flags.out, table, json);
  for (const role of ["sender", "receiver"] as const) {
    const note = droppedNote(details.dropped[role]);
    if (note !== undefined) console.error(`${role}: ${note}`);
  }
  printReport(table, json, flags.json);
}
