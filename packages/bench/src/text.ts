// The benchmark's results as tables for people.
import { drawTable, group } from "@halfroom/report";
import { lineText } from "./line/line.ts";
import type { Bench } from "./result.ts";
import { runText } from "./run-text.ts";
import { machineLine, RUN_COLUMNS, RUN_TEXT_COLUMNS, runRow, sumsText } from "./summary.ts";

export function benchText(bench: Bench): string {
  const { threadsPerNode, kernel, oprf, exact, runs } = bench;
  const rate = (perSecond: number) => `${group(Math.round(perSecond))} rows/s a core`;
  return [
    `Two nodes on this machine over TLS, ${threadsPerNode} worker threads each: ${exact ? "exact" : "with noise"}, kernel ${kernel}.`,
    machineLine(bench),
    `The kernel alone: of a row of the receiver ${rate(oprf.receiverRowsPerSecond)} at the receiver and ${rate(oprf.evaluatedRowsPerSecond)} at the sender, both together ${rate(oprf.unprovedRowsPerSecond)} without the proofs; ${rate(oprf.senderRowsPerSecond)} of the sender.`,
    "Rows are the receiver's; seconds those of the slower side; processor seconds those of both.",
    "",
    ...runs.map(runText),
    drawTable(RUN_COLUMNS, runs.map(runRow), RUN_TEXT_COLUMNS),
    ...growthText(bench),
    ...kernelsText(bench),
    ...peersText(bench),
    "",
  ].join("\n");
}

export function growthText({ growth }: Pick<Bench, "growth">): string[] {
  return growth.map(({ by, transfers, link, warm, from, to, seconds, cpuSeconds, bytes }) => {
    const what = `${transfers}, link ${lineText(link)}, ${warm ? "warm" : "cold"}`;
    const exponents = `${seconds.toFixed(2)} of seconds, ${cpuSeconds.toFixed(2)} of processor seconds, ${bytes.toFixed(2)} of bytes`;
    return `growth exponent, ${what}, ${group(from)} to ${group(to)} ${by}: ${exponents}`;
  });
}

export function kernelsText({ kernels }: Pick<Bench, "kernels">): string[] {
  if (kernels === undefined) return [];
  const rates = Object.entries(kernels.multiplications);
  const slowest = Math.min(...rates.map(([, rate]) => rate));
  return [
    ...rates.map(
      ([name, rate]) =>
        `kernel ${name}: ${group(Math.round(rate))} ristretto255 multiplications/s on one core (${(rate / slowest).toFixed(1)} x)`,
    ),
    ...Object.entries(kernels.openssl).map(([what, rate]) => `openssl ${what}/s: ${group(Math.round(rate))}`),
  ];
}

export function peersText({ peers = [] }: Pick<Bench, "peers">): string[] {
  return peers.flatMap(({ peer, people, seconds, beside }) => [
    `${peer}, ${group(people)} x ${group(people)}, number of shared people alone: ${seconds.toFixed(1)} s`,
    ...beside.map(
      ({ transfers, link, cells, measures, ratio, cpuRatio }) =>
        `  ${ratio.toFixed(1)} times our cold session with ${transfers} transfers, link ${lineText(link)}, ${group(cells)} cells, ${sumsText(measures)}; ${cpuRatio.toFixed(1)} times its processor time`,
    ),
  ]);
}
