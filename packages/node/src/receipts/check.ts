// Whether what this node has today is what it committed to in a session: its data, its filter, and the report.
import { withRecords } from "../store/records.ts";
import {
  commitTo,
  commitToReport,
  opened,
  toHex,
  type Agreement,
  type Openings,
  type Receipt,
} from "@halfroom/session";
import { DOCUMENT_VERSION, parseReport } from "@halfroom/report";
import { quoted } from "@halfroom/wire/words";
import { prepareDataset } from "../datasets/prepare-dataset.ts";
import { OperatorError } from "../errors.ts";
import type { NodeState } from "../node-state.ts";
import type { SessionRow } from "../sessions/row.ts";

/** `same` opens the commitment, `other` does not; `unknown`: nothing that could open it is kept here. */
export type Verdict = "same" | "other" | "unknown";

export interface ReceiptCheck {
  /** The data that the dataset gives today. */
  readonly data: Verdict;
  /** The filter that is kept with the session. */
  readonly filter: Verdict;
  /** The stored report. */
  readonly report: Verdict;
}

/** Prepares the dataset as for the session. Errors: `no-dataset`, `damaged`, those of the data. */
export async function checkReceipt(
  node: NodeState,
  row: SessionRow,
  { agreement, report }: Receipt,
): Promise<ReceiptCheck> {
  const openings = node.openings.get(toHex(agreement.session));
  return {
    ...(await ownSide(node, row, agreement, openings)),
    report: reportVerdict(nodeReport(node, agreement), agreement, report),
  };
}

async function ownSide(
  node: NodeState,
  row: SessionRow,
  { content }: Agreement,
  openings: Openings | undefined,
): Promise<Pick<ReceiptCheck, "data" | "filter">> {
  if (openings === undefined) return { data: "unknown", filter: "unknown" };
  const statement = content[row.role];
  const kept = opened(statement, openings);
  if (!kept.data)
    throw new OperatorError("damaged", "What opens this node's commitments is damaged; restore its folder.");
  const today = await digestToday(node, row);
  const commitment = commitTo("data", openings.data.salt, today);
  return {
    data: verdict(Buffer.compare(commitment, statement.data) === 0),
    filter: verdict(kept.filter),
  };
}

async function digestToday(
  node: NodeState,
  { role, terms, where, createdAt: askedAt }: SessionRow,
): Promise<Uint8Array> {
  const name = terms.datasets[role];
  const dataset = (await node.rules()).datasets[name];
  if (dataset === undefined)
    throw new OperatorError("no-dataset", `The dataset ${quoted(name)} is no longer there.`);
  return await withRecords(node.scratch, async (records) => {
    const { data } = await prepareDataset({ node, dataset, role, terms, where, askedAt, records });
    return data.digest;
  });
}

function nodeReport({ reports }: NodeState, { session }: Agreement): string | undefined {
  return reports.get(toHex(session))?.json;
}

/** Reports of earlier versions and those of a side without a result have no nonce. */
function reportVerdict(json: string | undefined, { session }: Agreement, commitment: Uint8Array): Verdict {
  if (json === undefined) return "unknown";
  const { version, result } = JSON.parse(json);
  if (version !== DOCUMENT_VERSION || result !== undefined) return "unknown";
  const { report, details } = parseReport(json);
  if (typeof details["nonce"] !== "string") return "unknown";
  const nonce = new Uint8Array(Buffer.from(details["nonce"], "hex"));
  return verdict(Buffer.compare(commitToReport(report, session, nonce), commitment) === 0);
}

function verdict(opens: boolean): Verdict {
  return opens ? "same" : "other";
}
