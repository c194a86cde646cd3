// Flags of long lists.
import { wholeNumber } from "../../flags.ts";
import { text } from "./common-flags.ts";

/** Of lists, a part of which is shown. */
export const page = {
  limit: { ...text, default: "100", describe: "how many, the newest first" },
  before: { ...text, describe: "those after this one, further back" },
} as const;
export const limitOf = (limit: string) => wholeNumber("limit", limit, 1, 1_000_000);
