// Templates whose last day is still to come: about those that wait somebody has to decide, and those that hold will end.
import type { NodeState } from "../node-state.ts";
import { readTemplate } from "./template.ts";
import type { TemplateRow } from "./template-store.ts";

export interface Dated {
  readonly row: TemplateRow;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** In the order of the store. */
export function notEnded(
  { templates }: Pick<NodeState, "templates">,
  state: "waiting" | "valid",
  now: number,
): Dated[] {
  return templates
    .list(state)
    .map((row) => ({ row, expiresAt: readTemplate(row.text, row.name).expiresAt }))
    .filter(({ expiresAt }) => now < expiresAt);
}
