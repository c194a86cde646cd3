// The receiver's key succeeds the sender's, and a certificate for it (protocol-spec.md, section 6.5).
import { sign } from "node:crypto";
import { succeed } from "../../../packages/node/src/identity/make-identity.ts";
import {
  certificateStatement,
  keyDigest,
  namesOf,
  successorStatement,
} from "../../../packages/node/src/identity/succession.ts";
import { IDENTITIES } from "./identities.ts";
import { hex } from "./text.ts";

const { sender: before, receiver: after } = IDENTITIES;
const NUMBER = Date.UTC(2026, 11, 1);

export function successionVector() {
  const successor = succeed(before.privateKey, after.privateKey, NUMBER);
  const tlsKey = keyDigest(after.certificate.publicKey);
  const said = certificateStatement(NUMBER, tlsKey);
  const signature = new Uint8Array(sign(null, said, after.privateKey));
  return {
    number: NUMBER,
    oldKey: hex(successor.oldKey),
    newKey: hex(successor.newKey),
    tlsKey: hex(tlsKey),
    certificate: { signed: hex(said), signature: hex(signature) },
    successor: {
      signed: hex(successorStatement(NUMBER, successor.oldKey, successor.newKey)),
      byOld: hex(successor.byOld),
      byNew: hex(successor.byNew),
    },
    names: namesOf({ number: NUMBER, signature, successors: [successor] }),
  };
}
