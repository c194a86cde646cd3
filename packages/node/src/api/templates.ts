import { keyFingerprint, encodeTemplate, toHex, type ReportKind } from "@halfroom/session";
import { OperatorError } from "../errors.ts";
import type { NodeState } from "../node-state.ts";
import { describe, type Disclosure } from "../policy/describe.ts";
import type { ApprovalState } from "../sessions/two-people.ts";
import { TEMPLATE_KINDS, templateText, type TemplateKind } from "../templates/catalogue.ts";
import { importTemplate, removeImported } from "../templates/import.ts";
import { defaultOf, rangeWords, type Parameter, type ParameterValue } from "../templates/parameters.ts";
import {
  approveTemplate as approveRow,
  draftTemplate,
  partnerOf,
  publish,
  templateApprovals,
  withdraw,
  type Draft,
} from "../templates/publish.ts";
import { notEnded } from "../templates/not-ended.ts";
import { readTemplate as readText, requestOf, usualValues, type Template } from "../templates/template.ts";
import type { TemplateRow, TemplateState } from "../templates/template-store.ts";
import { allowedWords, parameterWords } from "../templates/words.ts";
import { DAY_MS } from "../time.ts";
import { withState, type HalfroomNode } from "./node.ts";

export type { TemplateKind } from "../templates/catalogue.ts";

/** A parameter with its range, as a form would have it. */
export interface ParameterRecord {
  readonly name: string;
  readonly type: Parameter["type"];
  readonly description?: string;
  /** What it may be: "a whole number, 100 or more". */
  readonly range: string;
  /** What holds where nothing is given; without it a value has to be given. */
  readonly default?: ParameterValue;
  /** Of a date or a number the bounds, as text. */
  readonly from?: string;
  readonly to?: string;
  /** Of a choice or columns what there is to choose from, and of columns how many at least and at most. */
  readonly of?: readonly string[];
  readonly least?: number;
  readonly most?: number;
}

/** A template that this node has published to a partner, or a partner to it. Moments are milliseconds since 1970. */
export interface TemplateRecord {
  /** The digest in hex, by which terms name it. */
  readonly id: string;
  /** Who has published it. */
  readonly owner: "us" | "partner";
  readonly partner: string;
  readonly name: string;
  readonly version: number;
  readonly description: string;
  readonly report: ReportKind;
  readonly state: TemplateState;
  /** When it came into this state. */
  readonly at: number;
  readonly expiresAt: number;
  /** So many runs may be made in so many days. */
  readonly runs: number;
  readonly days: number;
  /** Of ours: how many were made in the last `days`. */
  readonly used?: number;
  /** SHA-256 of its owner's signing key, as agreements have it: 64 hexadecimal digits; of one that nobody has approved there is none. */
  readonly signedBy?: string;
  readonly parameters: readonly ParameterRecord[];
  /** Of one that waits for people here: how many have to approve it, and who has. */
  readonly approvals?: ApprovalState;
}

export interface TemplateContent extends TemplateRecord {
  /** The YAML that is signed. */
  readonly yaml: string;
  /** What it allows, or asks for, in sentences. */
  readonly words: readonly string[];
}

/** What a template would allow if it were published. */
export interface TemplateDraft extends Disclosure {
  readonly name: string;
  readonly version: number;
  readonly words: readonly string[];
}

/** A template's YAML text; `name` stands for its file in messages. */
export interface TemplateText {
  readonly text: string;
  readonly name: string;
}

/** Templates that hold or wait, ours first; also those that were withdrawn or replaced with `andFormer`. */
export async function listTemplates(
  node: HalfroomNode,
  { andFormer = false }: { readonly andFormer?: boolean } = {},
): Promise<TemplateRecord[]> {
  return await withState(node, async (state) => {
    const rows = state.templates.list(andFormer ? "all" : "open");
    return await Promise.all(rows.map((row) => recordOf(state, row)));
  });
}

/** Those of ours that wait for people here and have not ended; `approvals` is left out where today's policy would let nobody approve it. */
export async function listWaitingTemplates(node: HalfroomNode): Promise<TemplateRecord[]> {
  return await withState(node, async (state) => {
    const rows = notEnded(state, "waiting", state.clock.now()).map(({ row }) => row);
    return await Promise.all(rows.map((row) => recordOf(state, row)));
  });
}

