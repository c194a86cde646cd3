// `halfroom doctor`.
import { doctor, OperatorError } from "@halfroom/node";
import { withNode, type HomeFlags } from "./folder.ts";
import { say } from "../../print.ts";

export async function doctorCommand(flags: HomeFlags): Promise<void> {
  const findings = await withNode(flags, doctor);
  for (const { what, ok, words } of findings) say(`${ok ? "ok  " : "FAIL"} ${what}: ${words}`);
  const faults = findings.filter(({ ok }) => !ok).length;
  if (faults > 0) throw new OperatorError("checks", `${faults} of ${findings.length} checks failed.`);
}
