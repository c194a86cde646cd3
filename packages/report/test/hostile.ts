// A report whose names and labels try to break out of every format.
import type { ReleasedReport } from "../src/index.ts";
import { uniform } from "./draws.ts";
import { partitionOf, SAMPLE_REPORTS } from "./reports.ts";
import { HOSTILE_LABELS } from "./plain-reports.ts";

export const HTML_LABELS = [
  "<script>window.broken = 1</script>",
  "</td></tr></table></svg><img src=x onerror='window.broken = 1'>",
  '" onmouseover="window.broken = 1',
  "&lt;b&gt;",
  "]]><b>bold</b>",
  "</title><script>window.broken = 1</script>",
  "</style><script>window.broken = 1</script>",
  "<!-- comment",
  "javascript:window.broken=1",
  "x".repeat(300),
  "word ".repeat(60),
  "W".repeat(40),
];

const LABELS = [...HTML_LABELS, ...HOSTILE_LABELS];

/** An exact report of each kind, hostile in its dimensions, measures, groups and labels. */
export function hostileReports(): ReleasedReport[] {
  return Object.values(SAMPLE_REPORTS).map((sample) => {
    const report = sample();
    const [name, other] = ["<i>name</i>\"'", "<script>window.broken = 1</script>"];
    const measures = [
      { name: "<b>sum</b>", decimals: 2, squares: true, low: 0n, high: 50_000n },
      { name: 'a" onload="window.broken = 1', decimals: 0, squares: false, low: 0n, high: 50_000n },
    ];
    const cells = LABELS.flatMap((label, i) =>
      ["2", HTML_LABELS[0]!].map((group, g) => ({
        labels: [label, group],
        base: 4000 + i,
        people: 300 + 7 * i + g,
        sums: [12_345 * (i + 1), 17 * i],
        squares: [(12_345 * (i + 1)) ** 2, 0],
      })),
    );
    const partition = partitionOf([name, other], cells, { people: 0 }, uniform(1));
    return {
      ...report,
      measures,
      rules: "pair",
      ...(report.kind === "reach" ? { frequency: other } : {}),
      ...(report.kind === "lift" ? { lift: { dimension: other, test: "2", control: HTML_LABELS[0]! } } : {}),
      partitions: [
        {
          ...partition,
          cells: partition.cells.map((cell, i) =>
            i === 3
              ? {
                  labels: cell.labels,
                  people: undefined,
                  sums: [undefined, undefined],
                  overPair: true as const,
                }
              : { ...cell, squares: [cell.squares![0], undefined] },
          ),
        },
      ],
    };
  });
}
