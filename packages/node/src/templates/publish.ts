// A template that this node publishes to a partner: approved as a proposal would be, then signed.
import {
  signerOf,
  signTemplate,
  templateDigest,
  toHex,
  type Reason,
  type ReasonCode,
  type Role,
  type Terms,
} from "@halfroom/session";
import { quoted } from "@halfroom/wire/words";
import { namedDataset } from "../datasets/named-dataset.ts";
import { OperatorError, refusedBy } from "../errors.ts";
import type { NodeState } from "../node-state.ts";
import { ownerOf, type Partner } from "../partners/partners.ts";
import { judge, type Judgement } from "../policy/judge.ts";
import type { DatasetPolicy } from "../policy/schema.ts";
import { noPolicy } from "../config/edit.ts";
import { approvalState, giveApproval, isApproved, type ApprovalState } from "../sessions/two-people.ts";
import { composed, composedTerms } from "./compose.ts";
import { notEnded } from "./not-ended.ts";
import { parseTemplate, sampledValues, type Template } from "./template.ts";
import type { TemplateRow } from "./template-store.ts";

/** A template as it would be for a partner, under today's policy. */
export interface Draft {
  readonly template: Template;
  readonly partner: Partner;
  readonly policy: DatasetPolicy;
  /** This side's role in each of its runs. */
  readonly us: Role;
  /** The terms of runs with values at the ends of all ranges; those with the usual values first. */
  readonly samples: readonly Terms[];
}

/** Under which no run of it can be mistaken for a proposal. */
const NO_DIGEST = new Uint8Array(32);

/**
 * Errors: `yaml`, `template` for one that has ended; `no-partner`, `no-dataset`; `no-policy`, as only limits that somebody has written hold without a
 * person; `refused-here`, if the policy would refuse some of its runs, whatever the budget.
 */
export async function draftTemplate(
  node: NodeState,
  source: { readonly text: string; readonly name: string },
  partnerName: string,
): Promise<Draft> {
  const template = parseTemplate(source.text, source.name);
  const partner = node.partners.named(partnerName);
  const rules = await node.rules();
  const now = node.clock.now();
  if (now >= template.expiresAt)
    throw new OperatorError(
      "template",
      `The template ended on ${template.expires}: write a later \`expires\`.`,
    );
  const runs = sampledValues(template).map((values) => composed(template, values, NO_DIGEST));
  const { role: theirs, theirs: dataset } = runs[0]!.request;
  const us: Role = theirs === "sender" ? "receiver" : "sender";
  const labels = Object.entries(namedDataset(rules, dataset).keys).map(([key, label]) => ({ key, label }));
  const samples = runs.map((each) => {
    const { template: _, ...terms } = composedTerms(each, labels);
    return terms;
  });
  const judged = samples.map((terms) =>
    judge(node, rules, { terms, us, partner, initiatedBy: "partner", now }),
  );
  const { written } = judged[0]!;
  if (written === undefined) throw noPolicy(partner.name, dataset, rules.policies);
  assertAllowed(judged, written);
  return { template, partner, policy: written, us, samples };
}

/** What stands against a run now, and need not against a later one. */
const PASSING: readonly ReasonCode[] = ["budget", "numbers", "evaluations", "rate", "restored"];

/** Errors: `refused-here`. */
function assertAllowed(judged: readonly Judgement[], { exactSessions }: DatasetPolicy): void {
  const isLasting = ({ code }: Reason) => !PASSING.includes(code) && !(code === "exact" && exactSessions > 0);
  const refused = judged.filter(({ verdict }) => verdict.decision === "refuse");
  const reasons = refused.flatMap(({ verdict }) => verdict.reasons.filter(isLasting));
  if (reasons.length === 0) return;
  throw refusedBy("us", [...new Map(reasons.map((each) => [each.words, each])).values()]);
}

/**
 * Whoever acts publishes a template, or, where the policy asks two people, is the first or the second of them. Errors: those of `draftTemplate`;
 * `template`, if the version is not newer than one before; `approver`.
 */
export async function publish(
  node: NodeState,
  source: { readonly text: string; readonly name: string },
  partnerName: string,
): Promise<TemplateRow> {
  const draft = await draftTemplate(node, source, partnerName);
  return node.store.transaction(() => {
    const { templates, audit, clock } = node;
    const { template, partner } = draft;
    const [by, to] = [node.identity.signingKey, partner.signingKey];
    const digest = templateDigest(template.text, { by, to });
    const known = templates.get(toHex(digest));
    if (known?.state === "valid") return known;
    assertNewer(templates.versions("us", ownerOf(partner).key, template.name), template, toHex(digest));
    const about = { digest, owner: "us", of: ownerOf(partner), by, to, text: template.text } as const;
    const { name, version } = template;
    const row =
      known?.state === "waiting"
        ? known
        : templates.put({ ...about, name, version, signature: undefined, state: "waiting", at: clock.now() });
    const published = approved(node, row, draft);
    if (row !== known && published.state === "waiting")
      audit.append("template-held", factsOf(row), clock.now());
    return published;
  });
}

