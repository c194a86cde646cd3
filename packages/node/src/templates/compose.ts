// From a template and the values of its parameters to terms (protocol-spec.md, section 8.8). Both sides do this, each for itself.
import { otherRole, type MatchKey, type TemplateRun, type Terms } from "@halfroom/session";
import type { ReportRequest } from "../request/request.ts";
import { termsOf } from "../request/terms-of.ts";
import { requestOf, type Template, type Values } from "./template.ts";

/** A run of a template, from the side that asks for it. */
export interface Composed {
  readonly request: ReportRequest;
  /** The filter over the rows of the template's owner. */
  readonly ownersFilter: string | undefined;
}

/** `digest`: of the signed template, 32 bytes. Errors: `yaml`, where values within their ranges make no request. */
export function composed(template: Template, values: Values, digest: Uint8Array): Composed {
  const owners = requestOf(template, values, template.name);
  const { role, ours, theirs, where, resultTo } = owners;
  const request = {
    ...owners,
    role: otherRole(role),
    ours: theirs,
    theirs: ours,
    where: undefined,
    resultTo: ({ both: "both", us: "them", them: "us" } as const)[resultTo],
    // Both sides read the same from the template.
    transfers: owners.transfers ?? "softspoken",
    template: runOfTemplate(template, values, digest),
  };
  return { request, ownersFilter: where };
}

function runOfTemplate({ name, version }: Template, values: Values, digest: Uint8Array): TemplateRun {
  const parameters = [...values].map(([parameter, value]) => {
    return { name: parameter, value: typeof value === "string" ? value : [...value] };
  });
  return { name, version, digest, parameters };
}

/** The terms that the side which asks would propose, if its own policy changed nothing; `labels` are those of its match keys. */
export function composedTerms({ request }: Composed, labels: readonly MatchKey[]): Terms {
  const match = (request.match ?? []).map((key) => {
    const label = labels.find((each) => each.key === key)?.label;
    return { key, label: label ?? key };
  });
  return termsOf(request, match);
}
