// One dataset of this node, prepared for one report: the only place that knows how rows become people.
import { resolve } from "node:path";
import type { ByteRows } from "@halfroom/crypto";
import {
  prepareReceiverDataset,
  prepareSenderDataset,
  type Dataset,
  type EntriesRequest,
  type PreparedReceiver,
  type PreparedSender,
  type RowCounts,
} from "@halfroom/prepare";
import type { OpenChannel } from "@halfroom/wire";
import type { DatasetConfig } from "../config/schema.ts";
import type { NodeFolder } from "../folder/folder.ts";
import type { ReportTerms, Role } from "../half.types.ts";
import type { HalfroomNode } from "../node/open-node.ts";
import { runReceiver, runSender, type SessionInput, type SessionResult } from "../pipeline.ts";
import { withoutSuppressedReceiver, withoutSuppressedSender } from "../suppress/leave-out.ts";
import { receiverShape, senderShape } from "../terms.ts";
import { digestReceiver, digestSender } from "./digest.ts";

/** One encoded identifier per item of a person; those who opted out are left away. */
export interface Identifiers {
  /** Of the session. */
  readonly session: ByteRows;
  /** Of the whole dataset, before the report's filter. */
  readonly enrolled: ByteRows;
}

export interface PreparedDataset {
  readonly counts: RowCounts;
  /** Hands over the identifiers, once: they are large, and who pseudonymises them knows when nobody needs them any more. */
  takeIdentifiers(): Identifiers;
  /** The receiver's padded numbers of cells; the sender's number of categories. */
  readonly shape: readonly number[];
  /** Over all that enters the session, 32 bytes; it stays at home. */
  readonly digest: Uint8Array;
  run(ch: OpenChannel, input: SessionInput): Promise<SessionResult>;
}

export interface PrepareQuestion {
  readonly node: Pick<HalfroomNode, "folder" | "suppressed">;
  readonly dataset: DatasetConfig;
  readonly role: Role;
  readonly terms: ReportTerms;
  /** The report's own filter. */
  readonly where: string | undefined;
}

/** Throws InputError for the data, ProtocolError `refused` for too many cells. */
export async function prepareDataset(question: PrepareQuestion): Promise<PreparedDataset> {
  const { role, where } = question;
  const prepare = role === "sender" ? sender : receiver;
  const prepared = await prepare(question, where);
  if (where === undefined) return prepared;
  // Enrolling only those whom the filter keeps would tell how many they are.
  const { session: enrolled } = (await prepare(question, undefined)).takeIdentifiers();
  const { session } = prepared.takeIdentifiers();
  return { ...prepared, takeIdentifiers: once({ session, enrolled }) };
}

async function sender(
  { node, dataset, terms }: PrepareQuestion,
  where: string | undefined,
): Promise<PreparedDataset> {
  const { measures, senderGroupBy: dimensions } = terms;
  const events = terms.events && { max: terms.events.perPerson };
  const match = terms.match.map(({ key }) => key);
  const definition = placed(node.folder, dataset);
  const options = { where, scratch: node.folder.path };
  const all = await prepareSenderDataset(definition, { match, measures, dimensions, events }, options);
  const data = withoutSuppressedSender(all, node.suppressed);
  const lost = data.events?.lost ?? 0;
  const nameless = without(data);
  return {
    ...common(data, `events: more than ${terms.events?.perPerson} of one person, the earliest`, lost),
    shape: senderShape(data),
    digest: data === all ? data.digest : digestSender(data),
    run: (ch, input) => runSender(ch, nameless, input),
  };
}

async function receiver(
  { node, dataset, terms }: PrepareQuestion,
  where: string | undefined,
): Promise<PreparedDataset> {
  const { partitions } = terms;
  const entries = entriesOf(terms);
  const match = terms.match.map(({ key }) => key);
  const definition = placed(node.folder, dataset);
  const options = { where, scratch: node.folder.path };
  const all = await prepareReceiverDataset(definition, { match, partitions, entries }, options);
  const data = withoutSuppressedReceiver(all, node.suppressed);
  // Of the partition that lost most; touches are the same in all of them.
  const lost = Math.max(...data.partitions.map(({ lostEntries = 0 }) => lostEntries));
  const nameless = without(data);
  const which = entries?.kind === "touches" && entries.keep === "last" ? "earliest" : "last";
  return {
    ...common(data, `entries: more than ${terms.entriesMax} of one person, the ${which}`, lost),
    shape: receiverShape(data, terms),
    digest: data === all ? data.digest : digestReceiver(data),
    run: (ch, input) => runReceiver(ch, nameless, input),
  };
}

/** Touches in time where events are credited to them, the last ones of a person; in a lift report a person's first. */
function entriesOf({ report, events, entriesMax: max }: ReportTerms): EntriesRequest | undefined {
  if (events !== undefined) return { kind: "touches", max, keep: report === "lift" ? "first" : "last" };
  return max > 1 ? { kind: "cells", max } : undefined;
}

/** `lost` of the people's rows found no room: they were merged into nothing. */
function common(data: PreparedSender | PreparedReceiver, reason: string, lost: number) {
  const { identifiers, rows, people, filtered, merged, dropped, examples } = data;
  const counts = { rows, people, filtered, merged, dropped, examples };
  const withLost = { ...counts, merged: merged - lost, dropped: { ...dropped, [reason]: lost } };
  const takeIdentifiers = once({ session: identifiers, enrolled: identifiers });
  return { counts: lost === 0 ? counts : withLost, takeIdentifiers };
}

function without<Data extends PreparedSender | PreparedReceiver>(data: Data): Omit<Data, "identifiers"> {
  const { identifiers: _, ...nameless } = data;
  return nameless;
}

/** A function that gives the value and forgets it. */
function once<T>(value: T): () => T {
  let held: T | undefined = value;
  return () => {
    if (held === undefined) throw new Error("identifiers are taken once");
    const given = held;
    held = undefined;
    return given;
  };
}

/** The definition with its files where they are: a relative path starts at the node's folder. */
export function placed(folder: NodeFolder, { definition }: DatasetConfig): Dataset {
  const { source } = definition;
  const here = (files: string | string[]) => [files].flat().map((file) => resolve(folder.path, file));
  if ("csv" in source) return { ...definition, source: { csv: here(source.csv) } };
  if ("ndjson" in source) return { ...definition, source: { ndjson: here(source.ndjson) } };
  if ("parquet" in source) return { ...definition, source: { parquet: here(source.parquet) } };
  const { urlFile } = source.postgres;
  if (urlFile === undefined) return definition;
  return {
    ...definition,
    source: { postgres: { ...source.postgres, urlFile: resolve(folder.path, urlFile) } },
  };
}

/** The files of a dataset, which may be patterns; none for a database. */
export function datasetFiles(folder: NodeFolder, dataset: DatasetConfig): string[] {
  const { source } = placed(folder, dataset);
  return "postgres" in source ? [] : [Object.values(source) as (string | string[])[]].flat(2);
}