/** By the first digits of its id, or by its name and, where it is needed, the partner. Rejects with OperatorError `no-template`, `template`. */
export async function readTemplate(
  node: HalfroomNode,
  which: { readonly id: string; readonly partner?: string | undefined },
): Promise<TemplateContent> {
  return await withState(node, (state) => contentOf(state, found(state, which)));
}

/** The kinds that come with the program, to be edited. */
export function listTemplateKinds(): { readonly kind: TemplateKind; readonly description: string }[] {
  return TEMPLATE_KINDS.map((kind) => {
    const { description } = readText(templateText(kind), kind);
    return { kind, description };
  });
}

/** The YAML of one of them. Throws OperatorError `no-template`. */
export function newTemplate(kind: string): string {
  const known = TEMPLATE_KINDS.find((each) => each === kind);
  if (known !== undefined) return templateText(known);
  throw new OperatorError(
    "no-template",
    `There is no kind of template of this name; there are ${TEMPLATE_KINDS.join(", ")}.`,
  );
}

/**
 * Reads a template and says what publishing it to the partner would allow; nothing is kept or signed. Rejects with OperatorError `yaml`, `template`,
 * `no-partner`, `no-dataset`, `no-policy`, and `refused-here` if the policy would refuse some of its runs.
 */
export async function checkTemplate(
  node: HalfroomNode,
  source: TemplateText,
  partner: string,
): Promise<TemplateDraft> {
  return await withState(node, async (state) => {
    const draft = await draftTemplate(state, source, partner);
    const { name, version } = draft.template;
    return { name, version, words: allowedWords(draft), ...disclosed(draft) };
  });
}

function disclosed({ samples, us, policy }: Draft): Disclosure {
  return describe(samples[0]!, us, policy);
}

/**
 * Publishes a template to a partner: from now on runs of it inside its ranges need nobody's approval here. Where the policy asks two people, the first
 * of them only notes it (`state: "waiting"`). Rejects with OperatorError as `checkTemplate`; `approver`; `template` for a version that is not newer.
 */
export async function publishTemplate(
  node: HalfroomNode,
  source: TemplateText,
  partner: string,
): Promise<TemplateContent> {
  return await withState(node, async (state) => contentOf(state, await publish(state, source, partner)));
}

/** Approves one that waits. Rejects with OperatorError `no-template`, `template` if it does not wait, and as `publishTemplate`. */
export async function approveTemplate(node: HalfroomNode, id: string): Promise<TemplateContent> {
  return await withState(node, async (state) => {
    return contentOf(state, await approveRow(state, state.templates.identified(id)));
  });
}

/** Ends a template of ours. Rejects with OperatorError `no-template`, `template` if it has ended already. */
export async function withdrawTemplate(node: HalfroomNode, id: string): Promise<TemplateContent> {
  return await withState(node, (state) => {
    withdraw(state, state.templates.identified(id));
    return contentOf(state, state.templates.identified(id));
  });
}

/** The signed file for the partner, canonical JSON. Rejects with OperatorError `no-template`, `template` while it waits. */
export async function exportTemplate(node: HalfroomNode, id: string): Promise<string> {
  return await withState(node, (state) => {
    const row = state.templates.identified(id);
    const { text, by, to, signature, state: is } = row;
    if (signature === undefined || is === "waiting")
      throw new OperatorError("template", "People here have yet to approve the template: it is not signed.");
    return Buffer.from(encodeTemplate({ text, by, to, signature })).toString("utf8");
  });
}

/**
 * Takes in a template that a partner has published to this node. A newer version takes the older one's place. Rejects with OperatorError `template`: for
 * a file that is none, was changed, or is for another node, for one that no partner here signed, has ended, or is older than what is here.
 */
export async function importTemplateFile(node: HalfroomNode, content: string): Promise<TemplateContent> {
  return await withState(node, (state) =>
    contentOf(state, importTemplate(state, Buffer.from(content, "utf8"))),
  );
}

