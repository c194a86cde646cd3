// `halfroom rehearse`: a request on two nodes of this machine, before meeting a partner.
import { readFile } from "node:fs/promises";
import { readRequest } from "@halfroom/node";
import { badInput } from "../failure.ts";
import { shortFlags, type RehearseFlags } from "../flags.ts";
import { makeFolder, printReport, writeReports } from "../output.ts";
import { dataFlags, sideDataOf } from "../rehearsal/definitions.ts";
import { requestOutput, shortOutput, type RehearsalOutput } from "../rehearsal/output.ts";
import { limitsOf, rehearse, SIDES, type Rehearsal, type Side } from "../rehearsal/rehearsal.ts";
import { rehearseShort } from "../rehearsal/short-form.ts";
import { showSteps, tellDropped } from "../rehearsal/show.ts";

export async function rehearseCommand(flags: RehearseFlags): Promise<void> {
  const { request: file, out } = flags;
  if (out !== undefined) await makeFolder(out);
  const output = await (file === undefined ? shortForm(flags) : ofRequest(file, flags));
  if (out !== undefined) await writeReports(out, output);
  printReport(output, flags.json);
}

async function shortForm(flags: RehearseFlags): Promise<RehearsalOutput> {
  const { sender, receiver } = flags;
  const missing = (["sender", "receiver", "match", "group-by"] as const).find(
    (name) => !isGiven(flags[name]),
  );
  if (sender === undefined || receiver === undefined || missing !== undefined) {
    throw badInput(
      `--${missing} is missing. Name a request file, or give --sender, --receiver, --match and --group-by;\n` +
        `halfroom rehearse --help says more.`,
    );
  }
  if (flags.ours.length + flags.theirs.length > 0) {
    throw badInput("--ours and --theirs go with a request file; here --sender and --receiver name the data.");
  }
  const labels = { ours: "sender", theirs: "receiver" };
  const rehearsal = await rehearseShort(flags, { sender, receiver }, showSteps(labels, flags.progress));
  tellDropped(rehearsal, labels);
  return shortOutput(rehearsal);
}

async function ofRequest(file: string, flags: RehearseFlags): Promise<RehearsalOutput> {
  const given = Object.keys(shortFlags).find((name) => isGiven(flags[name as keyof typeof shortFlags]));
  if (given !== undefined) {
    throw badInput(`--${given} belongs to the form without a request file.\nPut it into ${file} instead.`);
  }
  const labels: Record<Side, string> = { ours: "ours", theirs: "theirs" };
  const request = await readRequest(file);
  const [ours, theirs] = SIDES.map((side) => dataFlags(flags, side, flags[side]));
  const sources = { ours: ours!, theirs: theirs! };
  const data = await sideDataOf({ request, data: sources, sourceFlags: labels, home: flags.home });
  const requestText = await readFile(file, "utf8");
  const rehearsal: Rehearsal = await rehearse(
    { request, requestText, labels, data, ...limitsOf(flags) },
    showSteps(labels, flags.progress),
  );
  tellDropped(rehearsal, labels);
  return requestOutput(rehearsal);
}

function isGiven(value: string | boolean | readonly string[] | undefined): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
}
