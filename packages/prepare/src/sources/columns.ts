// Finding a column by its name, spelled exactly.
import { quoted } from "@halfroom/wire/words";
import { InputError } from "../errors.ts";

const NAMES_SHOWN_MAX = 20;

/** The position of the column `name`, which must occur in the header exactly once, spelled exactly like this. */
export function columnOf(file: string, header: readonly string[], name: string): number {
  const position = header.indexOf(name);
  if (position < 0) throw new InputError("missing", { file, field: name, remedy: columnsThereAre(header) });
  if (header.includes(name, position + 1)) {
    throw new InputError("twice", { file, field: name, remedy: "Rename or remove all but one." });
  }
  return position;
}

/** Lists the header's names, unless it looks like a row of data: values from a file without a header must not be shown. */
function columnsThereAre(header: readonly string[]): string {
  if (header.some((name) => /@|^[\s\d.+-]*\d[\s\d.+-]*$/u.test(name))) {
    return "The first row looks like data; it must name the columns.";
  }
  const names = header.slice(0, NAMES_SHOWN_MAX).map((name) => quoted(name.slice(0, 64)));
  const more = header.length > NAMES_SHOWN_MAX ? ` and ${header.length - NAMES_SHOWN_MAX} more` : "";
  return `There are ${names.join(", ")}${more}; upper and lower case differ.`;
}
