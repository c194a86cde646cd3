// How the answering side recognises a run of a template that it has published: it composes the terms again, from its own text and the parameters
// that the terms name, and compares them with the proposal.
import {
  assertOnlyStricter,
  microEpsilon,
  overLink,
  toHex,
  type Reason,
  type Role,
  type TemplateRun,
  type Terms,
} from "@halfroom/session";
import { ProtocolError } from "@halfroom/wire";
import { quoted } from "@halfroom/wire/words";
import { OperatorError } from "../errors.ts";
import type { NodeState } from "../node-state.ts";
import { ownerOf, type Partner } from "../partners/partners.ts";
import { termsDifferences } from "../policy/term-differences.ts";
import { DAY_MS } from "../time.ts";
import { composed, composedTerms, type Composed } from "./compose.ts";
import { readValue } from "./parameters.ts";
import { readTemplate, type Template, type Values } from "./template.ts";
import type { TemplateRow } from "./template-store.ts";

export interface AnsweredTemplate {
  /** Why it is not a run of it; empty if it is one. */
  readonly reasons: readonly Reason[];
  /** This side's filter, if it has one. */
  readonly where: string | undefined;
}

type Stores = Pick<NodeState, "templates">;

/** Undefined for a proposal that names no template. `us`: the answering side's role. */
export function answeredTemplate(
  { templates }: Stores,
  partner: Partner,
  terms: Terms,
  us: Role,
  now: number,
): AnsweredTemplate | undefined {
  if (terms.template === undefined) return undefined;
  const row = templates.get(toHex(terms.template.digest));
  const isOurs = row?.owner === "us" && row.partnerKey === ownerOf(partner).key;
  if (row === undefined || !isOurs || row.state !== "valid")
    return refused(unknownWords(templates.valid("us", ownerOf(partner).key, terms.template.name)));
  const template = readTemplate(row.text, row.name);
  if (now >= template.expiresAt) return refused(`the template ended on ${template.expires}`);
  const values = namedValues(template, terms.template);
  if ("words" in values) return refused(values.words);
  const made = composedFrom(template, values.values, terms.template.digest);
  if ("words" in made) return refused(made.words);
  // Labels of match keys are compared by the policy, with those of the dataset; what carries the frames is no part of a report.
  const difference = differenceOf(composedTerms(made, terms.match), overLink(terms), us);
  if (difference !== undefined) return refused(difference);
  const reasons = runsReasons(templates, row, now);
  return { reasons, where: made.ownersFilter };
}

function refused(words: string): AnsweredTemplate {
  return { reasons: [{ code: "template", words }], where: undefined };
}

function unknownWords(valid: TemplateRow | undefined): string {
  if (valid === undefined)
    return "this node has published no such template to its partner, or has withdrawn it";
  return `of the template ${quoted(valid.name)} version ${valid.version} holds, and this is another one: import that`;
}

/** The parameters that the terms name, each in its one form; or what is wrong with them. */
function namedValues(
  template: Template,
  { name, version, parameters }: TemplateRun,
): { readonly values: Values } | { readonly words: string } {
  if (name !== template.name || version !== template.version)
    return { words: "the template has another name or version than the terms say" };
  const declared = [...template.parameters];
  const isSame = declared.every(([each], i) => parameters[i]?.name === each);
  if (!isSame || parameters.length !== declared.length)
    return {
      words: `its parameters are ${declared.map(([each]) => quoted(each)).join(", ")}, in this order`,
    };
  const values = new Map<string, string | readonly string[]>();
  for (const [i, [each, parameter]] of declared.entries()) {
    const given = parameters[i]!.value;
    const read = readValue(parameter, given);
    if ("fault" in read)
      return { words: `the parameter ${quoted(each)}: ${read.fault}, and may be ${read.remedy}` };
    if (JSON.stringify(read.value) !== JSON.stringify(given))
      return { words: `the parameter ${quoted(each)} is not written in its one form` };
    values.set(each, read.value);
  }
  return { values };
}

function composedFrom(
  template: Template,
  values: Values,
  digest: Uint8Array,
): Composed | { readonly words: string } {
  try {
    return composed(template, values, digest);
  } catch (error) {
    if (error instanceof OperatorError) return { words: error.message };
    throw error;
  }
}

/** In which respect the proposal is another report than the template's; its asker's policy may have made it stricter. */
function differenceOf(template: Terms, proposed: Terms, us: Role): string | undefined {
  try {
    assertOnlyStricter(template, proposed);
    return undefined;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
  }
  const seen = (terms: Terms) => ({ terms, role: us, where: undefined });
  const [first] = termsDifferences(seen(asStrictAs(template, proposed)), seen(proposed));
  if (first === undefined) return "the proposal is another report than that of the template";
  const text = (value: string) => (value === "" ? "none" : value);
  return `the proposal differs from the template in ${quoted(first.what)}: ${text(first.now)} instead of ${text(first.before)}`;
}

/** With all that is stricter in `other`, so that only what must not differ does. */
function asStrictAs(terms: Terms, other: Terms): Terms {
  const { release } = terms;
  const least = Math.min(microEpsilon(terms), microEpsilon(other));
  return {
    ...terms,
    threshold: Math.max(terms.threshold, other.threshold),
    rules: other.rules === "pair" ? "pair" : terms.rules,
    replay: terms.replay || other.replay,
    release: release.mode === "exact" || least === 0 ? release : { ...release, microEpsilon: least },
  };
}

function runsReasons(templates: NodeState["templates"], row: TemplateRow, now: number): Reason[] {
  const { runs, days } = readTemplate(row.text, row.name);
  if (templates.runsSince(row.partnerKey, row.name, now - days * DAY_MS) < runs) return [];
  const words = `the template has run ${runs} times in ${days} days, which is the most that it may`;
  return [{ code: "template", words }];
}

/** A run spends its budget now: the template still holds, and this is not one too many. In the running transaction. Errors: `refused`. */
export function drawTemplateRun({ templates }: Stores, terms: Terms, session: string, now: number): void {
  if (terms.template === undefined) return;
  const row = templates.get(toHex(terms.template.digest));
  const [reason] =
    row?.state === "valid"
      ? runsReasons(templates, row, now)
      : [{ words: "the template has been withdrawn, or replaced, since the run was accepted" }];
  if (reason !== undefined) throw new ProtocolError("refused", reason.words);
  templates.addRun(row!, session, now);
}
