// Whether a partner speaks other versions of the protocol than it did.
import type { NodeState } from "../node-state.ts";
import { ownerOf, type Partner } from "../partners/partners.ts";
import { DAY_MS } from "../time.ts";

type Noting = Pick<NodeState, "events">;

/** Of its statement, in the transaction in which both have signed; those of its first are what later ones are compared with. */
export function noteVersions(
  { events }: Noting,
  partner: Partner,
  versions: readonly number[],
  now: number,
): void {
  const start = `versions ${ownerOf(partner).key} `;
  const text = versions.join(" ");
  const isChange = events.isNoted(start);
  if (!events.isFirst(start + text, now) || !isChange) return;
  const facts = { partner: partner.name, versions: text, change: "changed" } as const;
  events.record({ type: "partner.version", facts }, now);
}

/** It proposes a version that this node does not speak: told of once a day, however often it asks. */
export function noteUnspoken({ events }: Noting, partner: Partner, now: number): void {
  const day = Math.floor(now / DAY_MS);
  const facts = { partner: partner.name, versions: "", change: "not spoken" } as const;
  events.record({ type: "partner.version", facts }, now, `unspoken ${day} ${ownerOf(partner).key}`);
}
