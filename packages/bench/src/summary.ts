// A line for each run, as the terminal and docs/bench have it, and the machine in words.
import { group } from "@halfroom/report";
import { bytesOfParts } from "./bytes/parts.ts";
import { lineText } from "./line/line.ts";
import type { Bench, BenchRun } from "./result.ts";

const MIB = 2 ** 20;

export const RUN_COLUMNS = [
  "people, sender x receiver",
  "transfers",
  "link",
  "cells",
  "sums",
  "session",
  "seconds",
  "processor s",
  "pseudonymise, s (share)",
  "after it: rows/s a core",
  "bytes a person",
  "modelled",
  "peak memory, sender and receiver",
];
/** How many of them are words. */
export const RUN_TEXT_COLUMNS = 3;

/** Bytes are those of both ways for each person of the larger side. */
export function runRow(run: BenchRun): string[] {
  const { senderPeople, receiverPeople, transfers, link, cells, measures, warm } = run;
  const { stages, seconds, cpuSeconds, kernelShare, rowsPerCoreSecond, bytesPerRow, peakMemoryBytes } = run;
  const larger = Math.max(senderPeople, receiverPeople);
  const modelled = bytesOfParts(run.messages).reduce((sum, part) => sum + part.modelled, 0);
  const pseudonymise = stages.find(({ name }) => name === "pseudonymise")!.seconds.toFixed(2);
  const share = kernelShare === undefined ? "" : ` (${(100 * kernelShare).toFixed(0)} %)`;
  const mib = (bytes: number) => group(Math.round(bytes / MIB));
  return [
    `${group(senderPeople)} x ${group(receiverPeople)}`,
    transfers,
    lineText(link),
    group(cells),
    String(measures),
    warm ? "warm" : "cold",
    seconds.toFixed(1),
    cpuSeconds.toFixed(1),
    pseudonymise + share,
    group(Math.round(rowsPerCoreSecond)),
    group(Math.round((bytesPerRow * receiverPeople) / larger)),
    group(Math.round(modelled / larger)),
    `${mib(peakMemoryBytes.sender)} and ${mib(peakMemoryBytes.receiver)} MiB`,
  ];
}

export function sumsText(measures: number): string {
  return measures === 1 ? "one sum" : `${measures} sums`;
}

export function machineLine({
  machine,
  started,
  ended,
}: Pick<Bench, "machine" | "started" | "ended">): string {
  const { processor, cores, system, node } = machine;
  return `${processor}, ${cores} cores, ${system}, Node ${node}; from ${started.at} at a load of ${started.load} to ${ended.at} at ${ended.load}.`;
}
