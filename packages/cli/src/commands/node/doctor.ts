// `halfroom doctor`.
import { doctor, OperatorError, type Finding } from "@halfroom/node";
import { withNode, type HomeFlags } from "./folder.ts";
import { say, sayJson } from "../../print.ts";

const MARKS: Readonly<Record<Finding["state"], string>> = { ok: "ok  ", warning: "WARN", fault: "FAIL" };

export async function doctorCommand(flags: HomeFlags & { json: boolean }): Promise<void> {
  const findings = await withNode(flags, doctor);
  if (flags.json) sayJson(findings);
  else for (const { what, state, words } of findings) say(`${MARKS[state]} ${what}: ${words}`);
  const faults = findings.filter(({ state }) => state === "fault").length;
  if (faults > 0) throw new OperatorError("checks", `${faults} of ${findings.length} checks failed.`);
}
