// Time by stage against size, both axes logarithmic, as SVG.
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { lineText } from "./line/line.ts";
import type { BenchRun } from "./result.ts";

/** Stages that take enough time for a line of their own. */
const STAGES = ["prepare", "pseudonymise", "match", "aggregate", "release", "whole session"];
/** Shorter stages are drawn with this length: a logarithmic axis has no zero. */
const SECONDS_MIN = 0.01;

/** Least ratio between the heights of two names. */
const LABEL_RATIO = 1.25;

interface Point {
  readonly people: number;
  readonly seconds: number;
  readonly stage: string;
  readonly session: "cold" | "warm";
}

/** Draws the runs over equal sets that are otherwise like the first of them; there must be one. */
export function stagesPicture(runs: readonly BenchRun[]): string {
  const equal = runs.filter((run) => run.senderPeople === run.receiverPeople);
  const points = equal.filter((run) => settings(run) === settings(equal[0]!)).flatMap(pointsOf);
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const most = Math.max(...points.map(({ people }) => people));
  const isOfMost = ({ people }: Point) => people === most;
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
      Plot.line(points, { x: "people", y: "seconds", stroke: "stage", fx: "session", marker: "circle" }),
      Plot.text(points.filter(isOfMost).sort(bySeconds).reduce(labelled, []), {
        x: "people",
        y: "at",
        fill: "stage",
        fx: "session",
        text: "stage",
        textAnchor: "start",
        dx: 8,
      }),
    ],
  });
  figure.setAttribute("style", "background: white; font: 12px sans-serif");
  figure.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return `${figure.outerHTML}\n`;
}

function settings({ transfers, link, cells, measures }: BenchRun): string {
  return [transfers, lineText(link), cells, measures].join();
}

interface Label extends Point {
  /** Where the name goes, in seconds of the axis. */
  readonly at: number;
}

const bySeconds = (a: Point, b: Point) => a.seconds - b.seconds;

/** Puts a stage's name beside its last point, or above the name below where they would overlap; call in order of seconds. */
function labelled(labels: Label[], point: Point): Label[] {
  const below = labels.findLast(({ session }) => session === point.session);
  return [...labels, { ...point, at: Math.max(point.seconds, (below?.at ?? 0) * LABEL_RATIO) }];
}

function pointsOf({ receiverPeople: people, warm, stages, seconds }: BenchRun): Point[] {
  const session = warm ? "warm" : "cold";
  const whole = { name: "whole session", seconds };
  return [...stages, whole]
    .filter(({ name }) => STAGES.includes(name))
    .map((stage) => ({ people, session, stage: stage.name, seconds: Math.max(SECONDS_MIN, stage.seconds) }));
}
