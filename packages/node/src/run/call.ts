// Dialling a partner.
import type { TlsConnection } from "@halfroom/transport";
import { openChannel, type OpenChannel } from "@halfroom/wire";
import { quoted } from "@halfroom/wire/words";
import { patience } from "../config/schema.ts";
import { OperatorError } from "../errors.ts";
import type { NodeState } from "../node-state.ts";
import type { Partner } from "../partners/partners.ts";
import { proxyFor } from "../partners/proxy.ts";

/** Dials the partner, for `waitMs` milliseconds at most. Errors: `no-address`, those of the connection. */
export async function call(
  { settings, identity, works }: NodeState,
  partner: Partner,
  waitMs = settings.connect_seconds * 1000,
): Promise<{ connection: TlsConnection; talk: OpenChannel }> {
  if (partner.address === "") {
    throw new OperatorError(
      "no-address",
      `${quoted(partner.name)} gave no address: it has to propose, or tell you its address for: halfroom partners move.`,
    );
  }
  const connection = await works.connect({
    address: partner.address,
    proxy: proxyFor(settings, partner.address),
    identity: identity.tls,
    purpose: "session",
    fingerprint: partner.fingerprint,
    waitMs,
    ...patience(settings),
  });
  return { connection, talk: openChannel(connection.frames, "sender") };
}
