// A token, and the two messages with which its holder joins (protocol-spec.md, section 6.4). The receiver invites.
import { sign } from "node:crypto";
import {
  invitationId,
  proofOf,
  statementOf,
  type Contact,
  type Side,
} from "../../../packages/node/src/partners/proofs.ts";
import { encodeToken, type Invitation } from "../../../packages/node/src/partners/token.ts";
import { fixedBytes, IDENTITIES } from "./identities.ts";
import { frame, hex } from "./text.ts";

const { sender: joiner, receiver: inviter } = IDENTITIES;

export const INVITATION: Invitation = {
  address: "node.example:7443",
  fingerprint: inviter.fingerprint,
  secret: fixedBytes("invitation's secret"),
  expiresAt: Date.UTC(2026, 11, 31),
};

const CONTACT: Contact = {
  inviter: inviter.fingerprint,
  joiner: joiner.fingerprint,
  nonce: fixedBytes("joiner's nonce"),
  address: "",
};

export function firstContactVector() {
  const { secret, expiresAt, ...rest } = INVITATION;
  const proven = (side: Side, { privateKey }: typeof joiner) => ({
    proof: proofOf(secret, side, CONTACT),
    signature: new Uint8Array(sign(null, statementOf(side, CONTACT), privateKey)),
  });
  const invitation = invitationId(secret);
  const { nonce, address } = CONTACT;
  return {
    invitation: { ...rest, secret: hex(secret), expires: expiresAt / 1000, id: hex(invitation) },
    token: encodeToken(INVITATION),
    nonce: hex(nonce),
    address,
    contact: { joiner: hex(statementOf("joiner", CONTACT)), inviter: hex(statementOf("inviter", CONTACT)) },
    frames: {
      join: frame(0, { type: "join", invitation, nonce, address, ...proven("joiner", joiner) }),
      joined: frame(0, { type: "joined", ...proven("inviter", inviter) }),
    },
  };
}
