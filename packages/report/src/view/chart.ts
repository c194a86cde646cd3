// What a chart of a report shows, whatever draws it.

export type Chart = BarsChart | DotsChart | StackChart | CurvesChart;

interface ChartText {
  readonly title: string;
  /** What the horizontal axis counts. */
  readonly axis: string;
  /** Whether numbers on the axis are percent. */
  readonly percent: boolean;
  /** How many rows or curves there are besides those drawn. */
  readonly more: number;
}

/** A value with its 95 % interval; `shown` is its text. */
export interface Mark {
  readonly label: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly shown: string;
  /** What the others are compared with: drawn in grey. */
  readonly control?: true;
}

/** Bars from zero. */
export interface BarsChart extends ChartText {
  readonly kind: "bars";
  readonly rows: readonly Mark[];
}

/** Points with intervals against a reference: above it, below it, or not told apart from it. */
export interface DotsChart extends ChartText {
  readonly kind: "dots";
  readonly rows: readonly Mark[];
  readonly reference: number | undefined;
}

/** Shares of a whole, one bar per row; parts in the order of `parts`, undefined where hidden. */
export interface StackChart extends ChartText {
  readonly kind: "stack";
  readonly parts: readonly string[];
  readonly rows: readonly { readonly label: string; readonly shares: readonly (number | undefined)[] }[];
}

/** Lines over the ordered `ticks`; a point's `x` is the place of its tick. */
export interface CurvesChart extends ChartText {
  readonly kind: "curves";
  readonly ticks: readonly string[];
  readonly curves: readonly {
    readonly label: string;
    readonly points: readonly {
      readonly x: number;
      readonly y: number;
      readonly low: number;
      readonly high: number;
    }[];
  }[];
}
