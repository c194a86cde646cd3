// `halfroom run` and `halfroom preview`: a report request, proposed to the partner or only looked at.
import {
  askSeries,
  checkRequest,
  OperatorError,
  preview,
  readRequest,
  reportAs,
  run,
  type PolicyAnswer,
  type Preview,
  type Reason,
  type Role,
  type RunEvent,
  type RunRequest,
} from "@halfroom/node";
import { printable } from "@halfroom/report";
import { badInput } from "../../failure.ts";
import { showProgress } from "../../progress.ts";
import { withNode, type HomeFlags } from "./folder.ts";
import { SHORT } from "./reports.ts";
import { printSeries } from "./series.ts";
import { say, sayJson, sayJsonText, sayWhole, tell, tellJson } from "../../print.ts";

export interface PreviewFlags extends HomeFlags {
  /** Either a file, or a template with what belongs to it. */
  readonly file?: string | undefined;
  readonly template?: string | undefined;
  readonly set: readonly string[];
  readonly where?: string | undefined;
  readonly sink?: string | undefined;
  readonly with?: string | undefined;
  readonly json: boolean;
}

export interface RunFlags extends PreviewFlags {
  readonly "dry-run": boolean;
  readonly anyway: boolean;
  readonly progress: string;
}

export async function runCommand(flags: RunFlags): Promise<void> {
  await withNode(flags, async (node) => {
    const request = { ...requestOf(flags), anyway: flags.anyway };
    if (flags["dry-run"]) {
      const ahead = await checkRequest(node, request);
      say(ahead.map(printable).join("\n"));
      return say("The request is valid, and this node's own policy allows it. Nothing was sent.");
    }
    if (await isForSeries(flags)) {
      const series = await askSeries(node, request, eventSink(flags));
      if (flags.json) return sayJson(series);
      printSeries(series);
      return tell(
        `Agreed on. A serving node makes its runs; to look at them: halfroom series show ${series.id}`,
      );
    }
    const { session, json, isStored } = await run(node, request, eventSink(flags));
    if (isStored) tell(`The stored report of session ${session}: same request, same data, no cost.`);
    if (flags.json) sayJsonText(json);
    else sayWhole(await reportAs("text", json));
    if (!isStored && !flags.json) {
      tell(`Stored; to print it again: halfroom report ${session.slice(0, SHORT)}`);
    }
  });
}

async function isForSeries({ file }: PreviewFlags): Promise<boolean> {
  return file !== undefined && (await readRequest(file)).series !== undefined;
}

/** Errors: `flags`. */
function requestOf({ file, template, set, where, sink, with: partner }: PreviewFlags): RunRequest {
  if (template === undefined) {
    if (file === undefined) throw badInput("Name a request file, or a template with --template NAME.");
    const unused =
      set.length > 0 ? "set" : where !== undefined ? "where" : sink !== undefined ? "sink" : undefined;
    if (unused !== undefined)
      throw badInput(`--${unused} goes with --template; a request file says it itself.`);
    return { file, partner };
  }
  if (file !== undefined) throw badInput("Name a request file or a template, not both.");
  return { template, partner, set: valuesIn(set), where, sink };
}

/** A list where a parameter is set several times. Errors: `flags`. */
function valuesIn(set: readonly string[]): Record<string, readonly string[]> {
  const values = new Map<string, string[]>();
  for (const each of set) {
    const at = each.indexOf("=");
    if (at < 1) throw badInput("--set takes NAME=VALUE, for example --set threshold=200.");
    const name = each.slice(0, at);
    values.set(name, [...(values.get(name) ?? []), each.slice(at + 1)]);
  }
  return Object.fromEntries(values);
}

function eventSink({ progress }: RunFlags): (event: RunEvent) => void {
  if (progress === "none") return () => undefined;
  if (progress === "json") return (event) => tellJson(event);
  let show: ReturnType<typeof showProgress> = () => undefined;
  let role: Role = "sender";
  return (event) => {
    if (event.type === "role" || event.type === "transfers") tell(event.words);
    else if (event.type === "terms") tell(event.words.join("\n"));
    else if (event.type === "proposed") {
      tell(`${event.resumed ? "Asking again" : "Proposed"}: session ${event.id}`);
      role = event.role;
      show = showProgress(process.stderr, [role]);
    } else if (event.type === "elsewhere")
      tell(`Another run of this report is under way: session ${event.id}; waiting until it has ended.`);
    else if (event.type === "completed")
      tell(`Session ${event.id} lacked the partner's last message; it is complete now.`);
    else if (event.type === "queued") tell("The partner is running other sessions first.");
    else if (event.type === "busy") {
      const minutes = Math.max(1, Math.round((event.until - Date.now()) / 60_000));
      tell(`The partner is busy with other sessions; asking again for up to ${minutes} min (busy_seconds).`);
    } else if (event.type === "approval")
      tell(`Waiting for people here: ${event.words.map(printable).join(" ")}`);
    else if (event.type === "held") tell(`Waiting for a person at the partner: ${words(event.reasons)}`);
    else show(role, event);
  };
}

function words(reasons: readonly Reason[]): string {
  return reasons.map((reason) => printable(reason.words)).join("; ");
}

export async function previewCommand(flags: PreviewFlags): Promise<void> {
  const seen = await withNode(flags, (node) => preview(node, requestOf(flags)));
  if (flags.json) sayJson(seen);
  else printPreview(seen);
  const { theirs } = seen;
  if ("error" in theirs) throw new OperatorError(theirs.error.code, theirs.error.words);
}

function printPreview({ report, weLearn, partnerLearns, ahead, ours, theirs, outcome }: Preview): void {
  printSentences("The report", report);
  printSentences("We learn", weLearn);
  printSentences("The partner learns", partnerLearns);
  if (ahead.length > 0) printSentences("If it ran now", ahead);
  printAnswer("Our policy", ours);
  if (!("error" in theirs)) printAnswer("The partner's policy", theirs);
  say(`\n${OUTCOMES[outcome]} Nothing was proposed and no data moved.`);
}

const OUTCOMES: Readonly<Record<Preview["outcome"], string>> = {
  run: "It would run.",
  stored: "The stored report would be served.",
  wait: "It would wait for a person at the partner.",
  refuse: "It would not run.",
  unknown: "The partner could not be asked.",
};

function printSentences(title: string, sentences: readonly string[]): void {
  say(`${title}\n${sentences.map((sentence) => `- ${printable(sentence)}`).join("\n")}\n`);
}

const ANSWERS = { accept: "accepts", hold: "asks a person", refuse: "refuses", queued: "accepts" } as const;

function printAnswer(title: string, { decision, reasons }: PolicyAnswer): void {
  const why = reasons.length === 0 ? "." : `: ${words(reasons)}.`;
  say(`${title} ${ANSWERS[decision]}${why}`);
}
