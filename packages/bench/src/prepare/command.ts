// Measures preparation from every kind of source, each in a process of its own, so that peak memory is its own.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { drawTable, group } from "@halfroom/report";
import { badInput } from "../failure.ts";
import { wholeNumber, type Flags } from "../flags.ts";
import { BENCH } from "../program.ts";
import { prepareSpeed, SOURCES, type PrepareSpeed, type Source } from "./measure.ts";

const ROWS_MAX = 100_000_000;
const MIB = 2 ** 20;

/** Environment variable with the URL of a server whose user may create tables; without it PostgreSQL is left out. */
const POSTGRES = "HALFROOM_BENCH_POSTGRES";

export async function prepareCommand(flags: Flags): Promise<void> {
  const rows = wholeNumber("rows", flags.rows ?? "100000", 1, ROWS_MAX);
  if (flags.source !== undefined) {
    const speed = await measure(flags.source as Source, rows);
    process.stdout.write(flags.json ? `${JSON.stringify(speed)}\n` : speedTable([speed]));
    return;
  }
  const speeds: PrepareSpeed[] = [];
  for (const source of SOURCES) {
    if (source === "postgres" && process.env[POSTGRES] === undefined) {
      console.error(
        `postgres is left out: set ${POSTGRES} to the URL of a server where tables may be created.`,
      );
      continue;
    }
    const args = [BENCH, "prepare", "--json", `--rows=${rows}`, `--source=${source}`];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    speeds.push(JSON.parse(stdout) as PrepareSpeed);
  }
  process.stdout.write(flags.json ? `${JSON.stringify(speeds)}\n` : speedTable(speeds));
}

async function measure(source: Source, rows: number): Promise<PrepareSpeed> {
  if (source === "postgres" && process.env[POSTGRES] === undefined) {
    throw badInput(`--source postgres needs ${POSTGRES}: the URL of a server where tables may be created.`);
  }
  const folder = await mkdtemp(join(tmpdir(), "halfroom-bench-"));
  try {
    return await prepareSpeed(source, rows, folder, POSTGRES);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function speedTable(speeds: readonly PrepareSpeed[]): string {
  const lines = speeds.map(({ source, rows, people, seconds, peakMemoryBytes }) => [
    source,
    group(rows),
    group(people),
    seconds.toFixed(1),
    group(Math.round(rows / seconds)),
    `${group(Math.round(peakMemoryBytes / MIB))} MiB`,
  ]);
  return `${drawTable(["source", "rows", "people", "seconds", "rows/s", "peak memory"], lines, 1)}\n`;
}