/** Forgets a partner's template. Rejects with OperatorError `no-template`, `template` for one of ours. */
export async function removeTemplate(node: HalfroomNode, id: string): Promise<void> {
  await withState(node, (state) => removeImported(state, state.templates.identified(id)));
}

/** Errors: `no-template`, `template`. */
function found(
  state: NodeState,
  { id, partner }: { readonly id: string; readonly partner?: string | undefined },
): TemplateRow {
  const named = state.templates
    .list()
    .filter((row) => row.name === id && (partner === undefined || row.partner === partner));
  if (named.length > 1) {
    const which = named.map(
      (row) => `${row.owner === "us" ? "to" : "by"} ${row.partner}: ${row.digest.slice(0, 12)}`,
    );
    throw new OperatorError(
      "template",
      `There are several of this name (${which.join(", ")}): say which by its id.`,
    );
  }
  return named[0] ?? state.templates.identified(id);
}

async function contentOf(state: NodeState, row: TemplateRow): Promise<TemplateContent> {
  return { ...(await recordOf(state, row)), yaml: row.text, words: await wordsOf(state, row) };
}

async function wordsOf(state: NodeState, row: TemplateRow): Promise<readonly string[]> {
  const template = readText(row.text, row.name);
  const draft = await draftOf(state, row);
  if (draft !== undefined && !("error" in draft)) return allowedWords(draft);
  return draft === undefined ? parameterWords(template) : [draft.error, ...parameterWords(template)];
}

/** Of ours that hold or wait, under today's policy; `error` says why no run of it would be accepted now. */
async function draftOf(
  state: NodeState,
  row: TemplateRow,
): Promise<Draft | { readonly error: string } | undefined> {
  if (row.owner !== "us" || (row.state !== "valid" && row.state !== "waiting")) return undefined;
  try {
    return await draftTemplate(state, { text: row.text, name: row.name }, partnerOf(state, row).name);
  } catch (error) {
    if (error instanceof OperatorError) return { error: `It cannot be run now: ${error.message}` };
    throw error;
  }
}

async function recordOf(state: NodeState, row: TemplateRow): Promise<TemplateRecord> {
  const template = readText(row.text, row.name);
  const { report } = requestOf(template, usualValues(template), row.name);
  const { expiresAt, runs, days, description } = template;
  const now = state.clock.now();
  const draft = row.state === "waiting" ? await draftOf(state, row) : undefined;
  const isDraft = draft !== undefined && !("error" in draft);
  return {
    id: row.digest,
    owner: row.owner,
    partner: row.partner,
    name: row.name,
    version: row.version,
    description,
    report,
    state: row.state,
    at: row.at,
    expiresAt,
    runs,
    days,
    ...(row.owner === "us" && {
      used: state.templates.runsSince(row.partnerKey, row.name, now - days * DAY_MS),
    }),
    ...(row.signature && { signedBy: toHex(keyFingerprint(row.by)) }),
    parameters: parametersOf(template),
    ...(isDraft && { approvals: templateApprovals(state, row, draft) }),
  };
}

function parametersOf({ parameters }: Template): ParameterRecord[] {
  return [...parameters].map(([name, parameter]) => {
    const usual = defaultOf(parameter);
    return {
      name,
      type: parameter.type,
      ...(parameter.description !== undefined && { description: parameter.description }),
      range: rangeWords(parameter),
      ...(usual !== undefined && { default: usual }),
      ...boundsOf(parameter),
    };
  });
}

function boundsOf(parameter: Parameter): Pick<ParameterRecord, "from" | "to" | "of" | "least" | "most"> {
  if (parameter.type === "dataset") return {};
  if (parameter.type === "choice") return { of: parameter.of };
  if (parameter.type === "columns") {
    const { of, at_least: least, at_most: most } = parameter;
    return { of, least, most: Math.min(most, of.length) };
  }
  const [from, to] =
    parameter.type === "date" ? [parameter.from, parameter.to] : [parameter.at_least, parameter.at_most];
  return { ...(from !== undefined && { from: String(from) }), ...(to !== undefined && { to: String(to) }) };
}
