import { openLog } from "../serve/log.ts";
import type { ServeEvent } from "../serve/serve-partner.ts";
import { serve as serveState, type Serving } from "../serve/serve.ts";
import { withState, type HalfroomNode } from "./node.ts";

/**
 * Answers partners, and the operator's port, until it is closed. It logs to stderr, one JSON object a line, as the setting
 * `log_level` says; `onEvent` is for a program that serves within itself. Rejects with OperatorError `listen`, `cluster`, or
 * `audit`, `clock` or `ledger` if store, log, head and clock do not agree.
 */
export async function serve(
  node: HalfroomNode,
  onEvent: (event: ServeEvent) => void = () => {},
): Promise<Serving> {
  return await withState(node, (state) => serveState(state, openLog(state.settings), onEvent));
}
