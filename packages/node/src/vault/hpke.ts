// Hybrid public key encryption (RFC 9180), base mode, single shot: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
// 128 bits of security. What is sealed to a public key can be opened by the holder of the private one alone: not by who sealed it.
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
} from "node:crypto";

export const HPKE_KEY_BYTES = 32;
const TAG_BYTES = 16;
const VERSION = Buffer.from("HPKE-v1");
/** KEM, KDF and AEAD by the numbers of the RFC's section 7. */
const KEM_SUITE = Buffer.from("KEM\x00\x20", "latin1");
const SUITE = Buffer.from("HPKE\x00\x20\x00\x01\x00\x02", "latin1");
const MODE_BASE = Buffer.of(0);
const EMPTY = Buffer.alloc(0);
/** Heads of X25519 keys in PKCS #8 and SPKI (RFC 8410). */
const PKCS8 = Buffer.from("302e020100300506032b656e04220420", "hex");
const SPKI = Buffer.from("302a300506032b656e032100", "hex");

/** What is bound to a sealed text and not part of it; both are public. */
export interface HpkeContext {
  readonly info: Uint8Array;
  readonly aad: Uint8Array;
}

/** The X25519 public key (RFC 7748) of 32 random bytes. */
export function hpkePublicKey(privateKey: Uint8Array): Uint8Array {
  const spki = createPublicKey(privateOf(privateKey)).export({ format: "der", type: "spki" });
  return new Uint8Array(spki.subarray(-HPKE_KEY_BYTES));
}

/**
 * The RFC's SealBase: `enc`, 32 bytes, then the ciphertext with its tag. `ephemeral`: 32 fresh random bytes. Throws RangeError for
 * keys of another length, Error for a public key of small order.
 */
export function hpkeSeal(
  publicKey: Uint8Array,
  { info, aad }: HpkeContext,
  plain: Uint8Array,
  ephemeral: Uint8Array,
): Uint8Array {
  const enc = hpkePublicKey(ephemeral);
  const shared = sharedSecret(privateOf(ephemeral), publicKey, enc, publicKey);
  const { key, nonce } = schedule(shared, info);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(aad);
  const body = [cipher.update(plain), cipher.final(), cipher.getAuthTag()];
  return new Uint8Array(Buffer.concat([enc, ...body]));
}

/** The RFC's OpenBase. Undefined if `sealed` is not for this key and context, or was changed. */
export function hpkeOpen(
  privateKey: Uint8Array,
  { info, aad }: HpkeContext,
  sealed: Uint8Array,
): Uint8Array | undefined {
  if (sealed.length < HPKE_KEY_BYTES + TAG_BYTES) return undefined;
  const enc = sealed.subarray(0, HPKE_KEY_BYTES);
  const body = sealed.subarray(HPKE_KEY_BYTES, sealed.length - TAG_BYTES);
  try {
    const shared = sharedSecret(privateOf(privateKey), enc, enc, hpkePublicKey(privateKey));
    const { key, nonce } = schedule(shared, info);
    const decipher = createDecipheriv("aes-256-gcm", key, nonce);
    decipher.setAAD(aad);
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    return new Uint8Array(Buffer.concat([decipher.update(body), decipher.final()]));
  } catch {
    return undefined;
  }
}

/** Section 4.1: of the Diffie-Hellman value, bound to `enc` and the recipient. OpenSSL refuses an all-zero value. */
function sharedSecret(
  privateKey: KeyObject,
  theirs: Uint8Array,
  enc: Uint8Array,
  recipient: Uint8Array,
): Buffer {
  const dh = diffieHellman({ privateKey, publicKey: publicOf(theirs) });
  const prk = labeledExtract(KEM_SUITE, EMPTY, "eae_prk", dh);
  return labeledExpand(KEM_SUITE, prk, "shared_secret", Buffer.concat([enc, recipient]), 32);
}

/** Section 5.1, without a pre-shared key. */
function schedule(shared: Uint8Array, info: Uint8Array): { readonly key: Buffer; readonly nonce: Buffer } {
  const pskIdHash = labeledExtract(SUITE, EMPTY, "psk_id_hash", EMPTY);
  const infoHash = labeledExtract(SUITE, EMPTY, "info_hash", info);
  const context = Buffer.concat([MODE_BASE, pskIdHash, infoHash]);
  const secret = labeledExtract(SUITE, shared, "secret", EMPTY);
  return {
    key: labeledExpand(SUITE, secret, "key", context, 32),
    nonce: labeledExpand(SUITE, secret, "base_nonce", context, 12),
  };
}

/** Section 4, over HKDF-Extract (RFC 5869) with SHA-256. */
function labeledExtract(suite: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array): Buffer {
  return hmac(salt, Buffer.concat([VERSION, suite, Buffer.from(label), ikm]));
}

/** Section 4, over HKDF-Expand with SHA-256, whose one block suffices: at most 32 bytes. */
function labeledExpand(
  suite: Uint8Array,
  prk: Uint8Array,
  label: string,
  info: Uint8Array,
  length: number,
): Buffer {
  const head = Buffer.of(length >>> 8, length & 0xff);
  const text = Buffer.concat([head, VERSION, suite, Buffer.from(label), info, Buffer.of(1)]);
  return hmac(prk, text).subarray(0, length);
}

function hmac(key: Uint8Array, text: Uint8Array): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function privateOf(bytes: Uint8Array): KeyObject {
  assertKey(bytes);
  return createPrivateKey({ key: Buffer.concat([PKCS8, bytes]), format: "der", type: "pkcs8" });
}

function publicOf(bytes: Uint8Array): KeyObject {
  assertKey(bytes);
  return createPublicKey({ key: Buffer.concat([SPKI, bytes]), format: "der", type: "spki" });
}

function assertKey({ length }: Uint8Array): void {
  if (length !== HPKE_KEY_BYTES) throw new RangeError(`a key has ${HPKE_KEY_BYTES} bytes`);
}
