// One dataset of this node, prepared for one report: the only place that knows how rows become people.
import { piecesOfColumns, type Column, type RecordStore } from "@halfroom/crypto";
import {
  AFTER_ALL,
  BEFORE_ALL,
  pathsOf,
  placedSource,
  prepareReceiverDataset,
  prepareSenderDataset,
  type Dataset,
  type EncodedItems,
  type EntriesRequest,
  type PreparedReceiver,
  type PreparedSender,
  type RowCounts,
} from "@halfroom/prepare";
import type { DroppedRows, OwnData } from "@halfroom/report";
import { cellsOf, type Role, type SessionData, type Terms } from "@halfroom/session";
import type { DatasetConfig } from "../config/schema.ts";
import type { NodeFolder } from "../store/folder.ts";
import type { NodeState } from "../node-state.ts";
import { datasetOf } from "../series/relative-dates.ts";
import { withoutSuppressedReceiver, withoutSuppressedSender } from "./leave-out.ts";
import { digestEverybody, digestReceiver, digestSender } from "./digest.ts";

/** Prepared people without those who opted out. In a session that can be replayed the digest is one that an auditor can compute. */
export interface PreparedDataset {
  readonly data: SessionData;
  /** What became of the rows, for this node's own report. */
  readonly own: OwnData;
  /** Of the items of the whole dataset, 32 bytes; undefined unless the session can be replayed. */
  readonly everybody: Uint8Array | undefined;
  /** Hands over the items of the whole dataset; it can be called once. */
  readonly takeIdentifiers: () => EncodedItems;
}

export interface PrepareQuestion {
  readonly node: Pick<NodeState, "folder" | "scratch" | "suppressed" | "series">;
  readonly dataset: DatasetConfig;
  readonly role: Role;
  readonly terms: Terms;
  /** The report's own filter. */
  readonly where: string | undefined;
  /** Where what is held of everybody lies, for as long as the identifiers are used. */
  readonly records: RecordStore;
  /** When the session was asked for, in milliseconds since 1970: what dates of the dataset's filter are relative to. */
  readonly askedAt: number;
}

/** Errors: InputError for the data; `refused`, for too many cells. */
export async function prepareDataset(question: PrepareQuestion): Promise<PreparedDataset> {
  return await (question.role === "sender" ? sender(question) : receiver(question));
}

async function sender(question: PrepareQuestion): Promise<PreparedDataset> {
  const { node, terms, where, records } = question;
  const { measures, senderGroupBy: dimensions } = terms;
  const events = terms.events && { max: terms.events.perPerson };
  const match = terms.match.map(({ key }) => key);
  const definition = definitionFor(question);
  const options = { where, scratch: await node.scratch.open(), records };
  const request = { match, measures, dimensions, events };
  const { clipped, ...all } = await prepareSenderDataset(definition, request, options);
  const data = await withoutSuppressedSender(all, node.suppressed, match.length);
  const reason = `events: more than ${terms.events?.perPerson} of one person, the earliest`;
  const { identifiers, items, ...people } = data;
  const counts = countsOf(data, reason, data.events?.lost ?? 0);
  const period = await periodOf(terms, data.events?.times, BEFORE_ALL);
  return {
    data: {
      role: "sender",
      people,
      counts,
      digest: data === all && !terms.replay ? data.digest : await digestSender(data, records),
    },
    own: {
      ...ownData(counts, all.people, reason, where),
      clipped: measures.map(({ name }, m) => ({ measure: name, people: clipped[m]! })),
      ...period,
    },
    everybody: terms.replay ? await digestEverybody({ identifiers, items }) : undefined,
    takeIdentifiers: once({ identifiers, items }),
  };
}

async function receiver(question: PrepareQuestion): Promise<PreparedDataset> {
  const { node, terms, where, records } = question;
  const { partitions } = terms;
  const entries = entriesOf(terms);
  const match = terms.match.map(({ key }) => key);
  const definition = definitionFor(question);
  const options = { where, scratch: await node.scratch.open(), records };
  const all = await prepareReceiverDataset(definition, { match, partitions, entries }, options);
  const data = await withoutSuppressedReceiver(all, node.suppressed, match.length);
  // From the partition that lost the most; touches are the same in all of them.
  const lost = Math.max(...data.partitions.map(({ lostEntries = 0 }) => lostEntries));
  const which = entries?.kind === "touches" && entries.keep === "last" ? "earliest" : "last";
  const reason = `entries: more than ${terms.entriesMax} of one person, the ${which}`;
  const { identifiers, items, ...people } = data;
  const counts = countsOf(data, reason, lost);
  const period = await periodOf(terms, data.times, AFTER_ALL);
  // Refuse too many cells now, before anybody spends more work.
  cellsOf(people, terms);
  return {
    data: {
      role: "receiver",
      people,
      counts,
      digest: data === all && !terms.replay ? data.digest : await digestReceiver(data, records),
    },
    own: { ...ownData(counts, all.people, reason, where), ...period },
    everybody: terms.replay ? await digestEverybody({ identifiers, items }) : undefined,
    takeIdentifiers: once({ identifiers, items }),
  };
}

function definitionFor({ node, dataset, terms, askedAt }: PrepareQuestion): Dataset {
  return datasetOf(node, placed(node.folder, dataset), terms, askedAt);
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

/** `before`: people before those who opted out were left out; `beyond`: the reason of rows beyond the agreed most. */
function ownData(
  { rows, people, merged, filtered, dropped }: RowCounts,
  before: number,
  beyond: string,
  where: string | undefined,
): OwnData {
  return {
    ...(where === undefined ? {} : { where }),
    rows,
    people,
    optedOut: before - people,
    merged,
    filtered,
    dropped: Object.entries(dropped).map(([reason, count]): DroppedRows => {
      return { reason, rows: count, ...(reason === beyond && { agreed: true }) };
    }),
  };
}

/** From the first to the last moment; `none` stands where a person has no further one. */
async function periodOf(
  { events }: Terms,
  times: readonly Column<Uint32Array>[] | undefined,
  none: number,
): Promise<Pick<OwnData, "period">> {
  if (events === undefined || times === undefined) return {};
  let [first, last] = [Infinity, -Infinity];
  for await (const { pieces } of piecesOfColumns(times)) {
    for (const time of pieces.flatMap((piece) => [...piece])) {
      if (time === none) continue;
      if (time < first) first = time;
      if (time > last) last = time;
    }
  }
  return first > last ? {} : { period: { from: new Date(first * 1000), to: new Date(last * 1000) } };
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
  return { ...definition, source: placedSource(definition.source, folder.path) };
}

/** The files of a dataset on this machine, patterns included. */
export function datasetFiles(folder: NodeFolder, dataset: DatasetConfig): string[] {
  return pathsOf(placed(folder, dataset).source);
}
