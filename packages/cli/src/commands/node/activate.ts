// `halfroom activate`: which of this side's own cohorts a report says to address.
import { activate } from "@halfroom/node";
import {
  activationCsv,
  activationJson,
  drawTable,
  group,
  printable,
  type ActivationPlan,
  type ActivationRule,
} from "@halfroom/report";
import { badInput } from "../../failure.ts";
import { wholeNumber } from "../../flags.ts";
import { withNode, type HomeFlags } from "./folder.ts";
import { printOrWrite } from "./reports.ts";

/** The index above which cohorts are chosen if no rule is given. */
const INDEX_DEFAULT = 120;
const COUNT_MAX = 2 ** 31;

export interface ActivateFlags extends HomeFlags {
  readonly id: string;
  readonly top?: string | undefined;
  readonly "index-over"?: string | undefined;
  readonly surely: boolean;
  readonly people?: string | undefined;
  readonly partition?: string | undefined;
  readonly category: readonly string[];
  readonly json: boolean;
  readonly csv: boolean;
  readonly out?: string | undefined;
}

export async function activateCommand(flags: ActivateFlags): Promise<void> {
  const rule = ruleOf(flags);
  const choice = {
    ...(flags.partition === undefined
      ? {}
      : { partition: wholeNumber("partition", flags.partition, 1, COUNT_MAX) - 1 }),
    ...(flags.category.length === 0 ? {} : { category: flags.category }),
  };
  const { plan, labels, session, partner } = await withNode(flags, (node) =>
    activate(node, flags.id, rule, choice),
  );
  if (flags.json) return await printOrWrite(activationJson(plan, labels, { session, partner }), flags.out);
  await printOrWrite(flags.csv ? activationCsv(plan) : planText(plan), flags.out);
}

function ruleOf(flags: ActivateFlags): ActivationRule {
  const given = (["top", "index-over", "people"] as const).filter((name) => flags[name] !== undefined);
  if (given.length > 1) throw badInput(`Give one rule: ${given.map((name) => `--${name}`).join(" or ")}.`);
  if (flags.surely && given[0] !== undefined && given[0] !== "index-over") {
    throw badInput("--surely goes with --index-over: the low end of the interval must be above it.");
  }
  if (flags.top !== undefined) return { kind: "top", cohorts: wholeNumber("top", flags.top, 1, COUNT_MAX) };
  if (flags.people !== undefined)
    return { kind: "people", people: wholeNumber("people", flags.people, 1, COUNT_MAX) };
  const over = flags["index-over"];
  const index = over === undefined ? INDEX_DEFAULT : wholeNumber("index-over", over, 0, COUNT_MAX);
  return { kind: "index-over", index, surely: flags.surely };
}

function planText(plan: ActivationPlan): string {
  const { dimensions, cohorts, category, people, peopleOfAll, unranked } = plan;
  const summary = [
    `${count(cohorts.length)} with ${group(people)} of our ${group(peopleOfAll)} people.`,
    ...(category.length === 0
      ? []
      : [`The index is among people in ${category.map(printable).join(" and ")}.`]),
    ...(unranked === 0 ? [] : [`Under the threshold and therefore not ranked: ${count(unranked)}.`]),
    "The plan names our own cohorts, matched people and others alike.",
  ];
  if (cohorts.length === 0) return `${summary.join("\n")}\n`;
  const head = ["rank", ...dimensions.map(printable), "our people", "index", "95 % interval"];
  const rows = cohorts.map(({ rank, labels, people: own, index }) => [
    String(rank),
    ...labels.map((label) => (label === "" ? "(none)" : printable(label))),
    group(own),
    index.value.toFixed(0),
    `${index.low.toFixed(0)} to ${index.high.toFixed(0)}`,
  ]);
  return `${drawTable(head, rows, 1 + dimensions.length)}\n${summary.join("\n")}\n`;
}

function count(cohorts: number): string {
  return `${group(cohorts)} cohort${cohorts === 1 ? "" : "s"}`;
}
