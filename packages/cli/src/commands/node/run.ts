// `halfroom run` and `halfroom preview`: a report request, proposed to the partner or only looked at.
import { assertOwnPolicy, describe, initiate, planReport, previewAtPartner } from "@halfroom/node";
import type { Plan, Reason, RunEvent } from "@halfroom/node";
import { printable, releasedText } from "@halfroom/report";
import { showProgress } from "../../progress.ts";
import { printStored } from "./reports.ts";
import { withNode, type HomeFlags } from "./folder.ts";

export interface RunFlags extends HomeFlags {
  readonly file: string;
  readonly with?: string | undefined;
  readonly "dry-run": boolean;
  readonly json: boolean;
  readonly progress: string;
}

export async function runCommand(flags: RunFlags): Promise<void> {
  await withNode(flags, async (node) => {
    const plan = await planReport(node, flags.file, flags.with);
    if (flags["dry-run"]) {
      assertOwnPolicy(plan);
      return console.log("The request is sound, and this node's own policy allows it. Nothing was sent.");
    }
    if (plan.roleWords !== undefined && flags.progress !== "none") tellRole(flags, plan.roleWords);
    const report = await initiate(node, plan, eventSink(flags, plan));
    if (report.fresh === undefined) {
      console.error(`The stored report of session ${report.session}: same request, same data, no cost.`);
    }
    if (flags.json || report.fresh === undefined) return await printStored(report.json, flags);
    const released = report.fresh.report;
    if (released === undefined) console.log("Done. The partner alone receives the result.");
    else
      process.stdout.write(releasedText(released, { colors: false, origin: { partner: plan.partner.name } }));
    console.error(`Stored; again with: halfroom report ${report.session.slice(0, 12)}`);
  });
}

function tellRole({ progress }: RunFlags, words: string): void {
  console.error(progress === "json" ? JSON.stringify({ type: "role", words }) : words);
}

function eventSink({ progress }: RunFlags, plan: Plan): (event: RunEvent) => void {
  if (progress === "none") return () => undefined;
  if (progress === "json") return (event) => console.error(JSON.stringify(event));
  const { role } = plan.request;
  const show = showProgress(process.stderr, [role]);
  let held = false;
  return (event) => {
    if (event.type === "proposed")
      console.error(`${event.resumed ? "Asking again" : "Proposed"}: session ${event.id}`);
    else if (event.type === "queued") console.error("The partner computes other sessions first.");
    else if (event.type === "held") {
      if (!held) console.error(`Waiting for a person at the partner: ${words(event.reasons)}`);
      held = true;
    } else show(role, event);
  };
}

function words(reasons: readonly Reason[]): string {
  return reasons.map((reason) => printable(reason.words)).join("; ");
}

export async function previewCommand(flags: RunFlags): Promise<void> {
  await withNode(flags, async (node) => {
    const plan = await planReport(node, flags.file, flags.with);
    const { request, judgement, terms, roleWords } = plan;
    const { report, weLearn, partnerLearns } = describe(terms, request.role, judgement.written);
    printSentences("The report", roleWords === undefined ? report : [...report, roleWords]);
    printSentences("We learn", weLearn);
    printSentences("The partner learns", partnerLearns);
    printAnswer("Our policy", judgement.verdict);
    printAnswer("The partner's policy", await previewAtPartner(node, plan));
    console.log("\nNothing was proposed and no data moved.");
  });
}

function printSentences(title: string, sentences: readonly string[]): void {
  console.log(`${title}\n${sentences.map((sentence) => `- ${printable(sentence)}`).join("\n")}\n`);
}

const ANSWERS = { accept: "accepts", hold: "asks a person", refuse: "refuses", queued: "accepts" } as const;

function printAnswer(
  title: string,
  { decision, reasons }: { decision: keyof typeof ANSWERS; reasons: readonly Reason[] },
): void {
  const why = reasons.length === 0 ? "." : `: ${words(reasons)}.`;
  console.log(`${title} ${ANSWERS[decision]}${why}`);
}
