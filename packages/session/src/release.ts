// The stage that turns shares into a report: tests and openings, then the labels of what was opened and the people behind it.
import type { Transcript } from "@halfroom/release";
import type { ReleasedReport } from "@halfroom/report";
import type { OpenChannel } from "@halfroom/wire";
import type { Side } from "./side.ts";
import { exchangeAsReceiver, exchangeAsSender, gets, type Labels } from "./table/labels.ts";
import { openTable, type OpenedTable, type TableShare } from "./table/open-table.ts";
import { reportOf } from "./table/report.ts";
import { exchangeBases } from "./table/told-bases.ts";

/** What a side has of a release. */
export interface ReleasedTable {
  /** Undefined on a side that gets no result. */
  readonly report: ReleasedReport | undefined;
  /** Why the report is empty: what opened, to this side alone, were no numbers that the two sides can have. */
  readonly impossible: string | undefined;
}

/**
 * What it returns counts only once the partner has seen the same messages. `takeBudget` is called with this side's noise before the
 * first message. Errors: `refused`, `transcript`, `impossible`, those of the release and of `takeBudget`.
 */
export async function release(
  ch: OpenChannel,
  side: Side & Pick<TableShare, "shares" | "transfers" | "triples" | "noise">,
  transcript: Transcript,
  takeBudget: (noise: Uint8Array | undefined) => void,
): Promise<ReleasedTable> {
  const opened = await openTable(ch, side, transcript, takeBudget);
  const labels = await exchangeLabels(ch, opened, side);
  const bases = await exchangeBases(ch, opened, side, side.noise?.bases);
  const { impossible } = opened;
  if (!gets(side.terms, side.role)) return { report: undefined, impossible };
  const shown = impossible === undefined ? opened : { ...opened, blocks: [], totals: opened.totals && [] };
  return { report: reportOf(side.data, side.content, side.layout, shown, { ...labels, bases }), impossible };
}

async function exchangeLabels(ch: OpenChannel, opened: OpenedTable, side: Side): Promise<Labels> {
  const { data, orders } = side;
  if (data.role === "sender") return await exchangeAsSender(ch, opened, side, data.people, orders[0]!);
  return await exchangeAsReceiver(ch, opened, side, data.people, orders);
}
