// A run of a partner's template, from the side that asks for it: values within their ranges make a request.
import { quoted } from "@halfroom/wire/words";
import { OperatorError } from "../errors.ts";
import type { NodeState } from "../node-state.ts";
import { ownerOf } from "../partners/partners.ts";
import type { ReportRequest } from "../request/request.ts";
import { composed } from "./compose.ts";
import { partnerOf } from "./publish.ts";
import { filterWith, readTemplate, valuesOf } from "./template.ts";
import type { TemplateRow } from "./template-store.ts";

/** A run of a template that a partner has published to this node. */
export interface TemplateSource {
  /** Its name, or the first digits of its digest. */
  readonly template: string;
  /** Whose, where several partners have published one of this name. */
  readonly partner?: string | undefined;
  /** Values by the names of parameters; those that are left out are the template's defaults. */
  readonly set: Readonly<Record<string, string | number | readonly string[]>>;
  /** A filter over this side's own rows; parameters may stand in it. */
  readonly where?: string | undefined;
  /** One of this node's sinks. */
  readonly sink?: string | undefined;
}

/** Errors: `no-template`; `template`, naming each parameter that is missing or outside of its range; `no-partner`. */
export function requestOfTemplate(node: NodeState, source: TemplateSource): ReportRequest {
  const row = importedAs(node, source);
  const template = readTemplate(row.text, row.name);
  if (node.clock.now() >= template.expiresAt)
    throw new OperatorError(
      "template",
      `The template ended on ${template.expires}; ask the partner for a newer one.`,
    );
  const values = valuesOf(template, source.set);
  const { request } = composed(template, values, new Uint8Array(Buffer.from(row.digest, "hex")));
  const where = source.where === undefined ? undefined : filterWith(source.where, template, values);
  return { ...request, partner: partnerOf(node, row).name, where, sink: source.sink };
}

/** Errors: `no-template`; `template`, for a name that several partners have used. */
function importedAs({ templates, partners }: NodeState, { template, partner }: TemplateSource): TemplateRow {
  const key = partner === undefined ? undefined : ownerOf(partners.named(partner)).key;
  const all = templates.list().filter(({ owner, partnerKey }) => {
    return owner === "partner" && (key === undefined || partnerKey === key);
  });
  const named = all.filter(({ name }) => name === template);
  if (named.length > 1) {
    const whose = named.map((each) => each.partner).join(", ");
    throw new OperatorError(
      "template",
      `Several partners have published ${quoted(template)} (${whose}): say whose.`,
    );
  }
  const found = named[0] ?? all.find(({ digest }) => template.length >= 8 && digest.startsWith(template));
  if (found !== undefined) return found;
  const names = all.map(({ name }) => name).join(", ");
  const remedy = names === "" ? "halfroom templates import takes one in" : `there are ${names}`;
  throw new OperatorError(
    "no-template",
    `No partner has published a template ${quoted(template)} to this node; ${remedy}.`,
  );
}
