// Files of invented data.
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const LINES_AT_ONCE = 1000;

/** Writes each line and a line end, holding one block of lines in memory at a time. */
export async function writeLines(path: string, lines: Iterable<string>): Promise<void> {
  await pipeline(Readable.from(blocks(lines)), createWriteStream(path));
}

function* blocks(lines: Iterable<string>): Iterable<string> {
  let block: string[] = [];
  for (const line of lines) {
    if (block.push(line) < LINES_AT_ONCE) continue;
    yield `${block.join("\n")}\n`;
    block = [];
  }
  if (block.length > 0) yield `${block.join("\n")}\n`;
}
