// How a column's texts write numbers, told by an example: the number 1234.56 as the column would have it.

/** The signs of an example, in SQL's regular expressions and as they are. */
export interface NumberFormat {
  /** Between groups of three digits; undefined if there is nothing. Blanks mean any of the blanks that are used so. */
  readonly group: "," | "." | "'" | " " | undefined;
  readonly point: "," | ".";
  /** A currency's sign or letters, which may stand before or after a number. */
  readonly currency: string | undefined;
}

export const NUMBER_FORMATS =
  'Write the number 1234.56 as the column would have it, for example 1,234.56, 1.234,56, 1 234,56, 1234,56 or "€1.234,56".';

const FORMAT =
  /^(?:(\p{Sc}|\p{L}{1,4}) ?)?1([,.' \u00a0\u202f\u2019]?)234([.,])56(?: ?(\p{Sc}|\p{L}{1,4}))?$/u;

/** Undefined if the text is no such example. */
export function numberFormatOf(example: string): NumberFormat | undefined {
  const parts = FORMAT.exec(example);
  if (parts === null) return undefined;
  const [, before, between = "", point, after] = parts;
  if (between === point || (before !== undefined && after !== undefined)) return undefined;
  const group = /[\u00a0\u202f]/u.test(between) ? " " : between === "\u2019" ? "'" : between;
  return {
    group: group === "" ? undefined : (group as NumberFormat["group"]),
    point: point as NumberFormat["point"],
    currency: before ?? after,
  };
}

export function isNumberFormat(example: string): boolean {
  return numberFormatOf(example) !== undefined;
}
