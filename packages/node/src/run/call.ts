// Dialling a partner.
import type { TlsConnection } from "@halfroom/transport";
import { openChannel, ProtocolError, type OpenChannel } from "@halfroom/wire";
import { quoted } from "@halfroom/wire/words";
import { patience } from "../config/schema.ts";
import { OperatorError } from "../errors.ts";
import type { NodeState } from "../node-state.ts";
import type { Partner } from "../partners/partners.ts";
import { dial } from "../partners/dial.ts";
import { follow } from "../partners/met.ts";

/** A partner that answers: `partner` as the certificate says that it is now. */
export interface Called {
  readonly partner: Partner;
  readonly connection: TlsConnection;
  readonly talk: OpenChannel;
}

/** Dials the partner, for `waitMs` milliseconds at most. Errors: `no-address`, those of the connection. */
export async function call(
  node: NodeState,
  partner: Partner,
  waitMs = node.settings.connect_seconds * 1000,
): Promise<Called> {
  const { settings, identity } = node;
  // Whoever waits for an answer for days outlives a certificate.
  await identity.refresh();
  const { address, fingerprint } = node.partners.named(partner.name);
  if (address === "") {
    throw new OperatorError(
      "no-address",
      `${quoted(partner.name)} gave no address: it has to propose, or tell you its address for: halfroom partners move.`,
    );
  }
  const found = { ...partner, address, fingerprint };
  const connection = await dial(node, found, identity, { waitMs, ...patience(settings) });
  const talk = openChannel(connection.frames, "sender");
  const answered = follow(node, connection.peer.fingerprint);
  if (answered !== undefined) return { partner: answered, connection, talk };
  const gone = new ProtocolError("identity", "the partner has been removed in the meantime");
  await talk.abort(gone);
  throw gone;
}
