import { expiriesOf, urgency } from "../expiry/expiries.ts";
import { withState, type HalfroomNode } from "./node.ts";
import type { TemplateRecord } from "./templates.ts";

/** What ends by itself within a month, or has ended, and that somebody has to do something about. */
export interface Ending {
  readonly what: "certificate" | "identity" | "vault" | "policy" | "template" | "token";
  /** Of a policy or a template. */
  readonly partner?: string;
  /** Of a policy. */
  readonly dataset?: string;
  /** Of a template: its id, who has published it, and its name. */
  readonly template?: Pick<TemplateRecord, "id" | "owner" | "name">;
  /** The name of an API token. */
  readonly token?: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The first to end first. Nobody is dialled for it. */
export async function listEndings(node: HalfroomNode): Promise<Ending[]> {
  return await withState(node, async (state) => {
    const now = state.clock.now();
    const all = expiriesOf(state, await state.rules(), now);
    const near = all.filter((expiry) => urgency(expiry, now) !== undefined);
    return near
      .map(({ what, name, at, template }): Ending => {
        if (template !== undefined) {
          const { digest: id, owner, partner, name: called } = template;
          return { what: "template", partner, template: { id, owner, name: called }, at };
        }
        if (what === "token") return { what, token: name, at };
        if (what !== "policy") return { what: what as Ending["what"], at };
        const [partner, dataset] = name.split("/") as [string, string];
        return { what, partner, dataset, at };
      })
      .toSorted((a, b) => a.at - b.at);
  });
}
