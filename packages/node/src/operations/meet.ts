// `halfroom invite` and `halfroom join`, as one call each.
import type { HalfroomNode } from "../open-node.ts";
import { joinPartner } from "../partners/join.ts";
import type { Partner } from "../partners/partners.ts";
import { decodeToken, encodeToken } from "../partners/token.ts";
import { SetupError } from "../setup-error.ts";

/** The token of a new invitation. Throws SetupError if this node has no address, or for a name that is taken. */
export function invite(
  node: HalfroomNode,
  name: string,
  hours: number,
): { token: string; expiresAt: number } {
  const { address } = node.settings;
  if (address === "") {
    const remedy = `set \`address\` in ${node.folder.configFile} to HOST:PORT under which partners reach it`;
    throw new SetupError(`An invitation needs this node's address: ${remedy}.`);
  }
  const expiresAt = Math.floor(Date.now() / 1000 + hours * 3600) * 1000;
  const secret = node.invitations.open(name, expiresAt);
  return {
    token: encodeToken({ address, fingerprint: node.identity.fingerprint, secret, expiresAt }),
    expiresAt,
  };
}

/** Throws SetupError for a damaged token or a name that is taken, ProtocolError as `joinPartner`. */
export async function join(node: HalfroomNode, token: string, name: string): Promise<Partner> {
  const { identity, partners, settings, audit } = node;
  const partner = await joinPartner(partners, {
    identity,
    invitation: decodeToken(token),
    name,
    address: settings.address,
    waitMs: settings.connect_seconds * 1000,
    idleMs: settings.idle_seconds * 1000,
    now: Date.now(),
  });
  audit.append("partner-joined", { partner: name, fingerprint: partner.fingerprint }, Date.now());
  return partner;
}
