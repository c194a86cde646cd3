// Flags that many commands of a node have.
import type { Options } from "yargs";
import { wholeNumber } from "../../flags.ts";

export const text = { type: "string", requiresArg: true } as const satisfies Options;
export const list = { ...text, array: true, default: [] as string[] } as const;
export const json = { type: "boolean", default: false, describe: "print JSON" } as const;
export const home = {
  ...text,
  describe: "the node's folder [default: $HALFROOM_HOME, else ~/.halfroom]",
} as const;
export const name = { ...text, demandOption: true } as const;
/** What a command is about: its argument. */
export const id = { type: "string", demandOption: true } as const;
/** Of lists, a part of which is shown. */
export const page = {
  limit: { ...text, default: "100", describe: "how many, the newest first" },
  before: { ...text, describe: "those after this one, further back" },
} as const;
export const limitOf = (limit: string) => wholeNumber("limit", limit, 1, 1_000_000);
