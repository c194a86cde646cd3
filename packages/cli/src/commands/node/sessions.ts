// Sessions, and a person's decision on those that wait for one.
import {
  approve,
  cancel,
  compareWithLast,
  complete,
  deny,
  disclose,
  listHeld,
  listSessions,
  listWaitingTemplates,
  readTemplate,
  type HalfroomNode,
  type Role,
  type SessionRecord,
  type TemplateContent,
} from "@halfroom/node";
import { drawList, kindText, printable } from "@halfroom/report";
import { withNode, type HomeFlags } from "./folder.ts";
import { say, sayJson } from "../../print.ts";
import { moment } from "../../moment.ts";
import { datasetsText, tellOlder, type PageFlags } from "./pages.ts";

export async function sessionsCommand(flags: HomeFlags & PageFlags): Promise<void> {
  await withNode(flags, async (node) => {
    const rows = await listSessions(node, flags);
    if (flags.json) return sayJson(rows);
    if (rows.length === 0) say("There have been no sessions yet.");
    else listRows(rows);
    tellOlder(flags, rows.length, rows.at(-1)?.id);
    // Whatever page is asked for: they wait.
    for (const row of await listHeld(node)) await printHeld(node, row);
    for (const { id } of await listWaitingTemplates(node)) printWaiting(await readTemplate(node, { id }));
  });
}

function listRows(rows: readonly SessionRecord[]): void {
  const cells = rows.map((row) => [
    row.id,
    row.initiatedBy === "us" ? `to ${row.partner}` : `by ${row.partner}`,
    kindText({ kind: row.report, newPeople: row.newPeople }),
    datasetsText({ ours: row.datasets[row.role], theirs: row.datasets[otherRole(row.role)] }),
    stateWords(row),
    moment(row.updatedAt),
  ]);
  say(drawList(["session", "proposed", "report", "datasets: ours, theirs", "state", "since (UTC)"], cells));
}

const otherRole = (role: Role): Role => (role === "sender" ? "receiver" : "sender");

function stateWords({ state, stage, code, reasons }: SessionRecord): string {
  if (state === "running") return `running: ${stage}`;
  if (state === "failed") return `failed: ${code}${stage === undefined ? "" : ` during ${stage}`}`;
  if (reasons.length === 0) return state;
  return `${state}: ${reasons.map((reason) => printable(reason.words)).join("; ")}`;
}

const block = (title: string, sentences: readonly string[]) =>
  `  ${title}\n${sentences.map((sentence) => `  - ${printable(sentence)}`).join("\n")}`;

/** Of a template of ours what it would allow, and who has approved it. */
function printWaiting({ id, name, version, partner, words, approvals }: TemplateContent): void {
  const short = id.slice(0, 12);
  say(`\nTemplate ${short}: ${name}, version ${version}, for ${partner}`);
  say(block("It would allow", words));
  if (approvals !== undefined) {
    const given = approvals.given.map(({ by }) => by).join(", ") || "nobody yet";
    say(`  Approved by ${given}; ${approvals.needed === 1 ? "1 has" : `${approvals.needed} have`} to.`);
  }
  say(`  halfroom templates approve ${short}, or halfroom templates withdraw ${short}`);
}

async function printHeld(node: HalfroomNode, row: SessionRecord): Promise<void> {
  const { report, weLearn, partnerLearns } = await disclose(node, row.id);
  say(`\n${row.id}, with ${row.partner}`);
  say(block("The report", report));
  say(block("We would learn", weLearn));
  say(block("The partner would learn", partnerLearns));
  const compared = await compareWithLast(node, row.id);
  if (compared !== undefined) {
    const { last, at, differences, warning } = compared;
    const changed = differences.map(
      ({ what, before, now }) => `${what}: ${now || "none"}, before ${before || "none"}`,
    );
    const sentences = changed.length === 0 ? ["It asks for the same."] : changed;
    say(
      block(`Beside the last report (${last}, ${moment(at)} UTC)`, [
        ...sentences,
        ...(warning === undefined ? [] : [warning]),
      ]),
    );
  }
  if (row.approvals !== undefined) {
    const until = new Date(row.expiresAt).toISOString();
    say(`  Until ${until}: halfroom approve ${row.id}, or halfroom deny ${row.id} --reason "..."`);
  } else say("  A person at the partner decides.");
}

export async function approveCommand(flags: HomeFlags & { id: string }): Promise<void> {
  const row = await withNode(flags, (node) => approve(node, flags.id));
  const { needed, given } = row.approvals!;
  if (given.length < needed)
    return say(`Noted as ${given.at(-1)!.by}. Another person has to approve session ${row.id} as well.`);
  if (row.initiatedBy === "us") return say(`Approved: session ${row.id} is proposed to ${row.partner} now.`);
  say(
    `Approved: ${row.partner} may run session ${row.id} once, until ${new Date(row.expiresAt).toISOString()}.`,
  );
}

export async function cancelCommand(flags: HomeFlags & { id: string }): Promise<void> {
  const row = await withNode(flags, (node) => cancel(node, flags.id));
  say(`Cancelled: session ${row.id} is proposed to ${row.partner} no more.`);
}

export async function completeCommand(flags: HomeFlags & { id: string }): Promise<void> {
  await withNode(flags, (node) => complete(node, flags.id));
  say("The report is complete, with the partner's receipt; halfroom reports lists it.");
}

export async function denyCommand(flags: HomeFlags & { id: string; reason: string }): Promise<void> {
  const row = await withNode(flags, (node) => deny(node, flags.id, flags.reason));
  if (row.initiatedBy === "us") return say(`Denied: session ${row.id} is not proposed.`);
  say(`Denied: ${row.partner} will be told the reason when it asks again.`);
}
