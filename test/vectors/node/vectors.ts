// All vectors of this folder by the names of their files.
import { agreementVector } from "./agreement.ts";
import { firstContactVector } from "./first-contact.ts";
import { identitiesVector } from "./identities.ts";
import { receiptVector } from "./receipt.ts";
import { reportVector } from "./report.ts";
import { seriesVector } from "./series.ts";
import { streamsVector } from "./streams.ts";
import { successionVector } from "./succession.ts";
import { templateVector } from "./template.ts";
import { termsVector } from "./terms.ts";

export const NODE_VECTORS: Readonly<Record<string, () => unknown>> = {
  identities: identitiesVector,
  succession: successionVector,
  "first-contact": firstContactVector,
  terms: termsVector,
  agreement: agreementVector,
  series: seriesVector,
  streams: streamsVector,
  template: templateVector,
  report: reportVector,
  receipt: receiptVector,
};

/** A vector as its file has it. */
export function fileText(vector: unknown): string {
  return `${JSON.stringify(vector, undefined, 2)}\n`;
}
