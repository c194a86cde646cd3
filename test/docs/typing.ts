// Types a document: every shell block in order, in the terminal that it names, and every file that it shows.
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { freePort } from "../ports/free-port.ts";
import { blocksOf, type Block } from "./blocks.ts";
import type { PreparedPair, Start } from "./prepared-pair.ts";
import { Terminals, terminalOf } from "./terminals.ts";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const SHELL = new Set(["sh", "bash", "shell", "console"]);
/** What a document says in a comment near its beginning. */
const STARTS: Readonly<Record<string, Start | "empty">> = {
  "an empty folder": "empty",
  "two sites without a node": "bare",
  "two nodes that have met": "met",
  "two nodes that serve": "serving",
};

export function isShell({ words: [language] }: Block): boolean {
  return language !== undefined && SHELL.has(language);
}

/** `yaml roi.yaml`: the file of that name, which later commands read. */
function fileOf({ words: [language, name] }: Block): string | undefined {
  return language === "yaml" && name?.endsWith(".yaml") ? name : undefined;
}

/** Blocks that are typed; with `slow`, also those that take minutes. */
export function typedBlocks(path: string, slow: boolean): Block[] {
  return blocksOf(path).filter((block) => {
    if (block.notRun !== undefined || (block.slow !== undefined && !slow)) return false;
    return isShell(block) || fileOf(block) !== undefined;
  });
}

/** The output of all of the document's commands. The test fails at the first command that fails. */
export async function typeDocument(path: string, pair: PreparedPair, slow = false): Promise<string> {
  const blocks = typedBlocks(path, slow);
  const start = startOf(path);
  const { terminals, first, ports } = await terminalsFor(start, pair);
  let printed = "";
  try {
    if (start !== "empty") await pair.reset(start);
    for (const block of blocks) {
      const name = terminalOf(block, terminals, first);
      const file = fileOf(block);
      if (file !== undefined) {
        terminals.write(name, file, block.text);
        continue;
      }
      const script = await withIds(withToken(withPorts(block.text, ports), printed), terminals, name);
      const typed = await terminals.type(name, script, block.words.includes("background"));
      expect(typed?.exitCode ?? 0, `${block.place}\n${script}\n${typed?.stderr}`).toBe(0);
      printed += typed?.stdout ?? "";
    }
  } finally {
    terminals.close();
    await pair.close();
  }
  return printed;
}

function startOf(path: string): Start | "empty" {
  const [, words] = /^<!-- starts with: (.+) -->$/m.exec(readFileSync(path, "utf8")) ?? [];
  const start = words === undefined ? undefined : STARTS[words];
  if (start === undefined) {
    throw new Error(
      `${path}: say what its commands start from: <!-- starts with: ${Object.keys(STARTS).join(" | ")} -->`,
    );
  }
  return start;
}

interface Setting {
  readonly terminals: Terminals;
  /** The terminal of a block that names none. */
  readonly first: string;
  readonly ports: ReadonlyMap<string, string>;
}

async function terminalsFor(start: Start | "empty", { sites }: PreparedPair): Promise<Setting> {
  const checkout = { folder: ROOT, env: {} };
  if (start === "empty") {
    const folder = mkdtempSync(join(tmpdir(), "halfroom-doc-"));
    const here = { folder, env: {} };
    const ports = new Map<string, string>();
    for (const port of ["7443", "7444", "7480", "7481", "7490", "7491"])
      ports.set(port, String(await freePort()));
    const terminals = new Terminals({ here, advertiser: here, publisher: here, checkout });
    return { terminals, first: "here", ports };
  }
  const terminals = new Terminals({ advertiser: sites.advertiser, publisher: sites.publisher, checkout });
  const portOf = (variable: string) => sites.publisher.env[variable]!.split(":")[1]!;
  const ports = new Map([
    ["7443", portOf("HALFROOM_LISTEN")],
    ["7490", portOf("HALFROOM_CONSOLE")],
  ]);
  return { terminals, first: "advertiser", ports };
}

/** Documents name the default ports, which another process may be using. */
function withPorts(script: string, ports: ReadonlyMap<string, string>): string {
  return script.replace(/(?<=127\.0\.0\.1:)\d+/g, (port) => ports.get(port) ?? port);
}

/** TOKEN stands for the last one that was printed. */
function withToken(script: string, printed: string): string {
  return script.replace(/\bTOKEN\b/g, printed.match(/^halfroom1_\S+$/gm)?.at(-1) ?? "TOKEN");
}

/** ID stands for the session that the page is about: the newest one that waits for a person, or else that is done. */
async function withIds(script: string, terminals: Terminals, name: string): Promise<string> {
  if (!/\bID\b/.test(script)) return script;
  const listed = await terminals.type(name, "halfroom sessions --json");
  const sessions: { id: string; state: string }[] = JSON.parse(listed!.stdout);
  const newest = (state: string) => sessions.find((session) => session.state === state)?.id;
  const held = /\b(approve|deny) ID\b/.test(script);
  const id = newest(held ? "held" : "done");
  if (id === undefined) throw new Error(`no session for ID in: ${script}`);
  return script.replace(/\bID\b/g, id);
}
