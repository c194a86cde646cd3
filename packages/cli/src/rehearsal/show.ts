// The steps of a rehearsal in words, for people who are about to connect two sites.
import { plainJson, printable } from "@halfroom/report";
import { droppedNote } from "../output.ts";
import { showProgress } from "../progress.ts";
import type { SideEvent } from "./messages.ts";
import { SIDES, type OnSideEvent, type Rehearsal, type RehearsalPlan, type Side } from "./rehearsal.ts";
import { tell } from "../print.ts";

type Labels = RehearsalPlan["labels"];

/** `auto`: lines for people; `json`: one object a line, without the token; `none`: nothing. All go to stderr. */
export function showSteps(labels: Labels, progress: string): OnSideEvent {
  if (progress === "none") return () => undefined;
  if (progress === "json") return (side, event) => tell(eventLine(labels[side], event));
  const show = showProgress(
    process.stderr,
    SIDES.map((side) => labels[side]),
  );
  return (side, event) => {
    switch (event.type) {
      case "prepared":
      case "stage":
      case "progress":
      case "warning":
        return show(labels[side], event);
      default: {
        const words = wordsOf(side, event, labels);
        if (words !== undefined) tell(`${labels[side]}: ${words}`);
      }
    }
  };
}

/** What each side left out, on stderr. */
export function tellDropped({ roles, details }: Rehearsal, labels: Labels): void {
  for (const side of SIDES) {
    const note = droppedNote(details.dropped[roles[side]]);
    if (note !== undefined) tell(`${labels[side]}: ${note}`);
  }
}

/** Without the report, which is the result and not progress, and without the token, which is a secret. */
function eventLine(side: string, event: SideEvent): string {
  if (event.type === "report") return plainJson({ side, type: "ended" });
  const { token: _, ...shown } = { token: undefined, ...event };
  return plainJson({ side, ...shown });
}

/** Enough of a fingerprint to tell two nodes apart. */
function beginOf(fingerprint: string): string {
  return `fingerprint ${fingerprint.slice(0, 19)}...`;
}

function wordsOf(side: Side, event: SideEvent, labels: Labels): string | undefined {
  const other = side === "ours" ? labels.theirs : labels.ours;
  switch (event.type) {
    case "made":
      return `made a node with its own keys (${beginOf(event.fingerprint)})`;
    case "serving":
      return `answers at ${event.address} over TLS, has invited ${other} and allows it this report`;
    case "joined":
      return `joined ${other}: each has pinned the other's certificate`;
    case "proposed":
      return `proposes the report to ${other}`;
    case "answered":
      return event.decision === "accept" ? "accepts it under its policy" : undefined;
    case "held":
      return `waits for a person: ${event.reasons.map(({ words }) => printable(words)).join("; ")}`;
    default:
      return undefined;
  }
}
