// The templates that come with the program: to be written out, edited for one's own datasets, and published.
import { readFileSync } from "node:fs";

const FILES = {
  "campaign-roi": new URL("../../templates/campaign-roi.yaml", import.meta.url),
  "reach-and-frequency": new URL("../../templates/reach-and-frequency.yaml", import.meta.url),
  "overlap-check": new URL("../../templates/overlap-check.yaml", import.meta.url),
  "audience-profile": new URL("../../templates/audience-profile.yaml", import.meta.url),
  "lift-by-region": new URL("../../templates/lift-by-region.yaml", import.meta.url),
  "weekly-attribution": new URL("../../templates/weekly-attribution.yaml", import.meta.url),
  "frequency-response": new URL("../../templates/frequency-response.yaml", import.meta.url),
  "customer-mix": new URL("../../templates/customer-mix.yaml", import.meta.url),
  "basket-by-age": new URL("../../templates/basket-by-age.yaml", import.meta.url),
  "exact-totals": new URL("../../templates/exact-totals.yaml", import.meta.url),
  "buyers-by-tier": new URL("../../templates/buyers-by-tier.yaml", import.meta.url),
  "sales-lift": new URL("../../templates/sales-lift.yaml", import.meta.url),
} as const;

export type TemplateKind = keyof typeof FILES;

export const TEMPLATE_KINDS = Object.keys(FILES) as TemplateKind[];

/** YAML. */
export function templateText(kind: TemplateKind): string {
  return readFileSync(FILES[kind], "utf8");
}
