// Inputs that are kept: each ran code that the seeds and shorter ones do not, or once brought about a fault. One a line, in base64.
import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** Of one target; what was kept first stays. */
const FILE_BYTES_MAX = 24 * 1024;

export function keptInputs(target: string): Uint8Array[] {
  const file = fileOf(target);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.slice(0, -1).map((line) => new Uint8Array(Buffer.from(line, "base64")));
}

/** Puts inputs behind those that are kept, as far as there is room; returns how many. */
export function keepInputs(target: string, inputs: readonly Uint8Array[]): number {
  const lines = keptInputs(target).map(lineOf);
  const before = lines.length;
  let bytes = lines.join("").length;
  for (const line of inputs.map(lineOf)) {
    if (lines.includes(line) || bytes + line.length > FILE_BYTES_MAX) continue;
    lines.push(line);
    bytes += line.length;
  }
  if (lines.length > before) writeFileSync(fileOf(target), lines.join(""));
  return lines.length - before;
}

function lineOf(input: Uint8Array): string {
  return `${Buffer.from(input).toString("base64")}\n`;
}

function fileOf(target: string): URL {
  return new URL(`corpus/${target.replaceAll(/[^a-z]+/g, "-")}.txt`, import.meta.url);
}
