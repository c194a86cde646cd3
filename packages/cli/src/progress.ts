// Progress for people: a line for each finished stage, and on a terminal a live line for the running one.
import type { HalfEvent, Role } from "@halfroom/node";
import { group } from "@halfroom/report";

type Phase = Extract<HalfEvent, { type: "stage" }>["name"];

/** Returns to the start of the line under the cursor and clears it. */
export const CLEAR_LINE = "\r\u001b[K";

interface Stage {
  readonly startedMs: number;
  /** Part done by each role, 0 to 1. */
  readonly done: Map<Role, number>;
}

/** Shows the events of the halves in `roles`; a stage is done when all of them are done with it. */
export function showProgress(
  stream: NodeJS.WriteStream,
  roles: readonly Role[],
): (role: Role, event: HalfEvent) => void {
  const stages = new Map<Phase, Stage>();
  const clear = stream.isTTY ? CLEAR_LINE : "";
  const line = (text: string): void => void stream.write(`${clear}${text}\n`);

  function stageProgress(role: Role, name: Phase, part: number): void {
    const stage = stages.get(name) ?? { startedMs: performance.now(), done: new Map() };
    stages.set(name, stage);
    stage.done.set(role, part);
    const slowest = Math.min(...roles.map((each) => stage.done.get(each) ?? 0));
    if (slowest === 1) line(`${name.padEnd(14)}${seconds(performance.now() - stage.startedMs)}`);
    else if (stream.isTTY) stream.write(`${clear}${name.padEnd(14)}${Math.floor(100 * slowest)} %`);
  }

  return (role, event) => {
    if (event.type === "listening") line(`${role} listening on ${event.address}`);
    else if (event.type === "prepared")
      line(`${role}: ${group(event.rows)} rows, ${group(event.people)} people`);
    else if (event.type === "stage") stageProgress(role, event.name, event.state === "done" ? 1 : 0);
    // A stage is done when it says so, not when its last batch is.
    else stageProgress(role, event.name, Math.min(0.99, event.done / Math.max(1, event.total)));
  };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
