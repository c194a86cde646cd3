// Flags that many commands of a node have.
import type { Options } from "yargs";

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
