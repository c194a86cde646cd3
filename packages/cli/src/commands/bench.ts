// `halfroom bench`: equal sets of people, one measure, 64 cells; the speed of each stage beside the design's targets.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kernelSpeed } from "@halfroom/node";
import { drawTable, group } from "@halfroom/report";
import { seededRandom } from "../demo/random.ts";
import { writeLines } from "../demo/write-lines.ts";
import { badInput } from "../failure.ts";
import { wholeNumber } from "../flags.ts";
import type { BenchFlags } from "../flags.ts";
import { showProgress } from "../progress.ts";
import { rehearse } from "../rehearsal.ts";
import type { RehearsalDetails } from "../rehearsal.ts";

const CELLS = 64;
const ROWS_MAX = 12_000_000;
const MIB = 2 ** 20;

type Kernel = Awaited<ReturnType<typeof kernelSpeed>>;

export async function benchCommand(flags: BenchFlags): Promise<void> {
  const rows = wholeNumber("rows", flags.rows, 1, ROWS_MAX);
  if (flags.source !== undefined) throw badInput("--source goes with `bench prepare`.");
  // Before the halves start: the kernel is measured on an idle core.
  const kernel = await kernelSpeed();
  const folder = await mkdtemp(join(tmpdir(), "halfroom-bench-"));
  try {
    const details = await measure(folder, rows, flags);
    const result = { rows, cells: CELLS, kernel, ...details };
    process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : benchText(rows, kernel, details));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string, rows: number, flags: BenchFlags): Promise<RehearsalDetails> {
  const sender = join(folder, "sender.csv");
  const receiver = join(folder, "receiver.csv");
  await writeLines(sender, senderLines(rows, flags.seed));
  await writeLines(receiver, receiverLines(rows));
  const { details } = await rehearse(
    {
      ...flags,
      sender,
      receiver,
      match: "email",
      measure: ["amount:0:500:2"],
      "group-by": ["segment"],
      threshold: "11",
      exact: true,
      "people-min": "0",
    },
    showProgress(process.stderr, ["sender", "receiver"]),
  );
  return details;
}

function* senderLines(rows: number, seed: string): Iterable<string> {
  const random = seededRandom(seed);
  yield "email,amount";
  for (let i = 0; i < rows; i++) yield `person${i}@example.com,${random.below(500)}.${10 + random.below(90)}`;
}

/** The same people, in the opposite order. */
function* receiverLines(rows: number): Iterable<string> {
  yield "email,segment";
  for (let i = rows - 1; i >= 0; i--) yield `person${i}@example.com,segment ${i % CELLS}`;
}

function benchText(
  rows: number,
  kernel: Kernel,
  { stages, seconds, peakMemoryBytes }: RehearsalDetails,
): string {
  const line = (name: string, took: number, senderBytes: number, receiverBytes: number): string[] => [
    name,
    took.toFixed(2),
    took > 0 ? group(Math.round(rows / took)) : "",
    (senderBytes / rows).toFixed(1),
    (receiverBytes / rows).toFixed(1),
  ];
  const sum = (part: typeof stages, member: "seconds" | "senderBytes" | "receiverBytes"): number =>
    part.reduce((total, stage) => total + stage[member], 0);
  const sumLine = (name: string, part: typeof stages, took: number): string[] =>
    line(name, took, sum(part, "senderBytes"), sum(part, "receiverBytes"));

  const after = stages.slice(stages.findIndex(({ name }) => name === "pseudonymise") + 1);
  const table = drawTable(
    ["stage", "seconds", "rows/s", "bytes/row from sender", "bytes/row from receiver"],
    [
      ...stages.map((stage) => line(stage.name, stage.seconds, stage.senderBytes, stage.receiverBytes)),
      sumLine("after pseudonymise", after, sum(after, "seconds")),
      sumLine("total", stages, seconds),
    ],
    1,
  );
  const bytes = sum(stages, "senderBytes") + sum(stages, "receiverBytes");
  const memory = (bytes: number): string => `${group(Math.round(bytes / MIB))} MiB`;
  return [
    `${group(rows)} people on each side, the same on both; 1 measure, ${CELLS} cells. Rows are the receiver's.`,
    table,
    `both ways        ${(bytes / rows).toFixed(1)} bytes a row`,
    `peak memory      sender ${memory(peakMemoryBytes.sender)}, receiver ${memory(peakMemoryBytes.receiver)}`,
    `kernel           ${kernel.name}: ${group(Math.round(kernel.multiplicationsPerSecond))} multiplications/s on one core`,
    "",
  ].join("\n");
}
