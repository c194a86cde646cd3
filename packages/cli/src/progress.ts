// Progress for people: a line for each finished stage, and on a terminal a live line for the running one.
import type { SessionEvent } from "@halfroom/node";
import { group, printable } from "@halfroom/report";

type Phase = Extract<SessionEvent, { type: "stage" }>["name"];

/** Returns to the start of the line under the cursor and clears it. */
export const CLEAR_LINE = "\r\u001b[K";

interface Stage {
  readonly startedMs: number;
  /** Fraction done by each side, 0 to 1. */
  readonly done: Map<string, number>;
}

/** Shows the events of the named sides; a stage is done when all of them are done with it. */
export function showProgress(
  stream: NodeJS.WriteStream,
  sides: readonly string[],
): (side: string, event: SessionEvent) => void {
  const stages = new Map<Phase, Stage>();
  const clear = stream.isTTY ? CLEAR_LINE : "";
  const line = (text: string): void => {
    stream.write(`${clear}${text}\n`);
  };

  function stageProgress(side: string, name: Phase, part: number): void {
    const stage = stages.get(name) ?? { startedMs: performance.now(), done: new Map() };
    stages.set(name, stage);
    stage.done.set(side, part);
    const slowest = Math.min(...sides.map((each) => stage.done.get(each) ?? 0));
    if (slowest === 1) line(`${name.padEnd(14)}${seconds(performance.now() - stage.startedMs)}`);
    else if (stream.isTTY) stream.write(`${clear}${name.padEnd(14)}${Math.floor(100 * slowest)} %`);
  }

  return (side, event) => {
    if (event.type === "warning") line(`Warning: ${printable(event.words)}`);
    else if (event.type === "prepared")
      line(`${side}: ${group(event.rows)} rows, ${group(event.people)} people`);
    else if (event.type === "stage") stageProgress(side, event.name, event.state === "done" ? 1 : 0);
    // A stage is done when it says so, not when its last batch is.
    else stageProgress(side, event.name, Math.min(0.99, event.done / Math.max(1, event.total)));
  };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
