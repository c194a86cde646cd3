// Both sides state what they run; the session starts only if all of it is equal. The hash of the agreement is the session
// id and enters every derivation (design section 3).
import { hash256, type Rng } from "@halfroom/crypto";
import { ProtocolError, type Channel } from "@halfroom/wire";
import type { Policy, ReportTerms, Role } from "./half.types.ts";
import { encodeTerms, refusal } from "./terms.ts";

/** Version of the protocol and its suite; any difference ends the session with `version`. */
export const PROTOCOL = "halfroom/1 ristretto255-SHA512 softspoken-semihonest";

export interface Agreement {
  readonly session: Uint8Array;
  readonly senderPeople: number;
  readonly receiverPeople: number;
  /** A power of two. */
  readonly cells: number;
}

export interface Proposal {
  readonly role: Role;
  readonly terms: ReportTerms;
  readonly policy: Policy;
  readonly people: number;
  /** The receiver's number of cells, padded to a power of two; 0 for the sender. */
  readonly cells: number;
}

export async function agree(
  ch: Channel<"hello" | "ready", "hello" | "ready">,
  proposal: Proposal,
  rng: Rng,
): Promise<Agreement> {
  const { role, terms, policy, people, cells } = proposal;
  const encoded = encodeTerms(terms);
  const nonce = rng.bytes(32);
  await ch.send({ type: "hello", protocol: PROTOCOL, role, terms: encoded, nonce, people, cells });
  const hello = await ch.recv("hello");
  if (hello.protocol !== PROTOCOL) throw new ProtocolError("version");
  if (hello.role === role) throw new ProtocolError("agreement", `both sides want to be the ${role}`);
  if (hello.role !== "sender" && hello.role !== "receiver") throw new ProtocolError("malformed");
  if (Buffer.compare(hello.terms, encoded) !== 0) {
    throw new ProtocolError(
      "agreement",
      "the partner asked for another report; compare the flags of both halves",
    );
  }
  const theirs = { people: hello.people, cells: hello.cells, nonce: hello.nonce };
  const ours = { people, cells, nonce };
  const [sender, receiver] = role === "sender" ? [ours, theirs] : [theirs, ours];
  if (sender.cells !== 0 || !isPowerOfTwo(receiver.cells)) throw new ProtocolError("malformed");
  checkPolicy(terms, policy, { sender: sender.people, receiver: receiver.people });
  const session = hash256(
    "agreement",
    new Uint8Array(0),
    PROTOCOL,
    encoded,
    sender.nonce,
    receiver.nonce,
    sender.people,
    receiver.people,
    receiver.cells,
  );
  await ch.send({ type: "ready", session });
  const ready = await ch.recv("ready");
  if (Buffer.compare(ready.session, session) !== 0) throw new ProtocolError("agreement");
  return { session, senderPeople: sender.people, receiverPeople: receiver.people, cells: receiver.cells };
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0;
}

/** This side's own limits, whatever the partner would accept. */
function checkPolicy(terms: ReportTerms, policy: Policy, people: { sender: number; receiver: number }): void {
  const { thresholdMin, peopleMin } = policy;
  if (terms.threshold < thresholdMin) {
    throw new ProtocolError(
      "refused",
      `threshold ${terms.threshold} is below the smallest allowed, ${thresholdMin}`,
    );
  }
  for (const [side, count] of Object.entries(people)) {
    if (count < peopleMin) {
      throw new ProtocolError(
        "refused",
        `the ${side} has fewer than ${peopleMin} people, the smallest set allowed`,
      );
    }
  }
  const reason = refusal(terms, people);
  if (reason !== undefined) throw new ProtocolError("refused", reason);
}
