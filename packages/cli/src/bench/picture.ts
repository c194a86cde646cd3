// Time by stage against size, both axes logarithmic, as SVG.
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { BenchRun } from "./bench.types.ts";

/** Stages that take time worth a line. */
const STAGES = ["prepare", "pseudonymise", "match", "aggregate", "release", "whole session"];
/** A shorter stage is drawn as this long: logarithms have no zero. */
const SECONDS_MIN = 0.01;

interface Point {
  readonly people: number;
  readonly seconds: number;
  readonly stage: string;
  readonly session: "cold" | "warm";
}

/** Of runs over equal sets; there must be one. */
export function stagesPicture(runs: readonly BenchRun[]): string {
  const points = runs.filter((run) => run.senderPeople === run.receiverPeople).flatMap(pointsOf);
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const channels = { x: "people", y: "seconds", stroke: "stage" } as const;
  const figure = Plot.plot({
    document,
    width: 900,
    height: 480,
    marginLeft: 60,
    marginRight: 130,
    grid: true,
    x: {
      type: "log",
      ticks: [...new Set(points.map(({ people }) => people))],
      label: "people on each side",
      tickFormat: (people: number) => people.toLocaleString("en"),
    },
    y: { type: "log", label: "seconds", tickFormat: String },
    // Room for the names of the stages beside each half.
    fx: { label: null, domain: ["cold", "warm"], padding: 0.35 },
    color: { domain: STAGES, scheme: "observable10" },
    marks: [
      Plot.frame(),
      Plot.line(points, { ...channels, fx: "session", marker: "circle" }),
      Plot.text(
        points,
        Plot.selectLast({
          ...channels,
          z: "stage",
          stroke: null,
          fill: "stage",
          fx: "session",
          text: "stage",
          textAnchor: "start",
          dx: 8,
        }),
      ),
    ],
  });
  figure.setAttribute("style", "background: white; font: 12px sans-serif");
  figure.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return `${figure.outerHTML}\n`;
}

function pointsOf({ receiverPeople: people, warm, stages, seconds }: BenchRun): Point[] {
  const session = warm ? "warm" : "cold";
  const whole = { name: "whole session", seconds };
  return [...stages, whole]
    .filter(({ name }) => STAGES.includes(name))
    .map((stage) => ({ people, session, stage: stage.name, seconds: Math.max(SECONDS_MIN, stage.seconds) }));
}
