// The benchmark's results as tables for people.
import { drawTable, group, type StageOfBoth } from "@halfroom/report";
import type { Bench, BenchRun } from "./result.ts";
import { afterPseudonymise, total } from "./sessions/measure.ts";

const MIB = 2 ** 20;

export function benchText(bench: Bench): string {
  const { processor, cores, threadsPerNode, kernel, oprf, exact } = bench;
  const rate = (perSecond: number) => `${group(Math.round(perSecond))} rows/s a core`;
  const line =
    bench.link &&
    `a line of ${bench.link.rttMs} ms, ${bench.link.mbit} Mbit/s, ${bench.link.lossPercent} % loss`;
  const machine = `${processor}, ${cores} cores, ${threadsPerNode} worker threads a node`;
  return [
    `Two nodes on this machine over TLS${line === undefined ? "" : ` and ${line}`}: ${exact ? "exact" : "with noise"}, kernel ${kernel}. ${machine}.`,
    `The kernel alone, all steps of the OPRF: ${rate(oprf.receiverRowsPerSecond)} of the receiver, ${rate(oprf.senderRowsPerSecond)} of the sender.`,
    "Rows are the receiver's; seconds those of the slower side; processor seconds those of both.",
    "",
    ...bench.runs.map(runText),
    ...growthText(bench),
    ...kernelsText(bench),
    ...peersText(bench),
    "",
  ].join("\n");
}

export function runText(run: BenchRun): string {
  const { senderPeople, receiverPeople: rows, cells, measures, warm, stages, seconds, peakMemoryBytes } = run;
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
    `${group(senderPeople)} people of the sender x ${group(rows)} of the receiver, ${group(cells)} cells, ${measures === 1 ? "one sum" : `${measures} sums`}, ${warm ? "warm" : "cold"}`,
    table,
    ...(run.kernelShare === undefined
      ? []
      : [
          `pseudonymise at ${(100 * run.kernelShare).toFixed(0)} % of the kernel's own speed times the cores`,
        ]),
    `after pseudonymise ${group(Math.round(run.rowsPerCoreSecond))} rows/s a core; ${run.bytesPerRow.toFixed(0)} bytes a row both ways; ` +
      `peak memory ${memory(peakMemoryBytes.sender)} sender, ${memory(peakMemoryBytes.receiver)} receiver; load ${run.load.toFixed(1)}`,
    ...(run.wireSeconds === undefined
      ? []
      : [`the line alone takes ${run.wireSeconds.toFixed(2)} s for the larger direction`]),
    "",
  ].join("\n");
}

function growthText({ growth }: Bench): string[] {
  return growth.map(({ by, warm, from, to, seconds, cpuSeconds }) => {
    const session = warm ? "warm" : "cold";
    return `growth exponent, ${session}, ${group(from)} to ${group(to)} ${by}: ${seconds.toFixed(2)} of seconds, ${cpuSeconds.toFixed(2)} of processor seconds`;
  });
}

function kernelsText({ kernels }: Bench): string[] {
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

function peersText({ peers = [] }: Bench): string[] {
  return peers.map(
    ({ peer, people, seconds, ratio, cpuRatio }) =>
      `${peer}, ${group(people)} x ${group(people)}, number of shared people alone: ${seconds.toFixed(1)} s; ` +
      `${ratio.toFixed(1)} times our cold session, ${cpuRatio.toFixed(1)} times its processor time`,
  );
}
