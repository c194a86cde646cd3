// A template that a partner has published to this node: a file that its people hand over. Runs of it are made from here.
import {
  decodeTemplate,
  keyFingerprint,
  templateDigest,
  toHex,
  type SignedTemplate,
} from "@halfroom/session";
import { ProtocolError } from "@halfroom/wire";
import { quoted } from "@halfroom/wire/words";
import { OperatorError } from "../errors.ts";
import type { NodeState } from "../node-state.ts";
import { ownerOf, type Partner } from "../partners/partners.ts";
import { factsOf } from "./publish.ts";
import { parseTemplate } from "./template.ts";
import type { TemplateRow } from "./template-store.ts";

/**
 * Keeps a signed template. Errors: `template`, for a file that is none or was changed, that no partner signed under a key that it has had here, that is
 * for another node, that has ended, or that is older than the version that is here; `yaml`.
 */
export function importTemplate(node: NodeState, bytes: Uint8Array): TemplateRow {
  const signed = readSigned(bytes);
  const partner = signerAmong(node, signed);
  if (node.own.keyWith(keyFingerprint(signed.to)) === undefined)
    throw new OperatorError(
      "template",
      "The template is for another node: its owner has to publish it to this one.",
    );
  const template = parseTemplate(signed.text, "template");
  const { templates, store, audit, clock } = node;
  const now = clock.now();
  if (now >= template.expiresAt)
    throw new OperatorError(
      "template",
      `The template ended on ${template.expires}; ask the partner for a newer one.`,
    );
  const digest = templateDigest(signed.text, signed);
  return store.transaction(() => {
    const of = ownerOf(partner);
    const before = templates.valid("partner", of.key, template.name);
    if (before?.digest === toHex(digest)) return before;
    if (before !== undefined && before.version >= template.version)
      throw new OperatorError(
        "template",
        `Version ${before.version} of ${quoted(template.name)} is here, and this is version ${template.version}: a newer one takes its place, an older one or another of the same number does not.`,
      );
    if (before !== undefined) templates.end(before.digest, "replaced", now);
    const { name, version } = template;
    const row = templates.put({
      ...signed,
      digest,
      owner: "partner",
      of,
      name,
      version,
      state: "valid",
      at: now,
    });
    audit.append("template-imported", factsOf(row), now);
    return row;
  });
}

function readSigned(bytes: Uint8Array): SignedTemplate {
  try {
    return decodeTemplate(bytes);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    const words =
      "The file is no signed template, or was changed since it was signed; ask the partner for what `halfroom templates export` writes.";
    throw new OperatorError("template", words, { cause });
  }
}

/** Errors: `template`. */
function signerAmong({ partners }: NodeState, { by }: SignedTemplate): Partner {
  const isKey = (key: Uint8Array) => Buffer.compare(key, by) === 0;
  const found = partners.list().find((partner) => partners.keysOf(partner).some(isKey));
  if (found !== undefined) return found;
  const words = `No partner here has signed the template; its key has the fingerprint ${toHex(keyFingerprint(by))}. Join whoever published it first; of a partner that has replaced its identity since, ask for a newer version.`;
  throw new OperatorError("template", words);
}

/** No run is made of it from here any more. Errors: `template`, for one of ours. */
export function removeImported(node: NodeState, row: TemplateRow): void {
  if (row.owner !== "partner" || row.state !== "valid")
    throw new OperatorError(
      "template",
      `The template ${quoted(row.name)} is none that a partner has published and that holds.`,
    );
  const { store, templates, audit, clock } = node;
  store.transaction(() => {
    templates.end(row.digest, "withdrawn", clock.now());
    audit.append("template-removed", factsOf(row), clock.now());
  });
}
