import type { IdentityPart, Rotation } from "../rotation/rotate-identity.ts";
import { ownerOf } from "../partners/partners.ts";
import { withState, type HalfroomNode } from "./node.ts";

export type { IdentityPart, PartnerStanding, Rotation } from "../rotation/rotate-identity.ts";

/**
 * Another certificate of the same identity, or another identity, takes the place of this node's, without new invitations. Every partner that can
 * be dialled is shown it; it is used once all of them let it in, or at once with `anyway`. Calling it again goes on where it was. Rejects
 * with OperatorError `rotation`, if a rotation of the other kind waits, or sessions are not over.
 */
export async function rotate(
  node: HalfroomNode,
  part: IdentityPart,
  options: { readonly anyway: boolean },
): Promise<Rotation> {
  return await withState(node, async (state) => {
    // Loaded here alone: other verbs make no certificates.
    const { rotateIdentity } = await import("../rotation/rotate-identity.ts");
    return await rotateIdentity(state, part, options);
  });
}

/**
 * Makes another root for the vault, seals all that is sealed anew, and destroys the old root; other processes of the node may work
 * meanwhile. Returns how many secrets there are. Rejects with OperatorError `folder`, `damaged`; all is as it was then.
 */
export async function rotateVault(node: HalfroomNode): Promise<number> {
  return await withState(node, ({ vault, audit, clock, store }) => {
    store.assertWritable();
    const now = clock.now();
    return vault.rotate(now, (secrets) => audit.append("rotated", { what: "vault", secrets }, now));
  });
}

/**
 * Ends the epoch that runs with a partner and deletes its key: the next session in which this node is the sender makes another one, and all
 * pseudonyms anew. What was spent still counts; the count of evaluations begins anew. Returns the epoch's number, or undefined if none
 * runs. Rejects with OperatorError `no-partner`.
 */
export async function rotateEpoch(node: HalfroomNode, partner: string): Promise<number | undefined> {
  return await withState(node, ({ partners, epochs, audit, clock, store }) => {
    const now = clock.now();
    const { key } = ownerOf(partners.named(partner));
    return store.transaction(() => {
      const epoch = epochs.endRunning(key, now);
      if (epoch !== undefined) audit.append("epoch-ended", { partner, epoch }, now);
      return epoch;
    });
  });
}
