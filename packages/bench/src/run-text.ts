// One run as a table of its stages, and one of the bytes of each part of the protocol.
import { drawTable, group, type StageOfBoth } from "@halfroom/report";
import { bytesOfParts } from "./bytes/parts.ts";
import { lineText } from "./line/line.ts";
import type { BenchRun } from "./result.ts";
import { afterPseudonymise, total } from "./sessions/measure.ts";
import { sumsText } from "./summary.ts";

const MIB = 2 ** 20;

export function runText(run: BenchRun): string {
  const { senderPeople, receiverPeople: rows, cells, measures, transfers, warm } = run;
  const { stages, seconds, peakMemoryBytes } = run;
  const line = (name: string, took: number, part: readonly StageOfBoth[]): string[] => [
    name,
    took.toFixed(2),
    total(part, "cpuSeconds").toFixed(2),
    took > 0 ? group(Math.round(rows / took)) : "",
    (total(part, "senderBytes") / rows).toFixed(1),
    (total(part, "receiverBytes") / rows).toFixed(1),
  ];
  const after = afterPseudonymise(stages);
  const table = drawTable(
    ["stage", "seconds", "processor s", "rows/s", "bytes/row from sender", "bytes/row from receiver"],
    [
      ...stages.map((stage) => line(stage.name, stage.seconds, [stage])),
      line("after pseudonymise", total(after, "seconds"), after),
      line("whole session", seconds, stages),
    ],
    1,
  );
  const memory = (bytes: number): string => `${group(Math.round(bytes / MIB))} MiB`;
  return [
    `${group(senderPeople)} people of the sender x ${group(rows)} of the receiver, ${group(cells)} cells, ${sumsText(measures)}, ${transfers} transfers, link ${lineText(run.link)}, ${warm ? "warm" : "cold"}`,
    table,
    ...sharesText(run),
    `after pseudonymise ${group(Math.round(run.rowsPerCoreSecond))} rows/s a core; ${run.bytesPerRow.toFixed(0)} bytes a row both ways; ` +
      `peak memory ${memory(peakMemoryBytes.sender)} sender, ${memory(peakMemoryBytes.receiver)} receiver; load ${run.load.toFixed(1)}`,
    ...(run.wireSeconds === undefined
      ? []
      : [`the line alone takes ${run.wireSeconds.toFixed(2)} s for the larger direction`]),
    bytesTable(run),
    ...expansionsText(run),
    "",
  ].join("\n");
}

/** The model leaves out frames and what depends on words; of what opens it has the most. */
function bytesTable({ messages, receiverPeople }: BenchRun): string {
  const ofRow = (bytes: number) => (bytes / receiverPeople).toFixed(2);
  return drawTable(
    ["bytes/row both ways", "modelled", "measured", "more"],
    bytesOfParts(messages).map(({ part, modelled, measured }) => [
      part,
      ofRow(modelled),
      ofRow(measured),
      ofRow(measured - modelled),
    ]),
    1,
  );
}

/** The level follows from trees and depth; the estimator of the assumption computes it. */
function expansionsText({ expansions }: BenchRun): string[] {
  if (expansions === undefined) return [];
  const of = ({ count, transfers, trees, depth }: typeof expansions.sender) =>
    `${count} of ${group(transfers)} transfers, T = ${trees}, H = ${depth}`;
  return [
    `expansions of a shard: direction sender ${of(expansions.sender)}; receiver ${of(expansions.receiver)}`,
    "their level: protocol-spec.md, section 16.4, and node --import ./tools/typescript.js packages/mpc/test/estimate/main.ts",
  ];
}

function sharesText({ kernelShare, busierSideShare }: BenchRun): string[] {
  if (kernelShare === undefined || busierSideShare === undefined) return [];
  const [all, busier] = [kernelShare, busierSideShare].map((share) => (100 * share).toFixed(0));
  return [
    `pseudonymise at ${all} % of the kernel's own speed times the cores, the busier side at ${busier} % of that times its half of them`,
  ];
}
