// Reports that repeat: the series of a node, their runs, and what their reports say beside each other.
import {
  endSeries,
  listSeries,
  readSeries,
  readTrend,
  trendAs,
  type SeriesContent,
  type SeriesRecord,
  type TrendForm,
} from "@halfroom/node";
import { drawList, kindText, printable } from "@halfroom/report";
import { badInput } from "../../failure.ts";
import { moment } from "../../moment.ts";
import { say, sayJson } from "../../print.ts";
import { withNode, type HomeFlags } from "./folder.ts";
import { datasetsText } from "./pages.ts";
import { printOrWrite, SHORT } from "./reports.ts";

interface JsonFlags extends HomeFlags {
  readonly json: boolean;
}

export async function seriesListCommand(flags: JsonFlags): Promise<void> {
  const all = await withNode(flags, (node) => listSeries(node));
  if (flags.json) return sayJson(all);
  if (all.length === 0)
    return say("There are no series yet: halfroom run asks for one, of a request with `series`.");
  const rows = all.map((each) => [
    each.id,
    each.initiatedBy === "us" ? `to ${each.partner}` : `by ${each.partner}`,
    kindOf(each),
    datasetsText(each.datasets),
    `${each.counts.done} of ${each.schedule.runs}`,
    each.next === undefined ? each.state : `${moment(each.next.dueAt)}`,
    leftText(each),
  ]);
  const head = ["series", "asked", "report", "datasets: ours, theirs", "done", "next (UTC)", "epsilon left"];
  say(drawList(head, rows));
}

function kindOf({ report: kind, newPeople }: SeriesRecord): string {
  return kindText({ kind, newPeople });
}

/** Millionths as decimal text. */
const epsilon = (micro: number) => String(micro / 1e6);

function leftText({ release, budget }: SeriesRecord): string {
  if (release.mode === "exact") return "exact";
  return `${epsilon(budget.reserved)} of ${epsilon(budget.microEpsilon)}`;
}

export async function seriesShowCommand(flags: JsonFlags & { id: string }): Promise<void> {
  const series = await withNode(flags, (node) => readSeries(node, flags.id));
  if (flags.json) return sayJson(series);
  printSeries(series);
}

/** As it stands, with all its runs. */
export function printSeries(series: SeriesContent): void {
  const { id, partner, words, where, state, ended, runs } = series;
  say(`Series ${id} with ${partner}: ${kindOf(series)}, ${words}.`);
  if (where !== undefined) say(`Our filter: ${printable(where)}`);
  if (ended !== undefined)
    say(`Ended ${ended.by === "us" ? "here" : "by the partner"} at ${moment(ended.at)} UTC.`);
  say(`It is ${state}. ${budgetWords(series)}\n`);
  const rows = runs.map((run) => [
    String(run.number),
    moment(run.dueAt),
    run.state,
    run.session === undefined ? "" : run.session.slice(0, SHORT),
    run.state === "done" ? "" : run.words,
  ]);
  say(drawList(["run", "due (UTC)", "state", "report", "more"], rows));
}

function budgetWords({ release, budget, counts }: SeriesRecord): string {
  const runs = `${counts.done} runs are done, ${counts.open} to come, ${counts.missed} missed, ${counts.taken} without a report.`;
  if (release.mode === "exact") return runs;
  const { microEpsilon, spent, reserved, returned } = budget;
  return `${runs} Of epsilon ${epsilon(microEpsilon)} in all, ${epsilon(spent)} is spent, ${epsilon(reserved)} reserved, ${epsilon(returned)} free again.`;
}

export async function seriesEndCommand(flags: JsonFlags & { id: string }): Promise<void> {
  const series = await withNode(flags, (node) => endSeries(node, flags.id));
  if (flags.json) return sayJson(series);
  const free =
    series.release.mode === "exact" ? "" : `; epsilon ${epsilon(series.budget.returned)} is free again`;
  say(`Ended: series ${series.id} makes no more runs${free}. ${series.partner} is told when it is reached.`);
}

export const TREND_FORMS = ["json", "csv", "html"] as const satisfies TrendForm[];

export interface TrendFlags extends HomeFlags {
  readonly id: string;
  readonly forms: readonly TrendForm[];
  readonly out?: string | undefined;
}

export async function seriesTrendCommand({ id, forms, out, ...flags }: TrendFlags): Promise<void> {
  const [form = "text", other] = forms;
  if (other !== undefined) throw badInput(`Give one form: --${form} or --${other}.`);
  const trend = await withNode(flags, (node) => readTrend(node, id));
  await printOrWrite(await trendAs(form, trend), out);
}
