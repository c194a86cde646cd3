// Secrets at rest: sealed by AES-256-GCM (NIST SP 800-38D) under keys that HKDF-SHA256 (RFC 5869) derives from the node's
// private key, one for each purpose. Whoever copies the database without the key file reads none of them.
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from "node:crypto";
import { encodeParts, type Part } from "@halfroom/crypto";
import { OperatorError } from "../errors.ts";

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SUITE = "aes-256-gcm";
const NO_SESSION = new Uint8Array(0);

/** A sealed secret is longer than the secret by nonce and tag. */
const SEAL_BYTES = NONCE_BYTES + TAG_BYTES;

export class Vault {
  readonly #root: Uint8Array;
  readonly #keys = new Map<string, Uint8Array>();

  private constructor(root: Uint8Array) {
    this.#root = root;
  }

  /** The vault of the node whose identity is this private key. */
  static of(privateKey: KeyObject): Vault {
    return new Vault(privateKey.export({ format: "der", type: "pkcs8" }));
  }

  /** The vault whose keys come from `secret`: for what is forgotten with it. */
  static ofSecret(secret: Uint8Array): Vault {
    return new Vault(secret);
  }

  /** Nonce, ciphertext, tag. It opens only under the same purpose and context. */
  seal(purpose: string, context: readonly Part[], secret: Uint8Array): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(SUITE, this.key(purpose), nonce);
    cipher.setAAD(encodeParts("vault/context", NO_SESSION, context));
    const body = cipher.update(secret);
    cipher.final();
    return Buffer.concat([nonce, body, cipher.getAuthTag()]);
  }

  /** Errors: `OperatorError`. */
  open(purpose: string, context: readonly Part[], sealed: Uint8Array): Uint8Array<ArrayBuffer> {
    if (sealed.length < SEAL_BYTES) throw new OperatorError("damaged", "a sealed secret is too short");
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
        "a sealed secret does not open: it was changed, or the node's key is another one",
      );
    }
    return new Uint8Array(secret);
  }

  /** HMAC-SHA256 of `bytes` under the key of `purpose`: a name that only this node can make. */
  tag(purpose: string, bytes: Uint8Array): Uint8Array {
    return createHmac("sha256", this.key(purpose)).update(bytes).digest();
  }

  /** The key of one purpose, 32 bytes. It stays in this process. */
  key(purpose: string): Uint8Array {
    let key = this.#keys.get(purpose);
    if (key === undefined) {
      key = new Uint8Array(hkdfSync("sha256", this.#root, "", `halfroom/v1/vault/${purpose}`, KEY_BYTES));
      this.#keys.set(purpose, key);
    }
    return key;
  }
}
