// Sessions, and a person's decision on those that wait for one.
import { approve, deny, disclose, listSessions, type HalfroomNode, type SessionRecord } from "@halfroom/node";
import { drawTable, printable } from "@halfroom/report";
import { withNode, type HomeFlags } from "./folder.ts";

export async function sessionsCommand(flags: HomeFlags & { json: boolean }): Promise<void> {
  await withNode(flags, async (node) => {
    const rows = await listSessions(node);
    if (flags.json) return console.log(JSON.stringify(rows, undefined, 2));
    if (rows.length === 0) return console.log("There have been no sessions yet.");
    const cells = rows.map((row) => [
      row.id,
      row.partner,
      row.initiatedBy === "us" ? "here" : "there",
      row.role,
      stateWords(row),
      new Date(row.updatedAt).toISOString(),
    ]);
    console.log(drawTable(["session", "partner", "proposed", "role", "state", "since"], cells, 6));
    for (const row of rows.filter(({ state }) => state === "held")) await printHeld(node, row);
  });
}

function stateWords({ state, stage, code, reasons }: SessionRecord): string {
  if (state === "running") return `running: ${stage}`;
  if (state === "failed") return `failed: ${code}${stage === undefined ? "" : ` during ${stage}`}`;
  if (reasons.length === 0) return state;
  return `${state}: ${reasons.map((reason) => printable(reason.words)).join("; ")}`;
}

async function printHeld(node: HalfroomNode, row: SessionRecord): Promise<void> {
  const { report, weLearn, partnerLearns } = await disclose(node, row.id);
  const block = (title: string, sentences: readonly string[]) =>
    `  ${title}\n${sentences.map((sentence) => `  - ${printable(sentence)}`).join("\n")}`;
  console.log(`\n${row.id}, with ${row.partner}`);
  console.log(block("The report", report));
  console.log(block("We would learn", weLearn));
  console.log(block("The partner would learn", partnerLearns));
  if (row.initiatedBy === "partner") {
    const until = new Date(row.expiresAt).toISOString();
    console.log(`  Until ${until}: halfroom approve ${row.id}, or halfroom deny ${row.id} --reason "..."`);
  } else console.log("  A person at the partner decides.");
}

export async function approveCommand(flags: HomeFlags & { id: string }): Promise<void> {
  const row = await withNode(flags, (node) => approve(node, flags.id));
  console.log(
    `Approved: ${row.partner} may run session ${row.id} once, until ${new Date(row.expiresAt).toISOString()}.`,
  );
}

export async function denyCommand(flags: HomeFlags & { id: string; reason: string }): Promise<void> {
  const row = await withNode(flags, (node) => deny(node, flags.id, flags.reason));
  console.log(`Denied: ${row.partner} will be told the reason when it asks again.`);
}
