// Both sides state what they run; the session starts only if all of it is equal. The hash of the agreement is the session
// id and enters every derivation (design section 3).
import { hash256, type Rng } from "@halfroom/crypto";
import { OT_SOURCE } from "@halfroom/mpc";
import { CATEGORIES_MAX, CELLS_MAX, ProtocolError, type Channel } from "@halfroom/wire";
import type { Policy, ReportTerms, Role } from "./half.types.ts";
import { encodeTerms, refusal } from "./terms.ts";

/** Version of the protocol and its suite; any difference ends the session with `version`. */
export const PROTOCOL = `halfroom/1 ristretto255-SHA512 ${OT_SOURCE}`;

export interface Agreement {
  readonly session: Uint8Array;
  readonly senderPeople: number;
  readonly receiverPeople: number;
  /** The sender's categories, at least one. */
  readonly categories: number;
  /** Cells of each partition, a power of two each. */
  readonly cells: readonly number[];
}

export interface Proposal {
  readonly role: Role;
  readonly terms: ReportTerms;
  readonly policy: Policy;
  readonly people: number;
  /** The receiver's numbers of cells, each padded to a power of two; the sender's number of categories. */
  readonly shape: readonly number[];
}

export async function agree(
  ch: Channel<"hello" | "ready", "hello" | "ready">,
  proposal: Proposal,
  rng: Rng,
): Promise<Agreement> {
  const { role, terms, policy, people } = proposal;
  const encoded = encodeTerms(terms);
  const nonce = rng.bytes(32);
  const shape = encodeShape(proposal.shape);
  await ch.send({ type: "hello", protocol: PROTOCOL, role, terms: encoded, nonce, people, shape });
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
  const theirs = { people: hello.people, shape: hello.shape, nonce: hello.nonce };
  const ours = { people, shape, nonce };
  const [sender, receiver] = role === "sender" ? [ours, theirs] : [theirs, ours];
  const categories = decodeCategories(sender.shape);
  const cells = decodeCells(receiver.shape, terms.partitions.length);
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
    sender.shape,
    receiver.shape,
  );
  await ch.send({ type: "ready", session });
  const ready = await ch.recv("ready");
  if (Buffer.compare(ready.session, session) !== 0) throw new ProtocolError("agreement");
  return { session, senderPeople: sender.people, receiverPeople: receiver.people, categories, cells };
}

/** 32-bit little-endian numbers. */
function encodeShape(numbers: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(numbers.length * 4);
  numbers.forEach((number, i) => bytes.writeUInt32LE(number, i * 4));
  return bytes;
}

function decodeShape(bytes: Uint8Array, count: number): number[] {
  if (bytes.length !== count * 4) throw new ProtocolError("malformed");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: count }, (_, i) => view.getUint32(i * 4, true));
}

function decodeCategories(shape: Uint8Array): number {
  const [categories = 0] = decodeShape(shape, 1);
  if (categories < 1 || categories > CATEGORIES_MAX) throw new ProtocolError("malformed");
  return categories;
}

function decodeCells(shape: Uint8Array, partitions: number): number[] {
  const cells = decodeShape(shape, partitions);
  const allowed = cells.every((count) => count > 0 && count <= CELLS_MAX && (count & (count - 1)) === 0);
  if (!allowed) throw new ProtocolError("malformed");
  return cells;
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
