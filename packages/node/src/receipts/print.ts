// A receipt as plain text, for somebody who has to judge what was agreed and done, such as a lawyer.
import { type Agreement, otherRole, type Receipt, ROLES, type Statement, toHex } from "@halfroom/session";
import { quoted } from "@halfroom/wire/words";
import { describeReport } from "../policy/describe.ts";

const WIDTH = 100;

/** What this node calls the two sides, and what it alone knows. */
export interface ReceiptNames {
  readonly sender: string;
  readonly receiver: string;
  /** When this node recorded the agreement, in milliseconds since 1970; the receipt itself states no time. */
  readonly agreedAt: number;
}

/** The text of a verified receipt. Names are this node's own for the two sides; everything else is in the receipt. */
export function printReceipt(receipt: Receipt, names: ReceiptNames): string {
  const { agreement, signatures, report, transcript, receiptSignatures, publicKeys } = receipt;
  const session = toHex(agreement.session);
  const lines = [
    `Receipt of session ${session}`,
    "",
    `Recorded here on ${new Date(names.agreedAt).toISOString()}.`,
    "",
    "What was agreed",
    ...describeReport(agreement.content.terms).flatMap((sentence) => wrap(`- ${sentence}`)),
    "",
    "The two sides",
    ...ROLES.flatMap((role) => sideWords(agreement, role, names[role])),
    "",
    "What both signed",
    ...wrap(
      "- The agreement: the text at the end of this receipt. Its SHA-256 hash, under the label of the protocol, is the session id.",
    ),
    `- The report, by a commitment: ${toHex(report)}`,
    ...unseenWords(agreement),
    ...(transcript ? [`- All messages of the session, by a digest: ${toHex(transcript)}`] : []),
    ...ROLES.flatMap((role) => [
      "",
      `The ${role} (${names[role]})`,
      `- public key (Ed25519, SPKI): ${toHex(publicKeys[role])}`,
      `- on the agreement: ${toHex(signatures[role])}`,
      `- on the report: ${toHex(receiptSignatures[role])}`,
    ]),
    "",
    ...wrap(
      "No row, identifier or name of a person is part of this receipt. Data, filters and the report appear as commitments. By opening its own, either side can show later which data it used; who has the report has the nonce that opens its commitment.",
    ),
    "",
    "The agreement, as signed",
    Buffer.from(agreement.bytes).toString("utf8"),
  ];
  return `${lines.join("\n")}\n`;
}

/** Whose signature says nothing of the numbers. */
function unseenWords({ content: { terms } }: Agreement): string[] {
  if (terms.resultTo === "both") return [];
  const sentence = `- The ${otherRole(terms.resultTo)} signed this commitment without the report, as it was told: its signature does not say that the numbers are right.`;
  return wrap(sentence);
}

function sideWords({ content }: Agreement, role: "sender" | "receiver", name: string): string[] {
  const side: Statement = content[role];
  const facts = [
    `dataset ${quoted(content.terms.datasets[role])}, ${side.people} people`,
    `identity ${toHex(side.fingerprint)}`,
    `commitment to the data ${toHex(side.data)}`,
    `commitment to the filter ${toHex(side.filter)}`,
  ];
  if (side.role === "sender") {
    facts.push(
      `key epoch ${side.epoch}, public key ${toHex(side.epochKey)}; ${side.categories} ${side.categories === 1 ? "category" : "categories"}`,
    );
  } else
    facts.push(
      `${side.cells.join(" and ")} cells, padding included; ${side.evaluations} evaluations of the key`,
    );
  return [`The ${role} (${name})`, ...facts.map((fact) => `- ${fact}`)];
}

/** Lines of at most WIDTH characters; all but the first are indented by two. */
function wrap(sentence: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of sentence.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = `  ${word}`;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
