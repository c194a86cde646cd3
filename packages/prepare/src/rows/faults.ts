// Why rows are left out: a list of reasons, each with a number that the engine keeps beside the row.

export class Reasons {
  readonly #texts: string[] = ["filtered"];

  /** The number of a reason, from 1 on; 0 is none. Reasons hold declared names, never values. */
  numberOf(text: string): number {
    const known = this.#texts.indexOf(text);
    return known >= 0 ? known + 1 : this.#texts.push(text);
  }

  textOf(number: number): string {
    return this.#texts[number - 1] ?? "";
  }
}

/** The number of the rows that the dataset's or the report's filter leaves out: they are no fault of anybody's. */
export const FILTERED = 1;
