// What a template allows its partner to do without anybody being asked, in sentences by which a person can decide whether to publish it.
import { microEpsilon, type Terms } from "@halfroom/session";
import { quoted } from "@halfroom/wire/words";
import { formatEpsilon } from "../policy/evaluate.ts";
import type { DatasetPolicy } from "../policy/schema.ts";
import { rangeWords } from "./parameters.ts";
import { piecesOf } from "./places.ts";
import { filterOf, type Template } from "./template.ts";

export interface Allowed {
  readonly template: Template;
  /** The terms with values at the ends of all ranges. */
  readonly samples: readonly Terms[];
  readonly policy: DatasetPolicy;
}

/** Sentences for the side that publishes. */
export function allowedWords({ template, samples, policy }: Allowed): string[] {
  const { name, version, runs, days, expires } = template;
  const hours =
    policy.hours === undefined
      ? []
      : ["Outside the hours of our policy a person here is asked all the same."];
  return [
    `${quoted(policy.partner)} may run ${quoted(name)}, version ${version}, up to ${runs} times in ${days} days without anybody here being asked, until ${expires}.`,
    ...costWords(template, samples, policy),
    ...parameterWords(template),
    ...filterWords(template, samples),
    "The partner chooses which of its own people count; its filter is hidden from us, and nothing of the template bounds it.",
    ...hours,
    "Our policy holds for each run, as it is then: its budgets, its limits on numbers, people and questions. Withdrawing the template ends it at once.",
  ];
}

function costWords({ runs, days }: Template, samples: readonly Terms[], policy: DatasetPolicy): string[] {
  if (samples.some(({ release }) => release.mode === "exact"))
    return [
      `Each run is an exact report; our policy allows ${policy.exactSessions} of them in ${policy.periodDays} days. Two of them, with other values or on other days, can be subtracted: what is left shows what the people added whom only one of them covers.`,
    ];
  const each = Math.min(policy.microEpsilonMax, Math.max(...samples.map(microEpsilon)));
  const budget = `our policy allows this partner epsilon ${formatEpsilon(policy.budgetMicroEpsilon)} in ${policy.periodDays} days`;
  return [
    `Each run costs at most epsilon ${formatEpsilon(each)} of our budget, all runs of ${days} days together at most ${formatEpsilon(each * runs)}; ${budget}.`,
  ];
}

/** A sentence for each parameter: its range. */
export function parameterWords({ parameters }: Pick<Template, "parameters">): string[] {
  return [...parameters].map(([name, parameter]) => `${quoted(name)} may be ${rangeWords(parameter)}.`);
}

function filterWords({ body }: Template, samples: readonly Terms[]): string[] {
  const where = filterOf(body.value);
  if (where === undefined) return [];
  const pieces = piecesOf(where);
  const isChosen = !("fault" in pieces) && pieces.some((piece) => "name" in piece);
  const words = `Of our rows those count for which this holds: ${where}. The partner reads this filter in the template.`;
  const isNoisy = samples.every(({ release }) => release.mode !== "exact");
  if (!isChosen || !isNoisy) return [words];
  return [
    words,
    "It chooses values in it, and runs with other values have other people in them: what it learns of one person is bounded by the epsilon of all its runs together.",
  ];
}
