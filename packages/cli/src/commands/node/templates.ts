// Templates: written, published to a partner, taken in from one.
import { readFile } from "node:fs/promises";
import {
  approveTemplate,
  checkTemplate,
  exportTemplate,
  groupedFingerprint,
  importTemplateFile,
  listTemplateKinds,
  listTemplates,
  newTemplate,
  OperatorError,
  publishTemplate,
  readTemplate,
  removeTemplate,
  withdrawTemplate,
  type HalfroomNode,
  type ParameterRecord,
  type TemplateContent,
  type TemplateRecord,
} from "@halfroom/node";
import { drawList, printable } from "@halfroom/report";
import { moment } from "../../moment.ts";
import { say, sayJson, tell } from "../../print.ts";
import { withNode, type HomeFlags } from "./folder.ts";
import { printOrWrite } from "./reports.ts";

interface JsonFlags extends HomeFlags {
  readonly json: boolean;
}

interface WhichFlags extends HomeFlags {
  readonly which: string;
  readonly partner?: string | undefined;
}

interface OutFlags {
  readonly out?: string | undefined;
}

export async function templatesListCommand(flags: JsonFlags & { readonly all: boolean }): Promise<void> {
  const all = await withNode(flags, (node) => listTemplates(node, { andFormer: flags.all }));
  if (flags.json) return sayJson(all);
  if (all.length === 0)
    return say(
      "There are no templates yet: halfroom templates new prints one to begin with, halfroom templates import takes a partner's in.",
    );
  const rows = all.map((each) => [
    each.id.slice(0, 12),
    each.owner === "us" ? `to ${each.partner}` : `by ${each.partner}`,
    `${each.name} ${each.version}`,
    each.report,
    each.state,
    each.used === undefined
      ? `${each.runs} in ${each.days} days`
      : `${each.used} of ${each.runs} in ${each.days} days`,
    moment(each.expiresAt).slice(0, 10),
  ]);
  say(drawList(["id", "published", "template", "report", "state", "runs", "until"], rows));
}

async function idOf(node: HalfroomNode, { which, partner }: WhichFlags): Promise<string> {
  return (await readTemplate(node, { id: which, partner })).id;
}

export async function templatesShowCommand(flags: WhichFlags & JsonFlags): Promise<void> {
  const { which: id, partner } = flags;
  const template = await withNode(flags, (node) => readTemplate(node, { id, partner }));
  if (flags.json) return sayJson(template);
  printTemplate(template);
}

function printTemplate(template: TemplateContent): void {
  const { name, version, description, owner, partner, state, at, words, parameters, signedBy, id, yaml } =
    template;
  const whose = owner === "us" ? `published to ${partner}` : `published by ${partner}`;
  say(`Template ${name}, version ${version}, ${whose}: ${printable(description)}`);
  say(`It is ${state} since ${moment(at)} UTC. ${approvalText(template)}`);
  const signer = signedBy === undefined ? "nobody yet" : groupedFingerprint(signedBy);
  say(`Signed by ${signer}; id ${id}.\n`);
  if (owner === "us") say(`${words.map((each) => `- ${printable(each)}`).join("\n")}\n`);
  if (parameters.length > 0) say(`${parametersText(parameters)}\n`);
  say(yaml.split("\n").map(printable).join("\n").trimEnd());
}

function approvalText({ approvals, runs, days, expiresAt }: TemplateRecord): string {
  const until = `Up to ${runs} runs in ${days} days, until ${moment(expiresAt).slice(0, 10)}.`;
  if (approvals === undefined || approvals.needed < 2) return until;
  return `${until} ${approvals.given.length} of ${approvals.needed} people have approved it.`;
}

function parametersText(parameters: readonly ParameterRecord[]): string {
  const rows = parameters.map(({ name, range, default: usual, description = "" }) => [
    name,
    range,
    usual === undefined ? "" : [usual].flat().join(", "),
    description,
  ]);
  return drawList(["parameter", "may be", "default", "what for"], rows);
}

export async function templatesNewCommand(
  flags: OutFlags & { readonly kind?: string | undefined; readonly json: boolean },
): Promise<void> {
  if (flags.kind !== undefined) return await printOrWrite(newTemplate(flags.kind), flags.out);
  const kinds = listTemplateKinds();
  if (flags.json) return sayJson(kinds);
  say(
    drawList(
      ["kind", "what it says"],
      kinds.map(({ kind, description }) => [kind, description]),
    ),
  );
}

interface FileFlags extends JsonFlags {
  readonly file: string;
  readonly to: string;
}

/** Errors: `file`. */
async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new OperatorError("file", `Cannot read ${file}; check its name and that you may read it.`, {
      cause,
    });
  }
}

export async function templatesCheckCommand(flags: FileFlags): Promise<void> {
  const source = { text: await textOf(flags.file), name: flags.file };
  const draft = await withNode(flags, (node) => checkTemplate(node, source, flags.to));
  if (flags.json) return sayJson(draft);
  const section = (title: string, sentences: readonly string[]) =>
    say(`${title}\n${sentences.map((each) => `- ${printable(each)}`).join("\n")}\n`);
  section("It allows", draft.words);
  section("Each report", draft.report);
  section("We learn", draft.weLearn);
  section("The partner learns", draft.partnerLearns);
  say("Nothing was published.");
}

export async function templatesPublishCommand(flags: FileFlags & OutFlags): Promise<void> {
  const source = { text: await textOf(flags.file), name: flags.file };
  await withNode(flags, async (node) => {
    await tellPublished(node, await publishTemplate(node, source, flags.to), flags);
  });
}

export async function templatesApproveCommand(flags: WhichFlags & JsonFlags & OutFlags): Promise<void> {
  await withNode(flags, async (node) => {
    await tellPublished(node, await approveTemplate(node, await idOf(node, flags)), flags);
  });
}

async function tellPublished(
  node: HalfroomNode,
  template: TemplateContent,
  { json, out }: OutFlags & Pick<JsonFlags, "json">,
): Promise<void> {
  if (json) sayJson(template);
  else for (const each of template.words) tell(`- ${printable(each)}`);
  if (template.state === "waiting")
    return tell(`Another person has to approve it: halfroom templates approve ${template.id.slice(0, 12)}`);
  if (json && out === undefined) return;
  await printOrWrite(`${await exportTemplate(node, template.id)}\n`, out);
  tell(
    `Published. Hand the signed file to ${template.partner}, who takes it in with halfroom templates import.`,
  );
}

export async function templatesExportCommand(flags: WhichFlags & OutFlags): Promise<void> {
  const content = await withNode(flags, async (node) => await exportTemplate(node, await idOf(node, flags)));
  await printOrWrite(`${content}\n`, flags.out);
}

export async function templatesWithdrawCommand(flags: WhichFlags): Promise<void> {
  const { name, version, partner } = await withNode(flags, async (node) => {
    return await withdrawTemplate(node, await idOf(node, flags));
  });
  say(`Withdrawn: ${partner} can run ${name}, version ${version}, no more.`);
}

export async function templatesImportCommand(flags: JsonFlags & { readonly file: string }): Promise<void> {
  const content = await textOf(flags.file);
  const template = await withNode(flags, (node) => importTemplateFile(node, content));
  if (flags.json) return sayJson(template);
  printTemplate(template);
  tell(`Taken in. To run it: halfroom run --template ${template.name} --set NAME=VALUE`);
}

export async function templatesRemoveCommand(flags: WhichFlags): Promise<void> {
  await withNode(flags, async (node) => await removeTemplate(node, await idOf(node, flags)));
  say(`Removed: ${flags.which} is not run from here any more.`);
}
