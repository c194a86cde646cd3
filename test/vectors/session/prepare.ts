// The real prepare step on the two files of a vector, as its terms ask for it.
import { tmpdir } from "node:os";
import { datasetSchema, prepareReceiverDataset, prepareSenderDataset } from "@halfroom/prepare";
import { type PreparedPair, inMemory } from "@halfroom/testkit";
import type { Terms } from "@halfroom/session";

export interface Files {
  readonly sender: string;
  readonly receiver: string;
}

const byName = <T>(names: readonly string[], of: (name: string) => T) =>
  Object.fromEntries(names.map((name) => [name, of(name)]));

export async function prepareFor(files: Files, terms: Terms): Promise<PreparedPair> {
  const match = terms.match.map(({ key }) => key);
  const { measures, senderGroupBy, partitions, events, entriesMax, report } = terms;
  const common = {
    match: byName(match, (columns) => ({ columns })),
    ...(events && { time: { column: "at" } }),
  };
  const sender = datasetSchema.parse({
    ...common,
    name: "conversions",
    source: { csv: files.sender },
    measures: byName(
      measures.map(({ name }) => name),
      () => ({}),
    ),
    dimensions: byName(senderGroupBy, () => ({})),
  });
  const receiver = datasetSchema.parse({
    ...common,
    name: "exposures",
    source: { csv: files.receiver },
    dimensions: byName(partitions.flat(), () => ({})),
  });
  const entries = { kind: "touches", max: entriesMax, keep: report === "lift" ? "first" : "last" } as const;
  const ofSender = { match, measures, dimensions: senderGroupBy };
  return {
    sender: await inMemory(
      prepareSenderDataset(
        sender,
        { ...ofSender, ...(events && { events: { max: events.perPerson } }) },
        { scratch: tmpdir() },
      ),
    ),
    receiver: await inMemory(
      prepareReceiverDataset(
        receiver,
        { match, partitions, ...(events && { entries }) },
        { scratch: tmpdir() },
      ),
    ),
  };
}
