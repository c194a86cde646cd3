import { splitAddress } from "@halfroom/transport";
import { OperatorError } from "../errors.ts";
import type { History } from "../ledger/ledger.ts";
import type { NodeState } from "../node-state.ts";
import { ownerOf, type MeasuredLine, type Partner } from "../partners/partners.ts";
import { decodeToken, encodeToken } from "../partners/token.ts";
import { withState, type HalfroomNode } from "./node.ts";

export interface PartnerRecord {
  /** This node's own name for it. */
  readonly name: string;
  /** HOST:PORT; empty if it cannot be dialled. */
  readonly address: string;
  /** Of its certificate, 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** Milliseconds since 1970. */
  readonly pinnedAt: number;
  /** Identities that it has named, and that nobody here has confirmed yet, the newest first. */
  readonly held: readonly { readonly fingerprint: string; readonly seenAt: number }[];
  /** From which certificate to which it was followed, and when, the newest first. */
  readonly followed: readonly FollowedRecord[];
  /** How fast the line to it was when a session last measured it. */
  readonly line?: MeasuredLine;
  /** What it has paid for here, also under other names and keys and before it was pinned this time; it still counts. */
  readonly history: History;
}

export interface FollowedRecord {
  /** Fingerprints of certificates, 64 hexadecimal digits. */
  readonly from: string;
  readonly to: string;
  /** Whether it is another identity, which a person here has confirmed, or another certificate of the same one. */
  readonly what: "identity" | "certificate";
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface InvitationRequest {
  /** What this node will call the partner. */
  readonly name: string;
  /** Hours until the invitation expires. */
  readonly hours: number;
  /** HOST:PORT at which the partner reaches this node; by default the setting `address`. */
  readonly address?: string | undefined;
}

/**
 * Opens an invitation for one partner, for one use; this node must be serving when the partner joins. `expiresAt` is in
 * milliseconds since 1970. Whoever holds the token can join. Rejects with OperatorError `no-address`, `name`, `name-taken`.
 */
export async function invite(
  node: HalfroomNode,
  { name, hours, address }: InvitationRequest,
): Promise<{ readonly token: string; readonly expiresAt: number }> {
  return await withState(node, ({ store, settings, invitations, identity, folder, audit, clock }) => {
    const reachedAt = address ?? settings.address;
    if (reachedAt === "") {
      const remedy = `set \`address\` in ${folder.configFile} to HOST:PORT under which partners reach it`;
      throw new OperatorError("no-address", `An invitation needs this node's address: ${remedy}.`);
    }
    const expiresAt = Math.floor(clock.now() / 1000 + hours * 3600) * 1000;
    const secret = store.transaction(() => {
      audit.append("invited", { partner: name, expiresAt }, clock.now());
      return invitations.open(name, expiresAt);
    });
    const { fingerprint } = identity;
    return { token: encodeToken({ address: reachedAt, fingerprint, secret, expiresAt }), expiresAt };
  });
}

/**
 * Dials the node that made the token and pins it under `name`, as it pins this one. Rejects with OperatorError `token`,
 * `name`, `name-taken`, `protocol-refused` (expired), `protocol-replayed` (used by another node), `protocol-identity`, and
 * other `protocol-` codes for the connection.
 */
export async function join(
  node: HalfroomNode,
  { token, name }: { readonly token: string; readonly name: string },
): Promise<PartnerRecord> {
  return await withState(node, async (state) => {
    const { identity, partners, settings, audit, clock } = state;
    // Loaded here alone: the other verbs dial nobody.
    const [{ joinPartner }, { proxyFor }] = await Promise.all([
      import("../partners/join.ts"),
      import("../partners/proxy.ts"),
    ]);
    const invitation = decodeToken(token);
    const partner = await joinPartner(partners, {
      identity,
      invitation,
      proxy: proxyFor(settings, invitation.address),
      name,
      address: settings.address,
      waitMs: settings.connect_seconds * 1000,
      idleMs: settings.idle_seconds * 1000,
      now: clock.now(),
    });
    audit.append("partner-joined", { partner: name, fingerprint: partner.fingerprint }, clock.now());
    return recordOf(state, partner);
  });
}

/** The pinned partners, by name. */
export async function listPartners(node: HalfroomNode): Promise<PartnerRecord[]> {
  return await withState(node, (state) => state.partners.list().map((partner) => recordOf(state, partner)));
}

/**
 * Unpins a partner: it is a stranger from its next connection on, and no template of either side holds any more. Returns the datasets whose policies still name it, which would hold
 * again for a partner of this name. Rejects with OperatorError `no-partner`.
 */
export async function removePartner(node: HalfroomNode, name: string): Promise<string[]> {
  return await withState(node, async ({ store, partners, templates, audit, clock, rules }) => {
    store.transaction(() => {
      templates.endAllOf(ownerOf(partners.named(name)).key, clock.now());
      partners.remove(name);
      audit.append("partner-removed", { partner: name }, clock.now());
    });
    return (await rules()).policies.filter(({ partner }) => partner === name).map(({ dataset }) => dataset);
  });
}

/** Says at which HOST:PORT a partner is dialled from now on. Rejects with OperatorError `no-partner`; `no-address`, for what is none. */
export async function movePartner(node: HalfroomNode, name: string, address: string): Promise<void> {
  await withState(node, ({ store, partners, audit, clock }) => {
    assertAddress(address);
    store.transaction(() => {
      partners.move(name, address);
      audit.append("partner-moved", { partner: name, address }, clock.now());
    });
  });
}

/** Errors: `no-address`. */
function assertAddress(address: string): void {
  try {
    splitAddress(address);
  } catch (cause) {
    throw new OperatorError("no-address", "This is no HOST:PORT, as in rooms.example.com:7443.", { cause });
  }
}

/**
 * A person has compared the fingerprint of the identity that a partner has named with what its people say: it takes the place of the pinned one
 * when the partner uses it. Rejects with OperatorError `no-partner`; `no-successor`, if the partner has named no such identity.
 */
export async function confirmPartner(node: HalfroomNode, name: string, fingerprint: string): Promise<void> {
  await withState(node, ({ store, successions, audit, clock }) => {
    const now = clock.now();
    store.transaction(() => {
      successions.confirm(name, fingerprint, now);
      audit.append("successor-confirmed", { partner: name, fingerprint }, now);
    });
  });
}

function recordOf({ ledger, partners, successions }: NodeState, partner: Partner): PartnerRecord {
  const { name, address, fingerprint, pinnedAt } = partner;
  const line = partners.lineTo(name);
  const held = successions.candidates(name).filter(({ confirmedAt }) => confirmedAt === undefined);
  return {
    name,
    address,
    fingerprint,
    pinnedAt,
    held: held.map(({ fingerprint: named, seenAt }) => ({ fingerprint: named, seenAt })),
    followed: successions.history(partner).map(({ from, to, isOtherIdentity, at }) => {
      return { from, to, what: isOtherIdentity ? "identity" : "certificate", at };
    }),
    ...(line !== undefined && { line }),
    history: ledger.history(ownerOf(partner).key),
  };
}
