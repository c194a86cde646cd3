// A request file as this node would propose it.
import { reportTerms, termsOf } from "../agreement/terms.ts";
import type { Terms } from "../agreement/agreement.types.ts";
import type { Settings } from "../config/schema.ts";
import { judge, type Judgement } from "../node/judge.ts";
import type { HalfroomNode } from "../node/open-node.ts";
import type { Partner } from "../partners/partners.ts";
import { readRequest } from "../request/request.ts";
import type { ReportRequest } from "../request/request.types.ts";
import { SetupError } from "../setup-error.ts";

export interface Plan {
  readonly request: ReportRequest;
  readonly partner: Partner;
  readonly rules: Settings;
  /** As asked, made stricter by this side's own policy. */
  readonly terms: Terms;
  readonly judgement: Judgement;
}

/** Throws YamlError for the file, SetupError for a partner that is not there or another one than the file names. */
export async function planReport(node: HalfroomNode, file: string, withPartner?: string): Promise<Plan> {
  const request = await readRequest(file);
  if (withPartner !== undefined && withPartner !== request.partner) {
    throw new SetupError(
      `${file} is for the partner "${request.partner}", --with says "${withPartner}"; make them one.`,
    );
  }
  const partner = node.partners.named(request.partner);
  const rules = await node.rules();
  const asked = termsOf(request, { match: "email" });
  // What no node can compute is not proposed.
  reportTerms(asked);
  const judgement = judge(node, rules, {
    terms: asked,
    us: request.role,
    partner: partner.name,
    initiatedBy: "us",
    now: Date.now(),
  });
  return { request, partner, rules, terms: judgement.verdict.terms, judgement };
}
