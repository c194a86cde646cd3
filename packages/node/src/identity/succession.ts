// What a certificate says of itself by the node's signing key (protocol-spec.md, section 6.5): that the TLS key is this identity's, and
// which identities it succeeded. Whoever pins one of them can follow to this one without another invitation.
import { createHash, createPublicKey, type KeyObject, type X509Certificate } from "node:crypto";
import { encodeParts } from "@halfroom/crypto";
import { verifySignature } from "@halfroom/session";
import { signingKeyOf } from "./fingerprint.ts";

/** One identity named the next one. */
export interface Successor {
  /** Milliseconds since 1970 or more: greater than that of any certificate or successor that the identity named before. */
  readonly number: number;
  /** Ed25519, 32 bytes each. */
  readonly oldKey: Uint8Array;
  readonly newKey: Uint8Array;
  /** 64 bytes each, over the same. */
  readonly byOld: Uint8Array;
  readonly byNew: Uint8Array;
}

/** What a certificate claims; nothing of it is checked but its form. */
export interface Claim {
  readonly signingKey: Uint8Array;
  /** As a successor's. */
  readonly number: number;
  /** SHA-256 of the TLS key as SubjectPublicKeyInfo in DER. */
  readonly tlsKey: Uint8Array;
  readonly signature: Uint8Array;
  /** From the oldest identity to this one. */
  readonly successors: readonly Successor[];
}

/** Successions that a certificate carries; older ones are left out. */
export const SUCCESSORS_MAX = 16;

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const NUMBER_BYTES = 8;
const CERTIFICATE_BYTES = NUMBER_BYTES + SIGNATURE_BYTES;
const SUCCESSOR_BYTES = NUMBER_BYTES + KEY_BYTES + 2 * SIGNATURE_BYTES;
const CERTIFICATE = "halfroom:certificate:";
const SUCCESSOR = "halfroom:successor:";
const NO_SESSION = new Uint8Array(0);

/** What the signing key signs for its certificate. */
export function certificateStatement(number: number, tlsKey: Uint8Array): Uint8Array {
  return encodeParts("identity/certificate", NO_SESSION, [number, tlsKey]);
}

/** What both identities sign where one succeeds the other. */
export function successorStatement(number: number, oldKey: Uint8Array, newKey: Uint8Array): Uint8Array {
  return encodeParts("identity/successor", NO_SESSION, [number, oldKey, newKey]);
}

/** SHA-256 of a public key, or of the public half of a private one, as SubjectPublicKeyInfo in DER. */
export function keyDigest(key: KeyObject): Uint8Array {
  const half = key.type === "private" ? createPublicKey(key) : key;
  return createHash("sha256")
    .update(half.export({ format: "der", type: "spki" }))
    .digest();
}

/** The names (URIs) that a certificate gets as its subject's alternative ones. */
export function namesOf({ number, signature, successors }: Omit<Claim, "tlsKey" | "signingKey">): string[] {
  return [
    CERTIFICATE + Buffer.concat([numberBytes(number), signature]).toString("base64url"),
    ...successors.map(
      (each) =>
        SUCCESSOR +
        Buffer.concat([numberBytes(each.number), each.oldKey, each.byOld, each.byNew]).toString("base64url"),
    ),
  ];
}

/** Undefined for a certificate that claims nothing, as those of earlier versions, or not in the one form. */
export function claimOf(certificate: X509Certificate): Claim | undefined {
  const signingKey = signingKeyOf(certificate);
  const [first, ...rest] = (certificate.subjectAltName ?? "").split(", ");
  if (signingKey === undefined || rest.length > SUCCESSORS_MAX) return undefined;
  const own = bytesOf(first!, CERTIFICATE, CERTIFICATE_BYTES);
  const steps = rest.map((name) => bytesOf(name, SUCCESSOR, SUCCESSOR_BYTES));
  if (own === undefined || !steps.every((step) => step !== undefined)) return undefined;
  const oldKeys = steps.map((step) => step.subarray(NUMBER_BYTES, NUMBER_BYTES + KEY_BYTES));
  const successors = steps.map((step, i): Successor => {
    const signatures = step.subarray(NUMBER_BYTES + KEY_BYTES);
    return {
      number: numberOf(step),
      oldKey: oldKeys[i]!,
      newKey: oldKeys[i + 1] ?? signingKey,
      byOld: signatures.subarray(0, SIGNATURE_BYTES),
      byNew: signatures.subarray(SIGNATURE_BYTES),
    };
  });
  const claim = {
    signingKey,
    number: numberOf(own),
    tlsKey: keyDigest(certificate.publicKey),
    signature: own.subarray(NUMBER_BYTES),
    successors,
  };
  return isInOrder(claim) ? claim : undefined;
}

/** Numbers only grow, and no identity comes back. */
function isInOrder({ successors, number, signingKey }: Claim): boolean {
  const numbers = [...successors.map((each) => each.number), number];
  const keys = [...successors.map(({ oldKey }) => oldKey), signingKey];
  return (
    numbers.every((each, i) => Number.isSafeInteger(each) && (i === 0 || numbers[i - 1]! <= each)) &&
    successors.every((each, i) => i === 0 || successors[i - 1]!.number < each.number) &&
    new Set(keys.map((key) => Buffer.from(key).toString("hex"))).size === keys.length
  );
}

/**
 * The successions by which one follows from the identity `signingKey` (32 bytes) to the certificate's, empty for the same identity;
 * undefined if none leads there, or a signature is not what it says.
 */
export function pathFrom(claim: Claim, signingKey: Uint8Array): readonly Successor[] | undefined {
  const isSame = (key: Uint8Array) => Buffer.compare(key, signingKey) === 0;
  const at = claim.successors.findIndex(({ oldKey }) => isSame(oldKey));
  if (at < 0 && !isSame(claim.signingKey)) return undefined;
  const path = at < 0 ? [] : claim.successors.slice(at);
  const statement = certificateStatement(claim.number, claim.tlsKey);
  const holds =
    verifySignature(claim.signingKey, statement, claim.signature) &&
    path.every(({ number, oldKey, newKey, byOld, byNew }) => {
      const said = successorStatement(number, oldKey, newKey);
      return verifySignature(oldKey, said, byOld) && verifySignature(newKey, said, byNew);
    });
  return holds ? path : undefined;
}

function bytesOf(name: string, scheme: string, length: number): Uint8Array | undefined {
  const uri = `URI:${scheme}`;
  if (!name.startsWith(uri)) return undefined;
  const text = name.slice(uri.length);
  const bytes = Buffer.from(text, "base64url");
  return bytes.length === length && bytes.toString("base64url") === text ? new Uint8Array(bytes) : undefined;
}

function numberBytes(number: number): Buffer {
  const bytes = Buffer.alloc(NUMBER_BYTES);
  bytes.writeBigUInt64BE(BigInt(number));
  return bytes;
}

/** Not a safe integer where it is too great for one. */
function numberOf(bytes: Uint8Array): number {
  return Number(Buffer.from(bytes.subarray(0, NUMBER_BYTES)).readBigUInt64BE());
}
