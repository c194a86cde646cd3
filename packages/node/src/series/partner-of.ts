// The partner of a series, by its owner's key: it may have another name and another identity than when the series was agreed on.
import type { NodeState } from "../node-state.ts";
import { ownerOf, type Partner } from "../partners/partners.ts";
import type { SeriesRow } from "./row.ts";

/** Undefined if it has been removed since. */
export function partnerOf(
  { partners }: Pick<NodeState, "partners">,
  { partnerKey }: Pick<SeriesRow, "partnerKey">,
): Partner | undefined {
  return partners.list().find((partner) => ownerOf(partner).key === partnerKey);
}
