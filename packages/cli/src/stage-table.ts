// Seconds and bytes of each stage, as a table.
import { drawTable, group } from "@halfroom/report";
import type { RehearsalDetails } from "./rehearsal/rehearsal.ts";

export function stageTable({ stages, seconds }: RehearsalDetails): string {
  const rows = stages.map((stage) => [
    stage.name,
    stage.seconds.toFixed(2),
    group(stage.senderBytes),
    group(stage.receiverBytes),
  ]);
  const sum = (bytes: "senderBytes" | "receiverBytes"): string =>
    group(stages.reduce((total, stage) => total + stage[bytes], 0));
  rows.push(["total", seconds.toFixed(2), sum("senderBytes"), sum("receiverBytes")]);
  return drawTable(["stage", "seconds", "bytes from sender", "bytes from receiver"], rows, 1);
}
