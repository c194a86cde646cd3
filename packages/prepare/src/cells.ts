// Label tuples to cells: each distinct tuple that occurs gets a number, in order of occurrence.
import { InputError } from "./errors.ts";

/** Longest label in bytes of UTF-8. */
const LABEL_BYTES_MAX = 1024;

export class Cells {
  readonly labels: string[][] = [];
  readonly #file: string;
  readonly #groupBy: readonly string[];
  readonly #numbers = new Map<string, number>();

  constructor(file: string, groupBy: readonly string[]) {
    this.#file = file;
    this.#groupBy = groupBy;
  }

  /** The tuple's cell; labels count as they stand, neither trimmed nor normalised. */
  numberOf(labels: string[], row: number): number {
    const key = JSON.stringify(labels);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#assertShort(labels, row);
    const cell = this.labels.push(labels) - 1;
    this.#numbers.set(key, cell);
    return cell;
  }

  #assertShort(labels: readonly string[], row: number): void {
    const long = labels.findIndex((label) => Buffer.byteLength(label) > LABEL_BYTES_MAX);
    if (long < 0) return;
    const remedy = "Shorten it, or group by another column.";
    throw new InputError("label", { file: this.#file, row, field: this.#groupBy[long]!, remedy });
  }
}
