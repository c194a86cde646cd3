// Why rows are left out: a list of reasons, each with a number that the engine stores with the row.

export class Reasons {
  readonly #texts: string[] = ["filtered", "outside"];
  readonly #remedies = new Map<string, string>();

  /** The number of a reason, from 1; 0 means none. Reasons contain declared names, never values. */
  numberOf(text: string, remedy?: string): number {
    if (remedy !== undefined) this.#remedies.set(text, remedy);
    const known = this.#texts.indexOf(text);
    return known >= 0 ? known + 1 : this.#texts.push(text);
  }

  /** What the owner can do about rows that are left out for this reason. */
  remedyOf(text: string): string | undefined {
    return this.#remedies.get(text);
  }

  textOf(number: number): string {
    return this.#texts[number - 1] ?? "";
  }
}

/** The number for rows that the dataset's filter leaves out, or the report's if they have a fault besides; which is none. */
export const FILTERED = 1;
/** The number for rows without a fault that the report's filter leaves out: they say who a person is, and count for nothing. */
export const OUTSIDE = 2;
