// A link to a partner by the address that it gave, over TLS with pinned certificates.
import type { ConnectTlsOptions, TlsConnection } from "@halfroom/transport";
import type { Identity } from "../identity/identity.ts";
import type { NodeState } from "../node-state.ts";
import { answersFor } from "./met.ts";
import type { Partner } from "./partners.ts";
import { proxyFor } from "./proxy.ts";

/** How long a partner may take that is only asked whether it is there. */
const REACH_MS = 5000;

type Patience = Pick<ConnectTlsOptions, "waitMs" | "idleMs" | "resumeMs">;

/**
 * Dials the partner as `identity`; whoever answers has a certificate of the partner's. Errors: those of the connection; `identity`, if the
 * partner does not let this identity in, or a person here has to confirm the partner's first; `proxy`.
 */
export async function dial(
  node: NodeState,
  partner: Partner,
  identity: Pick<Identity, "tls">,
  patience: Patience,
): Promise<TlsConnection> {
  const { address, fingerprint } = partner;
  return await node.works.connect({
    address,
    proxy: proxyFor(node.settings, address),
    identity: identity.tls,
    purpose: "session",
    fingerprint,
    isPartners: answersFor(node, partner),
    ...patience,
  });
}

/** Dials the partner and hangs up. Returns how far its clock is ahead of this one, in milliseconds. Errors: as `dial`. */
export async function reach(
  node: NodeState,
  partner: Partner,
  identity: Pick<Identity, "tls">,
): Promise<Pick<TlsConnection, "aheadMs">> {
  const { frames, aheadMs } = await dial(node, partner, identity, {
    waitMs: REACH_MS,
    idleMs: REACH_MS,
    resumeMs: 0,
  });
  await frames.close();
  return { aheadMs };
}
