// A section of a report: charts, and the table behind them. Texts may contain labels from data; whoever draws them escapes
// them.
import type { Chart } from "./chart.ts";
import type { Sentence } from "./sentences.ts";

export interface Section {
  readonly heading: string;
  readonly remarks: readonly Sentence[];
  readonly charts: readonly Chart[];
  /** What the charts show, in numbers. */
  readonly table: ViewTable;
}

export interface ViewTable {
  readonly head: readonly string[];
  /** How many columns from the left are text; the others are numbers. */
  readonly textColumns: number;
  readonly rows: readonly (readonly string[])[];
}
