// The tables of docs/bench, as they stand there.
import { group } from "@halfroom/report";
import { PARTS, bytesOfParts } from "./bytes/parts.ts";
import { lineText } from "./line/line.ts";
import type { Bench, BenchRun } from "./result.ts";
import { machineLine, RUN_COLUMNS, runRow, sumsText } from "./summary.ts";
import { growthText, kernelsText, peersText } from "./text.ts";

export function benchMarkdown(bench: Bench): string {
  const { runs, threadsPerNode, kernel, exact } = bench;
  const lines = [...growthText(bench), ...kernelsText(bench), ...peersText(bench)];
  return [
    table(RUN_COLUMNS, runs.map(runRow)),
    `${machineLine(bench)} Kernel \`${kernel}\`, ${threadsPerNode} worker threads a node, ${exact ? "exact" : "with noise"}.`,
    table(["bytes a row: modelled, measured", ...PARTS], runs.map(bytesRow)),
    machineLine(bench),
    ...(lines.length === 0 ? [] : [lines.map((line) => `- ${line.trim()}`).join("\n")]),
    "",
  ].join("\n\n");
}

function bytesRow(run: BenchRun): string[] {
  const { senderPeople, receiverPeople: rows, transfers, link, cells, measures, warm } = run;
  const what = [
    `${group(senderPeople)} x ${group(rows)}`,
    transfers,
    `link ${lineText(link)}`,
    `${group(cells)} cells`,
    sumsText(measures),
    warm ? "warm" : "cold",
  ];
  const ofRow = (bytes: number) => (bytes / rows).toFixed(1);
  const parts = bytesOfParts(run.messages);
  return [what.join(", "), ...parts.map((part) => `${ofRow(part.modelled)}, ${ofRow(part.measured)}`)];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
