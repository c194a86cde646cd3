// One dataset of this node, prepared for one report: the only place that knows how rows become people.
import { resolve } from "node:path";
import type { ByteRows } from "@halfroom/crypto";
import { prepareReceiver, prepareSender, type RowCounts } from "@halfroom/prepare";
import type { OpenChannel } from "@halfroom/wire";
import type { DatasetConfig } from "../config/schema.ts";
import type { NodeFolder } from "../folder/folder.ts";
import type { ReportTerms, Role } from "../half.types.ts";
import { runReceiver, runSender, type SessionInput, type SessionResult } from "../pipeline.ts";
import type { HalfroomNode } from "../node/open-node.ts";
import { SetupError } from "../setup-error.ts";
import { withoutSuppressedReceiver, withoutSuppressedSender } from "../suppress/leave-out.ts";
import { paddedCells } from "../terms.ts";
import { digestReceiver, digestSender } from "./digest.ts";

export interface PreparedDataset {
  readonly counts: RowCounts;
  /** One encoded identifier per person, those who opted out left away. */
  readonly identifiers: ByteRows;
  /** Number of cells, padded to a power of two; 0 for the sender. */
  readonly cells: number;
  /** Over all that enters the session, 32 bytes; it stays at home. */
  readonly digest: Uint8Array;
  run(ch: OpenChannel, input: SessionInput): Promise<SessionResult>;
}

export interface PrepareQuestion {
  readonly node: Pick<HalfroomNode, "folder" | "suppressed">;
  readonly dataset: DatasetConfig;
  readonly role: Role;
  readonly terms: ReportTerms;
  readonly where: string | undefined;
}

/** Throws InputError for the file, SetupError for what this version cannot do, ProtocolError `refused` for too many cells. */
export async function prepareDataset(question: PrepareQuestion): Promise<PreparedDataset> {
  const { node, dataset, role, terms, where } = question;
  if (where !== undefined)
    throw new SetupError("`where`: this version has no filters; offer a dataset that is filtered.");
  if (dataset.match.email !== terms.match) {
    throw new SetupError(
      `This version reads identifiers from a column called "${terms.match}"; rename yours.`,
    );
  }
  const file = datasetFile(node.folder, dataset);
  const { match, measures, groupBy } = terms;
  if (role === "sender") {
    const data = withoutSuppressedSender(await prepareSender(file, { match, measures }), node.suppressed);
    return {
      counts: data,
      identifiers: data.identifiers,
      cells: 0,
      digest: digestSender(data),
      run: (ch, input) => runSender(ch, data, input),
    };
  }
  const data = withoutSuppressedReceiver(await prepareReceiver(file, { match, groupBy }), node.suppressed);
  return {
    counts: data,
    identifiers: data.identifiers,
    cells: paddedCells(data.labels.length),
    digest: digestReceiver(data),
    run: (ch, input) => runReceiver(ch, data, input),
  };
}

/** A relative path starts at the node's folder. */
export function datasetFile(folder: NodeFolder, { file }: DatasetConfig): string {
  return resolve(folder.path, file);
}
