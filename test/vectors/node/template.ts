// A template from its text to the terms of a run (protocol-spec.md, section 8.8): the receiver publishes it, the sender runs it.
import { encodeParts } from "@halfroom/crypto";
import {
  encodeTemplate,
  encodeTerms,
  requestDigest,
  signerOf,
  signTemplate,
  templateDigest,
} from "@halfroom/session";
import { composed, composedTerms } from "../../../packages/node/src/templates/compose.ts";
import { parseTemplate, valuesOf } from "../../../packages/node/src/templates/template.ts";
import { IDENTITIES } from "./identities.ts";
import { hex, text } from "./text.ts";

const YAML = `template:
  name: weekly-roi
  version: 3
  description: Revenue by campaign and age, of the exposures of a period.
  expires: "2028-01-01"
  runs: 5
parameters:
  since: { type: date, from: 2027-01-01, to: 2027-12-31 }
  brand: { type: choice, of: ["Ann's", "B&B"] }
  by: { type: columns, of: [campaign, age_band], at_most: 2, default: [campaign] }
  most: { type: number, at_least: 0.5, at_most: 500 }
  threshold: { type: integer, at_least: 100, default: 150 }
  dataset: { type: dataset, default: purchases }
report: sums
match: [email]
ours:
  dataset: exposures
  where: seen_at >= $since AND brand = $brand AND note <> 'it''s $5'
  group_by: $by
theirs:
  dataset: $dataset
  measures: { amount: { low: 0, high: $most, decimals: 2 } }
threshold: $threshold
epsilon: 2
result: them
`;
const GIVEN = { since: "2027-03-01", brand: "Ann's", by: ["age_band", "campaign"], most: "249.50" };

export function templateVector() {
  const keyOf = (role: "sender" | "receiver") => new Uint8Array(IDENTITIES[role].spki.subarray(-32));
  const parties = { by: keyOf("receiver"), to: keyOf("sender") };
  const digest = templateDigest(YAML, parties);
  const signed = signTemplate(YAML, parties, signerOf(IDENTITIES.receiver.privateKey));
  const template = parseTemplate(YAML, "template");
  const made = composed(template, valuesOf(template, GIVEN), digest);
  const terms = composedTerms(made, [{ key: "email", label: "email/iab-1" }]);
  return {
    by: hex(parties.by),
    to: hex(parties.to),
    text: YAML,
    digest: hex(digest),
    signed: hex(encodeParts("template/signature", new Uint8Array(0), [parties.by, parties.to, YAML])),
    signature: hex(signed.signature),
    file: text(encodeTemplate(signed)),
    values: GIVEN,
    terms: text(encodeTerms(terms)),
    request: requestDigest(terms),
    filter: made.ownersFilter,
  };
}
