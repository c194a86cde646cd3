// What would come of a report, before anything is proposed or spent: the terms that both policies leave of it, what it costs here, whether
// anything can open, and how long it takes. The partner is asked; this side's data is read, and nothing of it moves.

import {
  cellsOf,
  itemsPerPerson,
  numbersAtMost,
  otherRole,
  refusal,
  requestDigest,
  scheduleOf,
  toHex,
  type Answer,
  type Reason,
  type Schedule,
  type SessionData,
  type TableSizes,
  type Terms,
} from "@halfroom/session";
import type { NodeState } from "../node-state.ts";
import { withRecords } from "../store/records.ts";
import { ownerOf, type MeasuredLine } from "../partners/partners.ts";
import type { TransfersSource } from "../request/request.ts";
import { costOf, type RunCost } from "../policy/cost.ts";
import { numbersReasons } from "../policy/evaluate.ts";
import { openingOf, type Opening } from "../policy/opening.ts";
import { runTerms, type RunTerms } from "../policy/run-terms.ts";
import { tooFewPeople } from "../policy/sizes.ts";
import { filterOfRun } from "../series/relative-dates.ts";
import { effortOf, machineOf, type Effort } from "./effort.ts";
import {
  CATEGORIES_ASSUMED,
  categoriesBefore,
  cellsAssumed,
  cellsBefore,
  freshBefore,
} from "./known-before.ts";
import { lastAgreement, type LastAgreement } from "./last-agreement.ts";
import type { Plan } from "./plan.ts";
import type { TransfersChoice } from "./transfers.ts";

export interface Outlook {
  readonly terms: RunTerms;
  readonly cost: RunCost;
  readonly people: {
    readonly ours: number;
    /** As the partner stated them when the two last ran a report over these datasets; undefined if they never did. */
    readonly theirs?: number;
    /** When that was, in milliseconds since 1970. */
    readonly theirsAt?: number;
  };
  readonly opening: Opening;
  readonly effort: Effort;
  /** Where its transfers come from, and why if that was chosen here. */
  readonly transfers: { readonly source: TransfersSource; readonly why?: string };
  /** What the seconds on the line are said by; undefined if no session has measured it. */
  readonly line?: MeasuredLine;
  /** The session, in hex, whose report would be served at no cost, if the partner still has it and its data. */
  readonly stored?: string;
  /** What this side objects to beside its policy's verdict, which knows no sizes. */
  readonly ours: readonly Reason[];
  /** What the partner's policy will object to, although it does not know these sizes yet. */
  readonly theirs: readonly Reason[];
}

/** The partner's answer, and how long it took. */
export interface Asked {
  readonly answer: Answer;
  readonly seconds: number;
  /** As they were asked about in the end. */
  readonly transfers: TransfersChoice;
}

