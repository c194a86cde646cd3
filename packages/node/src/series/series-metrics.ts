// Metrics of reports that repeat: how many of their runs are in which state. One that was missed is worth a look.
import { Gauge, type Registry } from "prom-client";
import type { NodeState } from "../node-state.ts";

export function seriesMetrics(registry: Registry, { series }: Pick<NodeState, "series">): void {
  new Gauge({
    name: "halfroom_series_runs",
    help: "Runs of series: open, taken (spent without a report), done or missed.",
    labelNames: ["partner", "series", "state"] as const,
    registers: [registry],
    collect() {
      this.reset();
      for (const { id, name, partner } of series.list())
        for (const { state } of series.runs(id)) this.inc({ partner, series: name, state });
    },
  });
}
