// One dataset of this node, prepared for one report: the only place that knows how rows become people.
import { resolve } from "node:path";
import {
  prepareReceiverDataset,
  prepareSenderDataset,
  type Dataset,
  type EncodedItems,
  type EntriesRequest,
  type PreparedReceiver,
  type PreparedSender,
} from "@halfroom/prepare";
import { cellsOf, type Role, type SessionData, type Terms } from "@halfroom/session";
import type { DatasetConfig } from "../config/schema.ts";
import type { NodeFolder } from "../store/folder.ts";
import type { NodeState } from "../node-state.ts";
import { withoutSuppressedReceiver, withoutSuppressedSender } from "./leave-out.ts";
import { digestEverybody, digestReceiver, digestSender } from "./digest.ts";

/** Prepared people without those who opted out. In a session that can be replayed the digest is one that an auditor can compute. */
export interface PreparedDataset {
  readonly data: SessionData;
  /** Of the items of the whole dataset, 32 bytes; undefined unless the session can be replayed. */
  readonly everybody: Uint8Array | undefined;
  /** Hands over the items of the whole dataset; it can be called once. */
  readonly takeIdentifiers: () => EncodedItems;
}

export interface PrepareQuestion {
  readonly node: Pick<NodeState, "folder" | "scratch" | "suppressed">;
  readonly dataset: DatasetConfig;
  readonly role: Role;
  readonly terms: Terms;
  /** The report's own filter. */
  readonly where: string | undefined;
}

/** Errors: InputError for the data; `refused`, for too many cells. */
export async function prepareDataset(question: PrepareQuestion): Promise<PreparedDataset> {
  return await (question.role === "sender" ? sender(question) : receiver(question));
}

async function sender({ node, dataset, terms, where }: PrepareQuestion): Promise<PreparedDataset> {
  const { measures, senderGroupBy: dimensions } = terms;
  const events = terms.events && { max: terms.events.perPerson };
  const match = terms.match.map(({ key }) => key);
  const definition = placed(node.folder, dataset);
  const options = { where, scratch: await node.scratch.open() };
  const all = await prepareSenderDataset(definition, { match, measures, dimensions, events }, options);
  const data = withoutSuppressedSender(all, node.suppressed, match.length);
  const reason = `events: more than ${terms.events?.perPerson} of one person, the earliest`;
  const { identifiers, items, ...people } = data;
  return {
    data: {
      role: "sender",
      people,
      counts: countsOf(data, reason, data.events?.lost ?? 0),
      digest: data === all && !terms.replay ? data.digest : digestSender(data),
    },
    everybody: terms.replay ? digestEverybody({ identifiers, items }) : undefined,
    takeIdentifiers: once({ identifiers, items }),
  };
}

async function receiver({ node, dataset, terms, where }: PrepareQuestion): Promise<PreparedDataset> {
  const { partitions } = terms;
  const entries = entriesOf(terms);
  const match = terms.match.map(({ key }) => key);
  const definition = placed(node.folder, dataset);
  const options = { where, scratch: await node.scratch.open() };
  const all = await prepareReceiverDataset(definition, { match, partitions, entries }, options);
  const data = withoutSuppressedReceiver(all, node.suppressed, match.length);
  // From the partition that lost the most; touches are the same in all of them.
  const lost = Math.max(...data.partitions.map(({ lostEntries = 0 }) => lostEntries));
  const which = entries?.kind === "touches" && entries.keep === "last" ? "earliest" : "last";
  const reason = `entries: more than ${terms.entriesMax} of one person, the ${which}`;
  const { identifiers, items, ...people } = data;
  // Refuse too many cells now, before anybody spends more work.
  cellsOf(people, terms);
  return {
    data: {
      role: "receiver",
      people,
      counts: countsOf(data, reason, lost),
      digest: data === all && !terms.replay ? data.digest : digestReceiver(data),
    },
    everybody: terms.replay ? digestEverybody({ identifiers, items }) : undefined,
    takeIdentifiers: once({ identifiers, items }),
  };
}

/** Where events are credited to touches, a person's last touches; in a lift report, the first. */
function entriesOf({ report, events, entriesMax: max }: Terms): EntriesRequest | undefined {
  if (events !== undefined) return { kind: "touches", max, keep: report === "lift" ? "first" : "last" };
  return max > 1 ? { kind: "cells", max } : undefined;
}

/** `lost` rows found no room; they count as dropped, not as merged. */
function countsOf(data: PreparedSender | PreparedReceiver, reason: string, lost: number) {
  const { rows, people, filtered, merged, dropped, examples } = data;
  const counts = { rows, people, filtered, merged, dropped, examples };
  if (lost === 0) return counts;
  return { ...counts, merged: merged - lost, dropped: { ...dropped, [reason]: lost } };
}

/** A function that returns the value once and lets go of it. */
function once<T>(value: T): () => T {
  let held: T | undefined = value;
  return () => {
    if (held === undefined) throw new Error("identifiers are taken once");
    const given = held;
    held = undefined;
    return given;
  };
}

/** The definition with absolute paths; relative ones start at the node's folder. */
export function placed(folder: NodeFolder, { definition }: DatasetConfig): Dataset {
  const { source } = definition;
  const here = (files: string | string[]) => [files].flat().map((file) => resolve(folder.path, file));
  if ("csv" in source) return { ...definition, source: { ...source, csv: here(source.csv) } };
  if ("ndjson" in source) return { ...definition, source: { ...source, ndjson: here(source.ndjson) } };
  if ("parquet" in source) return { ...definition, source: { ...source, parquet: here(source.parquet) } };
  const { urlFile } = source.postgres;
  if (urlFile === undefined) return definition;
  return {
    ...definition,
    source: { postgres: { ...source.postgres, urlFile: resolve(folder.path, urlFile) } },
  };
}

/** The files of a dataset, patterns included; none for a database. */
export function datasetFiles(folder: NodeFolder, dataset: DatasetConfig): string[] {
  const { source } = placed(folder, dataset);
  if ("postgres" in source) return [];
  return ["csv" in source ? source.csv : "ndjson" in source ? source.ndjson : source.parquet].flat();
}
