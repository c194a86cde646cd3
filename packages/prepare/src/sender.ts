// The sender's half of design section 2.1: one row per person, measures summed exactly and clipped.
import type { ByteRows } from "@halfroom/crypto";
import { columnOf, readCsv } from "./csv.ts";
import { parseDecimal } from "./decimal.ts";
import type { DecimalFault } from "./decimal.ts";
import { emailFault, normaliseEmail } from "./email.ts";
import { People } from "./people.ts";
import { ExactSums } from "./sums.ts";
import { DropTally } from "./tally.ts";
import type { RowCounts } from "./tally.ts";

export interface MeasureColumn {
  readonly name: string;
  /** Clip bounds for one person, scaled by 10^decimals; low <= high. */
  readonly low: bigint;
  readonly high: bigint;
  readonly decimals: number;
}

export interface PreparedSender extends RowCounts {
  /** One encoded identifier per person, all distinct, in the order of first occurrence. */
  readonly identifiers: ByteRows;
  /** One array per measure: a clipped value per person, scaled by 10^decimals. */
  readonly measures: BigInt64Array[];
}

/**
 * Reads the sender's CSV file. A person's rows add up, exactly, before the sum is clipped. An empty cell of a measure
 * adds nothing, as NULL in SQL's SUM; a cell that is no decimal number, or has more decimals than declared, drops its row.
 *
 * Throws `InputError` when the file as a whole cannot be read.
 */
export async function prepareSender(
  file: string,
  options: { match: "email"; measures: readonly MeasureColumn[] },
): Promise<PreparedSender> {
  const { match, measures } = options;
  measures.forEach(assertBounds);
  const people = new People(match);
  const tally = new DropTally();
  const sums = measures.map(() => new ExactSums());

  const rows = await readCsv(file, (header) => {
    const emailColumn = columnOf(file, header, match);
    const measureColumns = measures.map(({ name }) => columnOf(file, header, name));
    const values = measures.map((): number | bigint => 0);

    /** Fills `values`, or returns why the row is dropped. */
    const parseValues = (fields: readonly string[]): string | undefined => {
      for (const [m, measure] of measures.entries()) {
        const text = fields[measureColumns[m]!]!.trim();
        const value = text === "" ? 0 : parseDecimal(text, measure.decimals);
        if (typeof value === "string") return measureFault(measure, value);
        values[m] = value;
      }
      return undefined;
    };

    return (fields, row) => {
      const email = normaliseEmail(fields[emailColumn]!);
      const fault = emailFault(email) ?? parseValues(fields);
      if (fault !== undefined) return tally.drop(fault, row);
      const person = people.numberOf(email);
      for (let m = 0; m < sums.length; m++) sums[m]!.add(person, values[m]!);
    };
  });

  return {
    identifiers: people.identifiers(),
    measures: measures.map(({ low, high }, m) => sums[m]!.clipped(people.count, low, high)),
    ...tally.counts(rows, people.count),
  };
}

function assertBounds({ low, high }: MeasureColumn): void {
  if (low > high || BigInt.asIntN(64, low) !== low || BigInt.asIntN(64, high) !== high) {
    throw new RangeError("clip bounds are ordered 64-bit integers");
  }
}

function measureFault({ name, decimals }: MeasureColumn, fault: DecimalFault): string {
  return `${name}: ${fault === "too many decimals" ? `more than ${decimals} decimals` : fault}`;
}