/** `asked` is undefined if the partner could not be. Errors: those of the data; `no-dataset`. */
export async function lookAhead(node: NodeState, plan: Plan, asked: Asked | undefined): Promise<Outlook> {
  const { request, partner, rules, judgement } = plan;
  const answer = asked?.answer;
  const terms = answer?.terms ?? plan.terms;
  const begun = performance.now();
  const dataset = rules.datasets[request.ours]!;
  const { role } = request;
  const schedule = scheduleOf(terms);
  // Of a series as its first run would find it.
  const where = schedule === undefined ? request.where : filterOfRun(request.where, schedule, 1);
  const askedAt = node.clock.now();
  const { data, items } = await withRecords(node.scratch, async (records) => {
    const prepared = await node.works.prepare({ node, dataset, role, terms, where, askedAt, records });
    return { data: prepared.data, items: prepared.takeIdentifiers().identifiers.count };
  });
  const prepareSeconds = (performance.now() - begun) / 1000;
  const people = data.counts.people;
  const last = lastAgreement(node, request);
  const theirs = last && last.content[otherRole(last.role)].people;
  const { sizes, assumed } = statedSizes(terms, data, theirs, last);
  const isKnown = assumed.every((what) => what === "people");
  const numbers = isKnown ? numbersAtMost({ terms, ...sizes }).numbers : undefined;
  const { policy, spent } = judgement;
  const { why } = asked?.transfers ?? plan.transfers;
  const line = node.partners.lineTo(partner.name);
  const [stored] = node.reports.find(ownerOf(partner).key, requestDigest(terms), toHex(data.digest));
  const tooFew = (peopleMin: number) => [
    ...tooFewPeople(request.role, people, peopleMin),
    ...(theirs === undefined ? [] : tooFewPeople(otherRole(request.role), theirs, peopleMin)),
  ];
  return {
    terms: runTerms(plan.asked, plan.terms, terms),
    cost: costOf(judgement, terms, numbers),
    people: { ours: people, ...(theirs !== undefined && { theirs, theirsAt: last!.at }) },
    opening: openingOf(terms, data, theirs),
    effort: effortOf(await machineOf(node), {
      terms,
      sizes,
      assumed,
      ...freshBefore(node, terms, role, last, {
        ours: items,
        theirs: itemsPerPerson(terms) * (theirs ?? people),
      }),
      prepareSeconds,
      roundTripSeconds: asked?.seconds ?? 0,
    }),
    transfers: { source: terms.transfers ?? "softspoken", ...(why !== undefined && { why }) },
    ...(line !== undefined && { line }),
    ...(stored !== undefined && { stored: stored.session }),
    ours: [
      ...tooFew(policy.peopleMin),
      ...(numbers === undefined ? [] : numbersReasons(policy, spent, numbers)),
      ...beyondSeries(schedule, numbers),
      ...tooMany(terms, data.role === "sender" ? people : theirs, data.role === "sender" ? theirs : people),
    ],
    theirs: answer === undefined ? [] : tooFew(answer.peopleMin),
  };
}

/** No run of a series opens more numbers than were reserved for it. */
function beyondSeries(schedule: Schedule | undefined, numbers: number | undefined): Reason[] {
  if (schedule === undefined || numbers === undefined || numbers <= schedule.numbers) return [];
  const words = `a run could open ${numbers} numbers, padding included, and the series allows ${schedule.numbers}: raise its \`numbers\``;
  return [{ code: "numbers", words }];
}

function tooMany(terms: Terms, sender: number | undefined, receiver: number | undefined): Reason[] {
  if (sender === undefined || receiver === undefined) return [];
  const words = refusal(terms, { sender, receiver });
  return words === undefined ? [] : [{ code: "people", words }];
}

/** What nothing is known of yet, and was assumed: as many people as ours, so many cells or categories. */
export type Assumed = "people" | "cells" | "categories";

interface Stated {
  readonly sizes: TableSizes;
  readonly assumed: readonly Assumed[];
}

/** What both sides would state, as far as it is known. */
function statedSizes(
  terms: Terms,
  data: SessionData,
  theirs: number | undefined,
  last: LastAgreement | undefined,
): Stated {
  const ours = data.counts.people;
  const people = { ours, theirs: theirs ?? ours };
  const unknown: Assumed[] = theirs === undefined ? ["people"] : [];
  if (data.role === "receiver") {
    const known = categoriesBefore(terms, last);
    return {
      sizes: {
        sender: { people: people.theirs, categories: known ?? CATEGORIES_ASSUMED },
        receiver: { people: people.ours, cells: cellsOf(data.people, terms) },
      },
      assumed: known === undefined ? [...unknown, "categories"] : unknown,
    };
  }
  const known = cellsBefore(terms, last);
  return {
    sizes: {
      sender: { people: people.ours, categories: Math.max(1, data.people.categoryLabels.length) },
      receiver: { people: people.theirs, cells: known ?? cellsAssumed(terms) },
    },
    assumed: known === undefined ? [...unknown, "cells"] : unknown,
  };
}
