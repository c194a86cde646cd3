// `halfroom suppress add`.
import { suppress } from "@halfroom/node";
import { badInput } from "../../failure.ts";
import { withNode, type HomeFlags } from "./folder.ts";
import { say } from "../../print.ts";

export interface SuppressFlags extends HomeFlags {
  readonly file: string;
  readonly match: readonly string[];
  readonly hashed: boolean;
}

/** KEY=COLUMN or KEY=COLUMN,COLUMN, each key once. */
function columnsOf(flags: readonly string[]): Record<string, readonly string[]> {
  const columns = new Map<string, readonly string[]>();
  for (const flag of flags) {
    const [, key, names] = /^([^=]+)=([^=]+)$/.exec(flag) ?? [];
    if (key === undefined || columns.has(key)) {
      throw badInput(`--match ${flag}: give KEY=COLUMN, for example email=address; each key once.`);
    }
    columns.set(key, names!.split(","));
  }
  return Object.fromEntries(columns);
}

export async function suppressCommand(flags: SuppressFlags): Promise<void> {
  const { file, hashed } = flags;
  const columns = columnsOf(flags.match);
  const { found, added } = await withNode(flags, (node) => suppress(node, { file, columns, hashed }));
  const counts = Object.entries(found)
    .map(([key, people]) => `${people} by ${key}`)
    .join(", ");
  say(
    `${counts}; ${added} of them new. They are left out of every session from now on, and removed from the caches.`,
  );
}
