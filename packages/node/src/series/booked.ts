// What a series would reserve: each of its runs, at whichever moment it may be made.
import { dueAt, lastMoment, noisePlanOf, scheduleOf, type Terms } from "@halfroom/session";
import { RUN_MS, type Booked } from "../ledger/reserved.ts";

/** Nothing for terms that ask for no series, and for noise so small that it cannot be split, which is refused. */
export function bookedBy(terms: Terms): Booked[] {
  const schedule = scheduleOf(terms);
  if (schedule === undefined) return [];
  const cost = costOf(terms);
  if (cost === "refused") return [];
  const { runs, numbers } = schedule;
  return Array.from({ length: runs }, (_, index) => {
    const number = index + 1;
    const [from, until] = [dueAt(schedule, number), lastMoment(schedule, number) + RUN_MS];
    return { from, until, cost, numbers };
  });
}

function costOf(terms: Terms) {
  try {
    return noisePlanOf(terms)?.cost;
  } catch {
    return "refused" as const;
  }
}