/** The approval of whoever acts of one that waits. Errors: `template`, if it does not wait; those of `publish`. */
export async function approveTemplate(node: NodeState, row: TemplateRow): Promise<TemplateRow> {
  if (row.state !== "waiting")
    throw new OperatorError(
      "template",
      `The template ${quoted(row.name)} is ${row.state}: it waits for nobody.`,
    );
  const draft = await draftTemplate(node, row, partnerOf(node, row).name);
  return node.store.transaction(() => approved(node, row, draft));
}

/** Errors: `template`. */
function assertNewer(versions: readonly TemplateRow[], { name, version }: Template, digest: string): void {
  const newest = versions.find((each) => each.digest !== digest && each.version >= version);
  if (newest === undefined) return;
  const words = `There is version ${newest.version} of ${quoted(name)} for this partner already: write a higher \`version\`.`;
  throw new OperatorError("template", words);
}

/** Adds the approval of whoever acts, and signs once there are as many as the policy asks for. In the running transaction. */
function approved(node: NodeState, row: TemplateRow, draft: Draft): TemplateRow {
  const { templates, audit, clock } = node;
  const now = clock.now();
  if (!isApproved(giveApproval(node, heldAs(row, draft), draft, now))) return row;
  const before = templates.valid("us", row.partnerKey, row.name);
  if (before !== undefined) templates.end(before.digest, "replaced", now);
  const { privateKey, signingKey } = node.identity;
  const signed = signTemplate(row.text, { by: row.by, to: row.to }, signerOf(privateKey));
  if (Buffer.compare(row.by, signingKey) !== 0)
    throw new OperatorError(
      "template",
      "This node's identity has been replaced since the template was first to be published: publish it again.",
    );
  const of = { key: row.partnerKey, name: draft.partner.name };
  const digest = new Uint8Array(Buffer.from(row.digest, "hex"));
  const published = templates.put({
    ...row,
    digest,
    of,
    signature: signed.signature,
    state: "valid",
    at: now,
  });
  audit.append("template-published", { ...factsOf(published), expires: draft.template.expires }, now);
  return published;
}

/** After a restore: one that was withdrawn after the backup would hold again, so that people have to approve all of ours anew. In the running transaction. */
export function suspendTemplates(
  { templates, audit }: Pick<NodeState, "templates" | "audit">,
  now: number,
): void {
  const ours = notEnded({ templates }, "valid", now).filter(({ row }) => row.owner === "us");
  templates.suspendAll();
  for (const { row } of ours) audit.append("template-held", factsOf(row), now);
}

/** Facts of the audit log. */
export function factsOf({ partner, name, version, digest }: TemplateRow) {
  return { partner, template: name, version, digest };
}

/** As approvals know a proposal of the partner. */
function heldAs({ digest, partner }: Pick<TemplateRow, "digest" | "partner">, { samples }: Draft) {
  return { id: digest, asked: digest, partner, initiatedBy: "partner", terms: samples[0]! } as const;
}

/** Who has approved one that waits, and how many have to. */
export function templateApprovals(node: NodeState, row: TemplateRow, draft: Draft): ApprovalState {
  return approvalState(node, heldAs(row, draft), draft);
}

/** Errors: `no-partner`, if it has been removed. */
export function partnerOf(
  { partners }: NodeState,
  row: Pick<TemplateRow, "partnerKey" | "partner">,
): Partner {
  const partner = partners.list().find(({ owner }) => owner === row.partnerKey);
  return partner ?? partners.named(row.partner);
}

/** From now on no run is made of it; one that has not spent its budget yet ends. Errors: `template`, if it has ended already. */
export function withdraw(node: NodeState, row: TemplateRow): void {
  if (row.owner !== "us" || (row.state !== "valid" && row.state !== "waiting"))
    throw new OperatorError(
      "template",
      `The template ${quoted(row.name)} is ${row.state}: nothing is to be withdrawn.`,
    );
  const { store, templates, approvals, audit, clock } = node;
  store.transaction(() => {
    templates.end(row.digest, "withdrawn", clock.now());
    approvals.voidOthers(row.digest, "");
    audit.append("template-withdrawn", factsOf(row), clock.now());
  });
}
