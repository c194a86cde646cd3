// What became of a run, in words.
import { REASON_CODES } from "@halfroom/session";
import { ERROR_CODES } from "@halfroom/wire";
import { OPERATOR_ERRORS } from "../errors.ts";
import type { RunState } from "./row.ts";

const WHY: Readonly<Record<string, string>> = {
  late: "nobody could begin it in time",
  passed: "a later run was made before it",
  partner: "it is over at the partner, where it may have been released",
  ended: "the series ended before it",
  data: "our data could not be read, or does not fit",
};

/** `why`: of a run that is open why the last attempt failed, of one that was missed why. */
export function whyWords(state: RunState, why: string | undefined): string {
  const words = why === undefined ? undefined : (WHY[why] ?? known(why));
  if (state === "done") return "done";
  if (state === "taken") return "its budget is spent and there is no report; it is not made again";
  if (state === "missed") return `missed: ${words ?? "nobody could begin it in time"}`;
  return words === undefined ? "to come" : `to be tried again: ${words}`;
}

function known(code: string): string {
  const all: Readonly<Record<string, string>> = { ...ERROR_CODES, ...REASON_CODES };
  const ours: Readonly<Record<string, { readonly means: string }>> = OPERATOR_ERRORS;
  return all[code] ?? ours[code]?.means ?? code;
}
