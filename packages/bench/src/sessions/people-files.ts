// Two files of invented people. Three quarters of the smaller set are shared, because an exact report opens nothing if a whole
// base matches.
import { createCipheriv, createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

export const CELLS = 64;

export interface Sizes {
  readonly senderPeople: number;
  readonly receiverPeople: number;
}

export interface PeopleFiles {
  readonly sender: string;
  readonly receiver: string;
}

export async function writePeople(
  folder: string,
  { senderPeople, receiverPeople }: Sizes,
  seed: string,
): Promise<PeopleFiles> {
  const files = { sender: join(folder, "purchases.csv"), receiver: join(folder, "exposures.csv") };
  const shared = sharedPeople({ senderPeople, receiverPeople });
  await writeLines(files.sender, senderLines(senderPeople, shared, seed));
  await writeLines(files.receiver, receiverLines(receiverPeople, shared));
  return files;
}

const emailOf = (person: number) => `person${person}@example.com`;

export function sharedPeople({ senderPeople, receiverPeople }: Sizes): number {
  return Math.floor((Math.min(senderPeople, receiverPeople) * 3) / 4);
}

function* senderLines(people: number, shared: number, seed: string): Iterable<string> {
  const below = dice(seed);
  yield "email,amount";
  for (let i = 0; i < people; i++) {
    const email = i < shared ? emailOf(i) : `buyer${i}@example.com`;
    yield `${email},${below(500)}.${10 + below(90)}`;
  }
}

/** In reverse order. */
function* receiverLines(people: number, shared: number): Iterable<string> {
  yield "email,segment";
  for (let i = people - 1; i >= 0; i--) {
    const email = i < shared ? emailOf(i) : `reader${i}@example.com`;
    yield `${email},segment ${i % CELLS}`;
  }
}

const BLOCK_BYTES = 1 << 16;

/** Whole numbers below n from the keystream of AES-256-CTR under the seed's hash: the same on every machine. */
function dice(seed: string): (n: number) => number {
  const cipher = createCipheriv("aes-256-ctr", createHash("sha256").update(seed).digest(), Buffer.alloc(16));
  let block = Buffer.alloc(0);
  let at = 0;
  return (n) => {
    if (at === block.length) {
      block = cipher.update(Buffer.alloc(BLOCK_BYTES));
      at = 0;
    }
    at += 4;
    return Math.floor((block.readUInt32LE(at - 4) / 2 ** 32) * n);
  };
}

const LINES_AT_ONCE = 1000;

/** Holds one block of lines in memory at a time. */
async function writeLines(path: string, lines: Iterable<string>): Promise<void> {
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
