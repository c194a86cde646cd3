// One exact sum per person: doubles as long as they are exact, integers of any size for the few people beyond.
import { grown } from "./grow.ts";

export class ExactSums {
  #doubles = new Float64Array(1024);
  readonly #large = new Map<number, bigint>();

  /** Adds an integer to a person's sum; a number must be a safe integer. */
  add(person: number, value: number | bigint): void {
    this.#doubles = grown(this.#doubles, person + 1);
    const large = this.#large.get(person);
    if (large === undefined && typeof value === "number") {
      // Both addends are below 2^53, so a sum that is not safe rounds to no safe one.
      const sum = this.#doubles[person]! + value;
      if (Number.isSafeInteger(sum)) {
        this.#doubles[person] = sum;
        return;
      }
    }
    this.#large.set(person, (large ?? BigInt(this.#doubles[person]!)) + BigInt(value));
  }

  /** The sums of people 0 to `people` - 1, each clipped to [low, high]; who added nothing has 0, clipped too. */
  clipped(people: number, low: bigint, high: bigint): BigInt64Array {
    const values = new BigInt64Array(people);
    for (let person = 0; person < people; person++) {
      const sum = this.#large.get(person) ?? BigInt(this.#doubles[person] ?? 0);
      values[person] = sum < low ? low : sum > high ? high : sum;
    }
    return values;
  }
}
