// Long lists, a page at a time.
import { printable } from "@halfroom/report";
import { tell } from "../../print.ts";

export interface PageFlags {
  readonly limit: number;
  readonly before?: string | undefined;
  readonly json: boolean;
}

/** Of a session, in a list. */
export function datasetsText(
  datasets: { readonly ours: string; readonly theirs: string } | undefined,
): string {
  return datasets === undefined ? "-" : `${printable(datasets.ours)}, ${printable(datasets.theirs)}`;
}

/** Says how to go on after a page that is full; not among JSON. */
export function tellOlder({ limit, json }: PageFlags, rows: number, last: string | undefined): void {
  if (!json && rows === limit && last !== undefined) tell(`Older ones: --before ${last}`);
}
