// Why rows are left out: a list of reasons, each with a number that the engine stores with the row.

export class Reasons {
  readonly #texts: string[] = ["filtered"];

  /** The number of a reason, from 1; 0 means none. Reasons contain declared names, never values. */
  numberOf(text: string): number {
    const known = this.#texts.indexOf(text);
    return known >= 0 ? known + 1 : this.#texts.push(text);
  }

  textOf(number: number): string {
    return this.#texts[number - 1] ?? "";
  }
}

/** The number for rows that the dataset's or the report's filter leaves out, which is not a fault. */
export const FILTERED = 1;
