// The initiator: asks the partner for a series, waits while people decide, and signs it.
import { scheduleOf } from "@halfroom/session";
import { OperatorError } from "../errors.ts";
import { assertBooksHold } from "../ledger/against-log.ts";
import type { NodeState } from "../node-state.ts";
import { assertOwnPolicy, untilDone } from "../run/initiate.ts";
import type { Reached } from "../run/reach.ts";
import type { Plan } from "../run/plan.ts";
import type { RunEvent } from "../run/run-events.ts";
import type { SessionRow } from "../sessions/row.ts";
import { agree } from "./agree.ts";
import type { SeriesRow } from "./row.ts";
import { bookedBy } from "./booked.ts";

/** Errors: `series-state`, if its first run is over already; `refused-here`, `refused-there`, `no-address`, `audit`, `clock`, `ledger`, those of `agree`. */
export async function askForSeries(
  node: NodeState,
  plan: Plan,
  onEvent: (event: RunEvent) => void,
): Promise<SeriesRow> {
  assertOwnPolicy(plan);
  assertBooksHold(node);
  assertToCome(node, plan);
  const sign = async (row: SessionRow, reached: Reached) => await signWith(node, plan, row, reached);
  return await untilDone(node, plan, onEvent, sign);
}

/** A series whose first run could not be made begins with something missed. */
function assertToCome({ clock }: NodeState, { terms }: Plan): void {
  const [first] = bookedBy(terms);
  if (first === undefined || scheduleOf(terms) === undefined || first.from > clock.now()) return;
  const words = "The first run of the series was due already: write a later `series.from`.";
  throw new OperatorError("series-state", words);
}

async function signWith(
  node: NodeState,
  { rules }: Plan,
  { id }: SessionRow,
  { partner, talk, answer: { terms } }: Reached,
): Promise<SeriesRow> {
  try {
    assertBooksHold(node);
    node.sessions.approve(id, terms, node.clock.now());
    return await agree({ node, rules, partner, row: node.sessions.get(id), terms, talk });
  } catch (error) {
    await talk.abort(error);
    throw error;
  }
}
