// What a report asks for that an earlier one did not, member by member. Whoever approves reads it, so nothing is left out but who proposed it:
// two exact reports that differ in a bound alone can show one person's value.
import { otherRole, runOf, scheduleOf, toHex, type Role, type Terms } from "@halfroom/session";
import { quoted } from "@halfroom/wire/words";
import { scheduleWords } from "../series/words.ts";
import { boundWords } from "./describe.ts";
import { formatEpsilon } from "./evaluate.ts";

/** One thing that is otherwise; an empty text where there was, or is, none of it. */
export interface TermsDifference {
  readonly what: string;
  readonly before: string;
  readonly now: string;
}

/** Terms as this side sees them: its role, and its own filter, which no partner knows. */
export interface SeenTerms {
  readonly terms: Terms;
  readonly role: Role;
  readonly where: string | undefined;
}

type Lines = readonly (readonly [what: string, text: string])[];
type Member = Exclude<keyof Terms, "initiator">;

const DAY_SECONDS = 86_400;
const columns = (names: readonly string[]) =>
  names.length === 0 ? "everybody" : names.map(quoted).join(" and ");
const yes = (is: boolean) => (is ? "yes" : "no");
const whose = (role: Role, us: Role) => (role === us ? "our" : "their");
const one =
  (what: string, text: (terms: Terms, us: Role) => string) =>
  (terms: Terms, us: Role): Lines => [[what, text(terms, us)]];

/** Every member has its words: one that is added to the terms does not compile without. */
const WORDS: { readonly [Name in Member]-?: (terms: Terms, us: Role) => Lines } = {
  protocol: one("protocol", ({ protocol }) => protocol),
  datasets: ({ datasets }, us) => [
    ["our dataset", quoted(datasets[us])],
    ["their dataset", quoted(datasets[otherRole(us)])],
  ],
  report: one("report", ({ report }) => report),
  match: one("people are found by", ({ match }) =>
    match.map(({ key, label }) => `${key} (${label})`).join(", "),
  ),
  measures: ({ measures }) =>
    measures.map((measure) => [
      `sum of ${quoted(measure.name)}`,
      `${boundWords(measure)}${measure.squares ? ", and its square" : ""}`,
    ]),
  senderGroupBy: ({ senderGroupBy }, us) =>
    senderGroupBy.length === 0 ? [] : [[`cells by ${whose("sender", us)} columns`, columns(senderGroupBy)]],
  partitions: ({ partitions }, us) => [
    [`cells by ${whose("receiver", us)} columns`, partitions.map(columns).join("; ")],
  ],
  entriesMax: one("cells of one person at most", ({ entriesMax }) => String(entriesMax)),
  events: ({ events }) =>
    events === undefined
      ? []
      : [
          ["events of one person at most", String(events.perPerson)],
          [
            "an event counts for",
            events.windowSeconds === 0 ? "any time" : `${events.windowSeconds / DAY_SECONDS} days`,
          ],
        ],
  arms: ({ arms }) =>
    arms === undefined
      ? []
      : [["arms", `${quoted(arms.column)}: ${quoted(arms.test)} and ${quoted(arms.control)}`]],
  threshold: one("threshold", ({ threshold }) => `${threshold} people`),
  release: one("noise", ({ release }) => {
    if (release.mode === "exact") return "exact, without noise";
    const { mechanism, microEpsilon, deltaExponent, weights } = release;
    const shares = [weights.people, ...weights.measures].join(":");
    return `${mechanism}, epsilon ${formatEpsilon(microEpsilon)}, delta 10^-${deltaExponent}, weights ${shares}`;
  }),
  totals: one("totals over all cells", ({ totals }) => yes(totals)),
  rules: one("rules", ({ rules }) => rules),
  resultTo: one("result for", ({ resultTo }, us) =>
    resultTo === "both" ? "both sides" : resultTo === us ? "us alone" : "the partner alone",
  ),
  otK: one("transfers' k", ({ otK }) => String(otK)),
  transfers: one("transfers", ({ transfers }) => transfers ?? "softspoken"),
  shardPeople: one("people in a shard at most", ({ shardPeople }) => String(shardPeople)),
  replay: one("kept for an auditor's replay", ({ replay }) => yes(replay)),
  streams: one("shards go over", ({ streams }) =>
    streams === undefined ? "the session's connections" : "connections of their own",
  ),
  newPeople: one("new people alone", ({ newPeople }) => yes(newPeople === true)),
  series: (terms) => {
    const [schedule, run] = [scheduleOf(terms), runOf(terms)];
    if (schedule !== undefined) return [["series", scheduleWords(schedule)]];
    return run === undefined ? [] : [["run of a series", `run ${run.number}`]];
  },
  template: ({ template }) =>
    template === undefined
      ? []
      : [
          [
            "template",
            `${template.name}, version ${template.version}, ${toHex(template.digest).slice(0, 12)}`,
          ],
          ...template.parameters.map(({ name, value }): [string, string] => [
            `parameter ${quoted(name)}`,
            typeof value === "string" ? quoted(value) : value.map(quoted).join(", "),
          ]),
        ],
};

/** All that `now` asks for otherwise than `before`, in the order of the terms. */
export function termsDifferences(before: SeenTerms, now: SeenTerms): TermsDifference[] {
  const [from, to] = [linesOf(before), linesOf(now)];
  const whats = new Set([...from.keys(), ...to.keys()]);
  return [...whats]
    .map((what) => ({ what, before: from.get(what) ?? "", now: to.get(what) ?? "" }))
    .filter((each) => each.before !== each.now);
}

function linesOf({ terms, role, where }: SeenTerms): Map<string, string> {
  const lines = Object.values(WORDS).flatMap((words) => words(terms, role));
  return new Map([...lines, ["our filter", where ?? "none"]]);
}
