// Secrets at rest: sealed by AES-256-GCM (NIST SP 800-38D) under keys that HKDF-SHA256 (RFC 5869) derives from one secret, one per
// purpose. For those of the node itself see node-vault.ts.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { encodeParts, type Part } from "@halfroom/crypto";
import { OperatorError } from "../errors.ts";

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SUITE = "aes-256-gcm";
const NO_SESSION = new Uint8Array(0);

/** By how much a sealed secret is longer: nonce and tag. */
const SEAL_BYTES = NONCE_BYTES + TAG_BYTES;

/** What the rooms of a node do with a vault. */
export type Sealing = Pick<Vault, "seal" | "open">;

export class Vault {
  readonly #root: Uint8Array;
  readonly #keys = new Map<string, Uint8Array>();
  #isWiped = false;

  private constructor(root: Uint8Array) {
    this.#root = root;
  }

  /** A vault whose keys come from `secret`; what is sealed becomes unreadable when that is deleted. */
  static ofSecret(secret: Uint8Array): Vault {
    return new Vault(secret);
  }

  /** Nonce, ciphertext, tag. It can only be opened with the same purpose and context. */
  seal(purpose: string, context: readonly Part[], secret: Uint8Array): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(SUITE, this.key(purpose), nonce);
    cipher.setAAD(encodeParts("vault/context", NO_SESSION, context));
    const body = cipher.update(secret);
    cipher.final();
    return Buffer.concat([nonce, body, cipher.getAuthTag()]);
  }

  /** Errors: `damaged`. */
  open(purpose: string, context: readonly Part[], sealed: Uint8Array): Uint8Array<ArrayBuffer> {
    if (sealed.length < SEAL_BYTES)
      throw new OperatorError(
        "damaged",
        "A sealed secret is too short; restore the node's folder from a backup.",
      );
    const body = sealed.length - TAG_BYTES;
    const decipher = createDecipheriv(SUITE, this.key(purpose), sealed.subarray(0, NONCE_BYTES));
    decipher.setAAD(encodeParts("vault/context", NO_SESSION, context));
    decipher.setAuthTag(sealed.subarray(body));
    const secret = decipher.update(sealed.subarray(NONCE_BYTES, body));
    try {
      decipher.final();
    } catch {
      secret.fill(0);
      throw new OperatorError(
        "damaged",
        "A sealed secret does not open: it was changed, or sealed under another key. Restore the node's folder from one backup.",
      );
    }
    return new Uint8Array(secret);
  }

  /** Overwrites all keys; whoever uses the vault afterwards is refused. */
  wipe(): void {
    this.#isWiped = true;
    for (const key of [this.#root, ...this.#keys.values()]) key.fill(0);
  }

  /** The key for one purpose, 32 bytes. It never leaves this process. */
  key(purpose: string): Uint8Array {
    if (this.#isWiped) throw new Error("the vault's keys are gone");
    let key = this.#keys.get(purpose);
    if (key === undefined) {
      key = new Uint8Array(hkdfSync("sha256", this.#root, "", `halfroom/v1/vault/${purpose}`, KEY_BYTES));
      this.#keys.set(purpose, key);
    }
    return key;
  }
}
