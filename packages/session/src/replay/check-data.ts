// Whether prepared data is what the terms allow (design section 2.1): a node that prepares its own data sees to it, a changed one
// may not.
import { NO_CELL, type ReceiverPeople, type SenderPeople } from "@halfroom/prepare";
import { quoted } from "@halfroom/wire/words";
import type { SessionData } from "../data.ts";
import type { Terms } from "../terms/terms.ts";

/** Words for what is wrong, without a value; undefined if nothing is. */
export function dataComplaint(terms: Terms, data: SessionData): string | undefined {
  return data.role === "sender" ? senderComplaint(terms, data.people) : receiverComplaint(data.people);
}

function senderComplaint(terms: Terms, people: SenderPeople): string | undefined {
  const { measures, events } = terms;
  const signs = people.peoplePayload;
  const several = terms.match.length > 1;
  if (several !== (signs !== undefined) || signs?.some((sign) => sign !== 1n && sign !== -1n))
    return "the data counts a person otherwise than once";
  for (const [m, { name, low, high }] of measures.entries()) {
    const columns = events === undefined ? [people.measures[m]!] : people.events!.values[m]!;
    const isWithin = (value: bigint, item: number) => {
      const own = value * (signs?.[item] ?? 1n);
      return own === 0n || (own >= low && own <= high);
    };
    if (columns.some((values) => !values.every(isWithin)))
      return `the data has a value of ${quoted(name)} beyond its bounds`;
  }
  const { categories, categoryLabels } = people;
  if (categories.some((category) => category >= Math.max(1, categoryLabels.length)))
    return "the data has a person in a category that there is not";
  return undefined;
}

function receiverComplaint({ partitions }: ReceiverPeople): string | undefined {
  const isOutside = ({ cells, labels }: ReceiverPeople["partitions"][number]) =>
    cells.some((cell) => cell !== NO_CELL && cell >= labels.length);
  return partitions.some(isOutside) ? "the data has a person in a cell that there is not" : undefined;
}
