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

export interface PreparedDataset {
  readonly counts: RowCounts;
  /** One encoded identifier per person of the session; those who opted out are left away. */
  readonly identifiers: ByteRows;
  /** Those of the whole dataset, before the report's filter. */
  readonly enrolled: ByteRows;
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
  const { identifiers: enrolled } = await prepare(question, undefined);
  return { ...prepared, enrolled };
}

async function sender(
  { node, dataset, terms }: PrepareQuestion,
  where: string | undefined,
): Promise<PreparedDataset> {
  const { measures, senderGroupBy: dimensions } = terms;
  const events = terms.events && { max: terms.events.perPerson };
  const match = terms.match.map(({ key }) => key);
  const definition = placed(node.folder, dataset);
  const all = await prepareSenderDataset(definition, { match, measures, dimensions, events }, { where });
  const data = withoutSuppressedSender(all, node.suppressed);
  return {
    ...common(data),
    shape: senderShape(data),
    digest: data === all ? data.digest : digestSender(data),
    run: (ch, input) => runSender(ch, data, input),
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
  const all = await prepareReceiverDataset(definition, { match, partitions, entries }, { where });
  const data = withoutSuppressedReceiver(all, node.suppressed);
  return {
    ...common(data),
    shape: receiverShape(data, terms),
    digest: data === all ? data.digest : digestReceiver(data),
    run: (ch, input) => runReceiver(ch, data, input),
  };
}

/** Touches in time where events are credited to them, the last ones of a person; in a lift report a person's first. */
function entriesOf({ report, events, entriesMax: max }: ReportTerms): EntriesRequest | undefined {
  if (events !== undefined) return { kind: "touches", max, keep: report === "lift" ? "first" : "last" };
  return max > 1 ? { kind: "cells", max } : undefined;
}

function common(data: PreparedSender | PreparedReceiver) {
  return { counts: data, identifiers: data.identifiers, enrolled: data.identifiers };
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
