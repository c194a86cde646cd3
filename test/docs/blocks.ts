// The code blocks of a Markdown document, with the marks that say whether and where a test types them.
import { readFileSync } from "node:fs";

export interface Block {
  /** Path and line, for messages. */
  readonly place: string;
  /** The words after the fence: the language, and what follows it. Empty for a block without a language. */
  readonly words: readonly string[];
  readonly text: string;
  /** From the comment above: why no test runs it. */
  readonly notRun: string | undefined;
  /** From the comment above: why only the slow tests run it. */
  readonly slow: string | undefined;
}

/**
 * All fenced blocks of a document in their order. A comment on the line above a fence is a mark: `<!-- not run: REASON -->`
 * or `<!-- slow: REASON -->`. Error for a fence that is not closed.
 */
export function blocksOf(path: string): Block[] {
  const lines = readFileSync(path, "utf8").split("\n");
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; i++) {
    const [, fence, info] = /^(```+|~~~+)(.*)$/.exec(lines[i]!) ?? [];
    if (fence === undefined) continue;
    const end = lines.indexOf(fence, i + 1);
    if (end < 0) throw new Error(`${path}:${i + 1}: the block is not closed`);
    const above = i === 0 ? "" : lines[i - 1]!;
    const text = lines.slice(i + 1, end).join("\n");
    const words = info!.trim() === "" ? [] : info!.trim().split(/\s+/);
    blocks.push({
      place: `${path}:${i + 1}`,
      words,
      text,
      notRun: /^<!-- not run: (.+) -->$/.exec(above)?.[1],
      slow: /^<!-- slow: (.+) -->$/.exec(above)?.[1],
    });
    i = end;
  }
  return blocks;
}

/** The lines outside fenced blocks, with their numbers. */
export function proseOf(path: string): { readonly line: number; readonly text: string }[] {
  let fence: string | undefined;
  return readFileSync(path, "utf8")
    .split("\n")
    .flatMap((text, i) => {
      const [, mark] = /^(```+|~~~+)/.exec(text) ?? [];
      if (fence !== undefined) {
        if (text === fence) fence = undefined;
        return [];
      }
      if (mark !== undefined) {
        fence = mark;
        return [];
      }
      return [{ line: i + 1, text }];
    });
}
