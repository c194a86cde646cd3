// Two files of invented people. Three quarters of the smaller set are shared, because an exact report opens nothing if a whole
// base matches.
import { createCipheriv, createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

export interface Sizes {
  readonly senderPeople: number;
  readonly receiverPeople: number;
  /** Segments of the receiver's people. */
  readonly cells: number;
  /** Amounts of each of the sender's people. */
  readonly measures: number;
}

export interface PeopleFiles {
  readonly sender: string;
  readonly receiver: string;
}

export async function writePeople(folder: string, sizes: Sizes, seed: string): Promise<PeopleFiles> {
  const files = { sender: join(folder, "purchases.csv"), receiver: join(folder, "exposures.csv") };
  await writeLines(files.sender, senderLines(sizes, seed));
  await writeLines(files.receiver, receiverLines(sizes));
  return files;
}

/** The column of each measure. */
export function amounts({ measures }: Sizes): readonly string[] {
  return Array.from({ length: measures }, (_, i) => `amount_${i + 1}`);
}

const emailOf = (person: number) => `person${person}@example.com`;

export function sharedPeople({
  senderPeople,
  receiverPeople,
}: Pick<Sizes, "senderPeople" | "receiverPeople">): number {
  return Math.floor((Math.min(senderPeople, receiverPeople) * 3) / 4);
}

function* senderLines(sizes: Sizes, seed: string): Iterable<string> {
  const below = dice(seed);
  const shared = sharedPeople(sizes);
  const columns = amounts(sizes);
  yield ["email", ...columns].join();
  for (let i = 0; i < sizes.senderPeople; i++) {
    const email = i < shared ? emailOf(i) : `buyer${i}@example.com`;
    yield [email, ...columns.map(() => `${below(500)}.${10 + below(90)}`)].join();
  }
}

/** In reverse order. */
function* receiverLines(sizes: Sizes): Iterable<string> {
  const shared = sharedPeople(sizes);
  yield "email,segment";
  for (let i = sizes.receiverPeople - 1; i >= 0; i--) {
    const email = i < shared ? emailOf(i) : `reader${i}@example.com`;
    yield `${email},segment ${i % sizes.cells}`;
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
